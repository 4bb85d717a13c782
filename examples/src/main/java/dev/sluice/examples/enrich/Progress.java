package dev.sluice.examples.enrich;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Whether to show how far the reading is. */
enum Progress {
    SHOWN {
        @Override
        Bar bar(String task, long bytes) {
            ProgressBar bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(bytes)
                    .setUnit(" KiB", 1 << 10)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(200)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
            return new Bar() {
                @Override
                public void at(long bytesRead) {
                    bar.stepTo(bytesRead);
                }

                @Override
                public void close() {
                    bar.close();
                }
            };
        }
    },
    HIDDEN {
        @Override
        Bar bar(String task, long bytes) {
            return new Bar() {
                @Override
                public void at(long bytesRead) {}

                @Override
                public void close() {}
            };
        }
    };

    /** A bar that is on the screen, or none. */
    interface Bar extends AutoCloseable {
        /** The number of bytes that have been read. */
        void at(long bytesRead);

        @Override
        void close();
    }

    /** A bar for {@code bytes} bytes, or for a number that nobody knows when it is negative. */
    abstract Bar bar(String task, long bytes);

    /** Shown when somebody looks: when the standard error is a terminal. */
    static Progress whenWatched() {
        return errorIsTerminal() ? SHOWN : HIDDEN;
    }

    private static boolean errorIsTerminal() {
        Path error = Path.of("/proc/self/fd/2");
        if (!Files.isSymbolicLink(error)) {
            return System.console() != null;
        }
        try {
            String device = Files.readSymbolicLink(error).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
