package dev.sluice.pool;

import java.util.concurrent.CountDownLatch;

/** Work that ignores interrupts. */
final class Uninterruptibly {
    private Uninterruptibly() {}

    static void await(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
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
