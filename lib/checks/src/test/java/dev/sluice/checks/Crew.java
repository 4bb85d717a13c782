package dev.sluice.checks;

import org.jspecify.annotations.Nullable;

/**
 * The threads of one schedule that Lincheck runs. It reports a thread that waits for ever as a deadlock, but not what a thread
 * throws: {@link #join} does.
 */
public final class Crew {
    private Crew() {}

    /** What a thread does; one that the body interrupts ends. */
    public interface Work {
        void run() throws InterruptedException;
    }

    private static final class Member extends Thread {
        private final Work work;
        private @Nullable Throwable thrown;
        private volatile boolean interrupted;

        Member(Work work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                work.run();
            } catch (InterruptedException e) {
                thrown = interrupted ? null : e;
            } catch (Throwable e) {
                thrown = e;
            }
        }

        @Override
        public void interrupt() {
            interrupted = true;
            super.interrupt();
        }
    }

    public static Thread start(Work work) {
        Thread thread = new Member(work);
        thread.start();
        return thread;
    }

    /** Waits for the threads; fails if one of them has. */
    public static void join(Thread... threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
                if (thread instanceof Member member && member.thrown != null) {
                    throw new AssertionError(member.thrown);
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
