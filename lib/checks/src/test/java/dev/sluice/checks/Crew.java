package dev.sluice.checks;

/** The threads of one schedule that Lincheck runs. It reports a thread that waits for ever as a deadlock. */
final class Crew {
    private Crew() {}

    /** What a thread does; one that is interrupted ends. */
    interface Work {
        void run() throws InterruptedException;
    }

    static Thread start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (InterruptedException e) {
                // Meant to end the thread.
            }
        });
        thread.start();
        return thread;
    }

    static void join(Thread... threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
