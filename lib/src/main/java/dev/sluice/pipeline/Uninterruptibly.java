package dev.sluice.pipeline;

import java.util.concurrent.CountDownLatch;

/** Waits that an interrupt does not end; the flag is kept. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    private interface Wait {
        void once() throws InterruptedException;
    }

    static void await(CountDownLatch latch) {
        wait(latch::await);
    }

    static void join(Thread thread) {
        wait(thread::join);
    }

    private static void wait(Wait wait) {
        boolean interrupted = false;
        while (true) {
            try {
                wait.once();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
