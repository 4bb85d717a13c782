package dev.sluice.examples.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that is being written under a name of its own until it is whole.
 *
 * <p>Thread-safe for different files; one file is one thread's. Files that are neither finished nor discarded when the
 * virtual machine shuts down are removed.
 */
public final class Unfinished {
    /*
     * One lock guards the two static fields. The hook and finish() both take it: either all the files of one
     * finish() get their names or, when the hook was first, none does. Files are moved with it held; that is a
     * rename in one folder and does not wait for anybody.
     */
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Set<Path> WRITTEN = new HashSet<>();
    private static boolean shutDown;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Unfinished::removeAll, "remove-unfinished"));
    }

    private final Path target;
    private final Path written;

    private Unfinished(Path target, Path written) {
        this.target = target;
        this.written = written;
    }

    /** Creates an empty file beside {@code target}. */
    public static Unfinished beside(Path target) throws IOException {
        String name = "." + target.getFileName() + "." + UUID.randomUUID() + ".part";
        Path written = target.resolveSibling(name.length() <= 200 ? name : "." + UUID.randomUUID() + ".part");
        LOCK.lock();
        try {
            if (shutDown) {
                throw new IOException("the program is being stopped");
            }
            // Not createTempFile, which makes the file private: a result gets the permissions that any new file gets.
            Files.createFile(written);
            WRITTEN.add(written);
        } finally {
            LOCK.unlock();
        }
        return new Unfinished(target, written);
    }

    /** Where to write. */
    public Path path() {
        return written;
    }

    /** Gives the files their names: all of them, or none when the program is being stopped. */
    public static void finish(List<Unfinished> files) throws IOException {
        LOCK.lock();
        try {
            if (shutDown) {
                throw new IOException("the program is being stopped");
            }
            for (Unfinished file : files) {
                file.keepPermissions();
                Files.move(
                        file.written, file.target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                WRITTEN.remove(file.written);
            }
        } finally {
            LOCK.unlock();
        }
    }

    /** Removes the file; does nothing when it is finished or gone. */
    public void discard() throws IOException {
        LOCK.lock();
        try {
            if (WRITTEN.remove(written)) {
                Files.deleteIfExists(written);
            }
        } finally {
            LOCK.unlock();
        }
    }

    private void keepPermissions() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        if (view != null && Files.exists(target)) {
            Files.setPosixFilePermissions(written, view.readAttributes().permissions());
        }
    }

    private static void removeAll() {
        LOCK.lock();
        try {
            shutDown = true;
            for (Path path : WRITTEN) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.err.println("could not remove an unfinished file: " + e.getMessage());
        } finally {
            LOCK.unlock();
        }
    }
}
