package dev.sluice.internal;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.Condition;

/**
 * A lock with conditions, of which neither the lock nor {@code signal} needs memory. That of JDK 17 makes the head of its
 * queue when it is first needed, which may be in the middle of a signal: without memory the sleeper is then lost, and
 * spins for ever. Here the head is made with the lock. Not reentrant.
 */
public final class SureMonitor extends AbstractQueuedSynchronizer {
    private static final long serialVersionUID = 1;

    /** False at first: then nobody gets it, and who asks lines up, for which the head is made. */
    private boolean made;

    /** Makes a lock that nobody holds. */
    public SureMonitor() {
        boolean interrupted = Thread.interrupted();
        try {
            made = !tryAcquireNanos(1, 1);
        } catch (InterruptedException e) {
            interrupted = true;
            made = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes the lock; waits for it. */
    public void lock() {
        try {
            acquire(1);
        } catch (OutOfMemoryError e) {
            while (!tryAcquire(1)) {
                Thread.yield();
            }
        }
    }

    /**
     * Takes the lock; an interrupt ends the wait.
     *
     * @throws InterruptedException when the thread is interrupted
     */
    public void lockInterruptibly() throws InterruptedException {
        acquireInterruptibly(1);
    }

    /** Releases the lock, which the calling thread holds. */
    public void unlock() {
        release(1);
    }

    /** Makes a condition of this lock. */
    public Condition newCondition() {
        return new ConditionObject();
    }

    @Override
    protected boolean tryAcquire(int one) {
        if (!made || !compareAndSetState(0, one)) {
            return false;
        }
        setExclusiveOwnerThread(Thread.currentThread());
        return true;
    }

    @Override
    protected boolean tryRelease(int one) {
        setExclusiveOwnerThread(null);
        setState(0);
        return true;
    }

    @Override
    protected boolean isHeldExclusively() {
        return getExclusiveOwnerThread() == Thread.currentThread();
    }
}
