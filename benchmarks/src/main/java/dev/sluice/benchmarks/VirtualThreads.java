package dev.sluice.benchmarks;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What JDK 21 brought, for code that compiles on JDK 17. */
final class VirtualThreads {
    private VirtualThreads() {}

    /** An executor that starts a virtual thread for each task; throws on a JDK that has none. */
    static ExecutorService executor() {
        require();
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static void require() {
        if (Runtime.version().feature() < 21) {
            throw new UnsupportedOperationException("left out: virtual threads need JDK 21");
        }
    }
}
