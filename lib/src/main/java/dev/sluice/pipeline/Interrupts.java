package dev.sluice.pipeline;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets others interrupt a worker while it runs the user's code for the stage, and not after. An interrupt is only a
 * hint to that code: the library's own waits are ended by the state of what they wait for.
 */
final class Interrupts {
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock, held while interrupting: after leave() no interrupt is on its way.
    private @Nullable Thread worker;

    /** The calling thread may be interrupted from here on. */
    void enter() {
        lock.lock();
        try {
            worker = Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    /** The calling thread is not interrupted any more, and what interrupt there was is taken off it. */
    void leave() {
        lock.lock();
        try {
            worker = null;
        } finally {
            lock.unlock();
        }
        Thread.interrupted();
    }

    void interrupt() {
        lock.lock();
        try {
            if (worker != null) {
                worker.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
