package dev.sluice.pipeline;

import dev.sluice.internal.SureLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets others interrupt a worker while it runs the user's code for the stage, and not after. An interrupt is only a
 * hint to that code: the library's own waits are ended by the state of what they wait for.
 */
final class Interrupts {
    private final SureLock lock = new SureLock();
    // Guarded by lock, held while interrupting: after leave() no interrupt is on its way.
    private @Nullable Thread worker;
    /** What it works on, where that matters. */
    private @Nullable Object current;
    /** An interrupt that came while the worker's thread did something else. */
    private boolean owed;

    private boolean suspended;

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

    /** The thread that may be interrupted now. */
    @Nullable
    Thread worker() {
        lock.lock();
        try {
            return worker;
        } finally {
            lock.unlock();
        }
    }

    void interrupt() {
        lock.lock();
        try {
            if (worker != null) {
                worker.interrupt();
            }
            owed |= suspended;
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts the worker if it still works on this. */
    void interrupt(Object work) {
        lock.lock();
        try {
            if (current == work) {
                interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The worker begins with this, or is done when it is null; interrupts that were meant for what was before are over. */
    void work(@Nullable Object work) {
        lock.lock();
        try {
            current = work;
        } finally {
            lock.unlock();
        }
        Thread.interrupted();
    }

    /** The calling thread does something else for a while, on the same stack: interrupts are kept for later. */
    void suspend() {
        lock.lock();
        try {
            worker = null;
            suspended = true;
            owed = Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** Ends what {@link #suspend} has begun. */
    void resume() {
        lock.lock();
        try {
            worker = Thread.currentThread();
            suspended = false;
            if (owed) {
                worker.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
