package dev.sluice.internal;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/**
 * Threads that sleep until there is something for them, and how one of them is called: at most one at a time is on its way,
 * so that a burst of changes costs one wake-up.
 *
 * <p><b>Protocol.</b> Who makes a change publishes it and then calls {@link #callOne}. A sleeper says that it wants to be
 * called, and then looks for the change a last time; a full fence stands between the two steps on both sides. So either
 * the sleeper sees the change, or the other sees {@code wanted}, or {@code wanted} is false because somebody who was
 * called is on his way. Every sleeper that leaves, whatever the reason, sets {@code wanted} again for those that still
 * sleep; after that, once it has taken what it wanted, or has given up, it must look whether there is more, and if so
 * call {@code callOne} itself. So a change that came while nobody could be called is passed on by who was on his way.
 */
public final class Sleepers {
    /** Guards {@code asleep}; held for moments, never with another lock. */
    private final SureLock lock = new SureLock();

    private final Condition called = lock.newCondition();
    private int asleep;
    /** Somebody sleeps and nobody is on his way. Written under the lock. */
    private volatile boolean wanted;

    /** Makes a place where nobody sleeps. */
    public Sleepers() {}

    /** Wakes one sleeper if none is on its way; the caller has published what there is to see. */
    public void callOne() {
        storeLoadFence();
        if (wanted) {
            wakeOne();
        }
    }

    /**
     * As {@link #callOne}, without the fence: for who has made the change under a lock that a sleeper takes for its look.
     * Without such a lock a sleeper that looks for the last time at this very moment may see nothing, and not be called; it
     * has to look again by itself.
     */
    public void callOneUnfenced() {
        if (wanted) {
            wakeOne();
        }
    }

    /** Whether a call would wake somebody; a moment ago. */
    public boolean areWanted() {
        return wanted;
    }

    /** As {@link #callOne}, for several changes at once: those that are woken pass it on. */
    public void callAll() {
        lock.lock();
        try {
            called.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sleeps until {@code ready}, which is asked before every sleep, under this object's lock; so it must be quick and
     * take no lock that is held by who calls here.
     *
     * @param nanos how long at most; {@code Long.MAX_VALUE} for ever
     * @return the time that is left, at least 1, or 0 or less when it has passed and nothing was ready
     * @throws InterruptedException if the thread is interrupted before or while it sleeps
     */
    public long sleep(BooleanSupplier ready, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            asleep++;
            wanted = true;
            storeLoadFence();
            long left = nanos;
            while (!ready.getAsBoolean()) {
                if (left <= 0) {
                    return left;
                }
                left = await(left);
                wanted = true; // it was called, or the time is up; in case that it sleeps again
                storeLoadFence();
            }
            return Math.max(1, left);
        } finally {
            asleep--;
            wanted = asleep > 0;
            storeLoadFence();
            lock.unlock();
        }
    }

    // The caller loops.
    @SuppressWarnings("WaitNotInLoop")
    private long await(long nanos) throws InterruptedException {
        if (nanos == Long.MAX_VALUE) {
            called.await();
            return nanos;
        }
        return called.awaitNanos(nanos);
    }

    private void wakeOne() {
        lock.lock();
        try {
            if (wanted) {
                wanted = false;
                called.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Between what was published and the look whether somebody sleeps; between that somebody sleeps and his last look. */
    private static void storeLoadFence() {
        VarHandle.fullFence();
    }
}
