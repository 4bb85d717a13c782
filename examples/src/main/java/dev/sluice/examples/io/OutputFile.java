package dev.sluice.examples.io;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that a command was asked to write.
 *
 * <p>A new file, or a regular one that is there already, is written beside its name and gets it in {@link #finish}; a
 * link to one is followed. Anything else (a device, a FIFO, {@code /dev/stdout}) is written to as it stands. {@code -}
 * is the standard output.
 */
public final class OutputFile implements Closeable {
    private static final Set<String> STANDARD_OUTPUT = Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");
    private static final Set<String> STANDARD_ERROR = Set.of("/dev/stderr", "/dev/fd/2", "/proc/self/fd/2");

    private final String name;
    private final OutputStream stream;
    private final @Nullable Unfinished unfinished;

    private OutputFile(String name, OutputStream stream, @Nullable Unfinished unfinished) {
        this.name = name;
        this.stream = stream;
        this.unfinished = unfinished;
    }

    /** Whether {@code name} is this program's standard output. */
    public static boolean isStandardOutput(String name) {
        return STANDARD_OUTPUT.contains(name);
    }

    /** Whether {@code name} will be made or replaced by {@link #finish}, not written to as it stands. */
    public static boolean isReplaced(String name) {
        if (isStandardOutput(name) || name.startsWith("/dev/") || name.startsWith("/proc/")) {
            return false;
        }
        Path path = FileName.path(name);
        return Files.isRegularFile(path) || !Files.exists(path);
    }

    /**
     * Opens {@code name} for writing.
     *
     * @throws CommandFailure when it cannot be written
     */
    public static OutputFile open(String name) {
        try {
            if (isStandardOutput(name)) {
                return new OutputFile(name, shared(FileDescriptor.out), null);
            }
            if (STANDARD_ERROR.contains(name)) {
                return new OutputFile(name, shared(FileDescriptor.err), null);
            }
            if (!isReplaced(name)) {
                return new OutputFile(name, Files.newOutputStream(FileName.path(name), StandardOpenOption.WRITE), null);
            }
            Path target = target(FileName.path(name));
            Unfinished unfinished = Unfinished.beside(target);
            return new OutputFile(name, Files.newOutputStream(unfinished.path()), unfinished);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + name, e);
        }
    }

    /**
     * A standard stream as this program got it: opening its name anew would begin at the start of a file that somebody
     * appends to. It stays open when the output is closed, because others write to it as well.
     */
    private static OutputStream shared(FileDescriptor standard) {
        return new FilterOutputStream(new FileOutputStream(standard)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    private static Path target(Path path) throws IOException {
        if (Files.exists(path)) {
            if (!Files.isWritable(path)) {
                throw new IOException("permission denied");
            }
            return path.toRealPath();
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is a link that leads nowhere");
        }
        if (path.getFileName() == null || path.toString().isEmpty()) {
            throw new IOException("it is no file name");
        }
        return path.toAbsolutePath();
    }

    /** The name that the command was given. */
    public String name() {
        return name;
    }

    /** Where to write; what is written appears under the name in {@link #finish}. */
    public OutputStream stream() {
        return stream;
    }

    /** Gives the files their names, once their streams have been closed: all of them or, at a shutdown, none. */
    public static void finish(List<OutputFile> files) throws IOException {
        List<Unfinished> whole = new ArrayList<>();
        for (OutputFile file : files) {
            if (file.unfinished != null) {
                whole.add(file.unfinished);
            }
        }
        Unfinished.finish(whole);
    }

    /** Closes the stream, and removes what has been written unless it is finished. */
    @Override
    public void close() throws IOException {
        try {
            stream.close();
        } finally {
            if (unfinished != null) {
                unfinished.discard();
            }
        }
    }
}
