package dev.sluice.pipeline;

import dev.sluice.internal.Lending;
import dev.sluice.internal.Lending.Wait;
import java.util.concurrent.CountDownLatch;

/** Waits that an interrupt does not end; the flag is kept. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    static void await(CountDownLatch latch) {
        wait(latch::await);
    }

    static void join(Thread thread) {
        wait(thread::join);
    }

    /** In a task of a pool, its worker is lent to the pool meanwhile. */
    static void lending(Wait wait) {
        wait(() -> Lending.during(wait));
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
