package dev.sluice.gate;

import java.util.concurrent.locks.ReentrantLock;

/** A lock that can be had without memory. That of JDK 17 needs some to wait, and throws when there is none. */
final class SureLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

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
