package dev.sluice.examples.checksum;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ExecutionException;

/** The work itself: sums by several workers, printed in the order of the files. */
final class Checksums {
    /** How many files may be in work or done before the first of them is printed. */
    private static final int LOOK_AHEAD = 256;

    private final OutputStream out;
    private final PrintStream errors;
    private boolean complete = true;

    Checksums(OutputStream out, PrintStream errors) {
        this.out = out;
        this.errors = errors;
    }

    private record Pending(FoundFile file, TaskHandle<String> sum) {}

    /** Prints a line for each file that can be read; false when one could not be. */
    boolean print(Iterator<FoundFile> files, int workers) throws IOException, InterruptedException {
        try (WorkerPool pool = WorkerPool.builder()
                .name("checksum")
                .workers(workers)
                .queueCapacity(LOOK_AHEAD)
                .daemon(true)
                .build()) {
            Queue<Pending> window = new ArrayDeque<>();
            while (files.hasNext()) {
                FoundFile file = files.next();
                window.add(new Pending(file, pool.submit(() -> sum(file.path()))));
                if (window.size() == LOOK_AHEAD) {
                    print(window.remove());
                }
            }
            while (!window.isEmpty()) {
                print(window.remove());
            }
        }
        out.flush();
        return complete;
    }

    /** Says that {@code name} is left out. */
    void leftOut(String name, IOException why) {
        complete = false;
        errors.println("checksum: " + name + ": " + CommandFailure.reason(why));
    }

    private void print(Pending pending) throws IOException, InterruptedException {
        if (!pending.sum().isDone()) {
            out.flush();
        }
        try {
            out.write(pending.file().line(pending.sum().get()));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof IOException)) {
                throw new IllegalStateException("checksum of " + pending.file(), e.getCause());
            }
            leftOut(pending.file().toString(), (IOException) e.getCause());
        }
    }

    private static String sum(Path path) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(path)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
