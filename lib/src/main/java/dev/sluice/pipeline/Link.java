package dev.sluice.pipeline;

import dev.sluice.pipeline.LinkQueue.QueueFailure;
import dev.sluice.pipeline.Meter.Count;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Joins two stages: a queue, and beside it the state that says whether more will come.
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
 * <p>OPEN becomes ENDED or FAILED once, after the last put; both are drained before takers see them. Any state becomes
 * ABORTED: what is in the queue is discarded, and everybody leaves. Interrupts play no part, but for a reader that
 * asks.
 */
final class Link implements Downstream {
    static final long NEVER = Long.MAX_VALUE;

    // How long a taker trusts a queue that has elements but gives none, such as a DelayQueue.
    private static final long HELD_BACK_NANOS = 1_000_000;

    private enum State {
        OPEN,
        ENDED,
        FAILED,
        ABORTED
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notFull = lock.newCondition();
    private final Condition notEmpty = lock.newCondition();
    private final LinkQueue queue;
    private final String stage;
    private final Breakdown breakdown;
    private State state = State.OPEN;
    private long taken;
    private long discarded;

    /**
     * Is told when the queue itself fails, without the lock. It records the failure and then aborts this link: who is
     * woken finds the failure there.
     */
    interface Breakdown {
        void report(Throwable cause);
    }

    Link(LinkQueue queue, String stage, Breakdown breakdown) {
        this.queue = queue;
        this.stage = stage;
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

    /** Takes the next item, or gives null when the link has no more. */
    @Nullable
    Claim take(Meter meter) {
        return take(meter, NEVER);
    }

    /**
     * Takes the next item, or gives null when the link has no more or {@code System.nanoTime()} passes {@code
     * deadline}. A stray interrupt is swallowed: one that has a meaning comes with an abort.
     */
    @Nullable
    Claim take(Meter meter, long deadline) {
        QueueFailure broken;
        lock.lock();
        try {
            while (true) {
                Claim claim = poll(meter);
                if (claim != null || isOver() || !sleep(meter, deadline)) {
                    return claim;
                }
            }
        } catch (QueueFailure e) {
            broken = e;
        } finally {
            lock.unlock();
        }
        breakdown.report(broken.cause());
        return null;
    }

    /** Waits until there is an item to take; false when the link has no more. */
    boolean awaitItem(Meter meter) throws InterruptedException {
        lock.lock();
        try {
            while (queue.size() == 0 && !isOver()) {
                meter.waits(Count.STARVED_NANOS);
                try {
                    notEmpty.await();
                } finally {
                    meter.goesOn();
                }
            }
            return queue.size() > 0;
        } finally {
            lock.unlock();
        }
    }

    /** No more items, and there were none lost: everything that was put has been taken. */
    boolean hasEnded() {
        lock.lock();
        try {
            return state == State.ENDED && queue.size() == 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end() {
        close(State.ENDED);
    }

    @Override
    public void fail() {
        close(State.FAILED);
    }

    private void close(State end) {
        lock.lock();
        try {
            if (state == State.OPEN) {
                state = end;
                notEmpty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Frees everybody who waits here, for good, and gives what was in the queue. */
    List<Object> abort() {
        lock.lock();
        try {
            state = State.ABORTED;
            notFull.signalAll();
            notEmpty.signalAll();
            discarded += queue.size();
            return queue.size() == 0 ? List.of() : queue.drain();
        } finally {
            lock.unlock();
        }
    }

    /** The consumer of this link. */
    String stage() {
        return stage;
    }

    int capacity() {
        return queue.capacity();
    }

    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    long discarded() {
        lock.lock();
        try {
            return discarded;
        } finally {
            lock.unlock();
        }
    }

    private boolean isOver() {
        return state == State.ABORTED || (state != State.OPEN && queue.size() == 0);
    }

    private @Nullable Claim poll(Meter meter) throws QueueFailure {
        Object item = queue.poll();
        if (item == null) {
            return null;
        }
        meter.took();
        notFull.signal();
        return new Claim(taken++, item);
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
