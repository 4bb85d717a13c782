package dev.sluice.pipeline;

import dev.sluice.pipeline.LinkQueue.QueueFailure;
import dev.sluice.pipeline.Meter.Count;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A link with a queue of the user's choice.
 *
 * <p>{@code lock} guards everything here, the queue included, which is used only without waiting. So a wait ends for
 * one of these reasons, and each of them wakes it: a putter waits on {@code notFull} while the link is OPEN and full, and
 * a take wakes one; a taker waits on {@code notEmpty} while the link is OPEN and empty, and a put wakes one; a change of
 * the state wakes all.
 */
final class QueueLink extends Link {
    // How long a taker trusts a queue that has elements but gives none, such as a DelayQueue.
    private static final long HELD_BACK_NANOS = 1_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notFull = lock.newCondition();
    private final Condition notEmpty = lock.newCondition();
    private final LinkQueue queue;
    private final Breakdown breakdown;
    private State state = State.OPEN;
    private long taken;

    /**
     * Is told when the queue itself fails, without the lock. It records the failure and then aborts this link: who is
     * woken finds the failure there.
     */
    interface Breakdown {
        void report(Throwable cause);
    }

    QueueLink(LinkQueue queue, String stage, Breakdown breakdown) {
        super(stage);
        this.queue = queue;
        this.breakdown = breakdown;
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
        breakdown.report(broken.cause());
        return false;
    }

    private boolean offer(Object item, Meter meter) throws QueueFailure {
        while (state == State.OPEN) {
            if (queue.offer(item)) {
                meter.add(Count.OUT, 1);
                notEmpty.signal();
                return true;
            }
            meter.waits(Count.BLOCKED_NANOS);
            notFull.awaitUninterruptibly();
            meter.goesOn();
        }
        return false;
    }

    @Override
    boolean take(Claim claim, Meter meter, long deadline) {
        QueueFailure broken;
        lock.lock();
        try {
            while (true) {
                boolean taken = poll(claim, meter);
                if (taken || isOver() || !sleep(meter, deadline)) {
                    return taken;
                }
            }
        } catch (QueueFailure e) {
            broken = e;
        } finally {
            lock.unlock();
        }
        breakdown.report(broken.cause());
        return false;
    }

    @Override
    boolean awaitItem(Meter meter) throws InterruptedException {
        lock.lock();
        try {
            while ((queue.size() == 0 || state == State.ABORTED) && !isOver()) {
                meter.waits(Count.STARVED_NANOS);
                try {
                    notEmpty.await();
                } finally {
                    meter.goesOn();
                }
            }
            return state != State.ABORTED && queue.size() > 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean hasEnded() {
        lock.lock();
        try {
            return state == State.ENDED && queue.size() == 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void close(State end) {
        lock.lock();
        try {
            if (state == State.OPEN || end == State.ABORTED) {
                state = end;
                notFull.signalAll();
                notEmpty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    List<Object> removeAll() {
        lock.lock();
        try {
            return queue.size() == 0 ? List.of() : queue.drain();
        } finally {
            lock.unlock();
        }
    }

    @Override
    int capacity() {
        return queue.capacity();
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

    private boolean isOver() {
        return state == State.ABORTED || (state != State.OPEN && queue.size() == 0);
    }

    private boolean poll(Claim claim, Meter meter) throws QueueFailure {
        Object item = state == State.ABORTED ? null : queue.poll();
        if (item == null) {
            return false;
        }
        meter.took();
        notFull.signal();
        claim.set(taken, item);
        taken++;
        return true;
    }

    // The caller loops.
    @SuppressWarnings("WaitNotInLoop")
    private boolean sleep(Meter meter, long deadline) {
        long nanos = deadline == NEVER ? NEVER : deadline - System.nanoTime();
        if (nanos <= 0) {
            return false;
        }
        meter.waits(Count.STARVED_NANOS);
        try {
            notEmpty.awaitNanos(queue.size() > 0 ? Math.min(nanos, HELD_BACK_NANOS) : nanos);
        } catch (InterruptedException e) {
            return true;
        } finally {
            meter.goesOn();
        }
        return true;
    }
}
