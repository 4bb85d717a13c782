package dev.sluice.pipeline;

import dev.sluice.pipeline.LinkQueue.QueueFailure;
import dev.sluice.pipeline.Meter.Wait;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A link whose buffer is a queue of the user's.
 *
 * <p>{@code lock} guards everything here, the queue included, which is used only without waiting. So a wait ends for
 * one of these reasons, and each of them wakes it:
 *
 * <ul>
 *   <li>a putter waits on {@code notFull} while the link is OPEN and full; a take wakes one, an abort wakes all;
 *   <li>a taker waits on {@code notEmpty} while the link is OPEN and empty; a put wakes one; end, failure and abort
 * wake
 *       all.
 * </ul>
 *
 * <p>The state is written without the lock, but before those are woken whom it concerns, which is done with it.
 */
final class LockedLink extends Link {
    // How long a taker trusts a queue that has elements but gives none, such as a DelayQueue.
    private static final long HELD_BACK_NANOS = 1_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notFull = lock.newCondition();
    private final Condition notEmpty = lock.newCondition();
    private final LinkQueue queue;
    private long received;
    private long taken;
    /** The queue has elements, but gave none when it was asked last. */
    private boolean heldBack;

    LockedLink(LinkQueue queue, String stage, Owner owner) {
        super(stage, owner);
        this.queue = queue;
    }

    @Override
    public boolean put(Object item, Meter meter) {
        QueueFailure broken;
        lock.lock();
        try {
            return offer(item, meter);
        } catch (QueueFailure e) {
            broken = e;
        } finally {
            lock.unlock();
        }
        broken(broken.cause());
        return false;
    }

    private boolean offer(Object item, Meter meter) throws QueueFailure {
        while (state() == State.OPEN) {
            if (queue.offer(item)) {
                heldBack = false;
                received++;
                notEmpty.signal();
                return true;
            }
            meter.waits(Wait.BLOCKED);
            notFull.awaitUninterruptibly();
            meter.goesOn();
        }
        return false;
    }

    @Override
    public long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }

    @Override
    @Nullable
    Object poll(Meter meter) {
        QueueFailure broken;
        lock.lock();
        try {
            return pollLocked(meter);
        } catch (QueueFailure e) {
            broken = e;
        } finally {
            lock.unlock();
        }
        broken(broken.cause());
        return null;
    }

    private @Nullable Object pollLocked(Meter meter) throws QueueFailure {
        if (state() == State.ABORTED) {
            return null;
        }
        Object item = queue.poll();
        heldBack = item == null && queue.size() > 0;
        if (item != null) {
            meter.position = taken++;
            notFull.signal();
        }
        return item;
    }

    @Override
    boolean await(Meter meter, long deadline) {
        lock.lock();
        try {
            while (!isOver() && (queue.size() == 0 || heldBack)) {
                long nanos = deadline == NEVER ? NEVER : deadline - System.nanoTime();
                if (nanos <= 0) {
                    return false;
                }
                sleep(meter, nanos);
            }
            return !isOver();
        } finally {
            lock.unlock();
        }
    }

    // The caller loops. A stray interrupt is swallowed: one that has a meaning comes with an abort.
    @SuppressWarnings("WaitNotInLoop")
    private void sleep(Meter meter, long nanos) {
        meter.waits(Wait.STARVED);
        try {
            notEmpty.awaitNanos(heldBack ? Math.min(nanos, HELD_BACK_NANOS) : nanos);
        } catch (InterruptedException e) {
            // The loop looks what there is to do.
        } finally {
            meter.goesOn();
        }
        // To be asked again.
        heldBack = false;
    }

    @Override
    boolean awaitItem(Meter meter) throws InterruptedException {
        lock.lock();
        try {
            while (queue.size() == 0 && !isOver()) {
                meter.waits(Wait.STARVED);
                try {
                    notEmpty.await();
                } finally {
                    meter.goesOn();
                }
            }
            return !isOver();
        } finally {
            lock.unlock();
        }
    }

    @Override
    void takersLeave() {
        // What is left here when they leave was discarded by the abort for which they do.
    }

    @Override
    void puttersLeave() {
        // They put nothing after an abort: the state is asked under the lock.
    }

    @Override
    void discardAtOnce() {
        int size;
        List<Object> rest;
        lock.lock();
        try {
            size = queue.size();
            rest = size == 0 ? List.of() : queue.drain();
        } finally {
            lock.unlock();
        }
        rest.forEach(this::discard);
        lost(size - rest.size());
    }

    @Override
    void wakePutters() {
        wakeAll(notFull);
    }

    @Override
    void wakeTakers() {
        wakeAll(notEmpty);
    }

    private void wakeAll(Condition waiters) {
        lock.lock();
        try {
            waiters.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    int capacity() {
        return queue.capacity();
    }

    @Override
    long taken() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }

    @Override
    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }
}
