package dev.sluice.internal;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that {@link #lock} gets without memory. That of JDK 17 needs some to wait, and throws when there is none. It throws
 * before it has waited, so an interrupt is kept as ever. To wait at a condition takes memory, and so does
 * {@code lockInterruptibly}; and with JDK 17 the first signal of a lock for which nobody has had to wait yet: if there is
 * none, who was to be called is lost. Who cannot have that parks and unparks.
 */
public final class SureLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    /** Makes one that nobody holds. */
    public SureLock() {}

    @Override
    public void lock() {
        try {
            super.lock();
        } catch (OutOfMemoryError e) {
            while (!tryLock()) {
                Thread.yield();
            }
        }
    }
}
