package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.internal.SureLock;
import dev.sluice.pipeline.LinkQueue.QueueFailure;
import dev.sluice.pipeline.Meter.Wait;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
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
 * <p>Steps are called at the same moments, after the lock has been released.
 *
 * <p>The state is written without the lock, but before those are woken whom it concerns, which is done with it.
 */
final class LockedLink extends Link {
    // How long a taker trusts a queue that has elements but gives none, such as a DelayQueue.
    private static final long HELD_BACK_NANOS = 1_000_000;

    private final SureLock lock = new SureLock();
    private final Condition notFull = lock.newCondition();
    private final Condition notEmpty = lock.newCondition();
    private final ArrayDeque<Runnable> roomWatchers = new ArrayDeque<>(1);
    private final ArrayDeque<Runnable> itemWatchers = new ArrayDeque<>(1);
    private final LinkQueue queue;
    private long received;
    private long taken;
    /** The queue has elements, but gave none when it was asked last. */
    private boolean heldBack;
    /** It refused an element, and has given none since. */
    private boolean full;

    LockedLink(LinkQueue queue, String stage, Owner owner) {
        super(stage, owner);
        this.queue = queue;
    }

    @Override
    public boolean put(Object item, Meter meter) {
        return put(item, meter, true) == Put.DONE;
    }

    @Override
    public Put tryPut(Object item, Meter meter) {
        return put(item, meter, false);
    }

    private Put put(Object item, Meter meter, boolean waits) {
        Put put;
        Runnable watcher;
        lock.lock();
        try {
            put = offer(item, meter, waits);
            watcher = put == Put.DONE ? itemWatchers.poll() : null;
        } catch (QueueFailure e) {
            put = Put.REFUSED;
            watcher = () -> broken(e.cause());
        } finally {
            lock.unlock();
        }
        call(watcher);
        return put;
    }

    private Put offer(Object item, Meter meter, boolean waits) throws QueueFailure {
        while (state() == State.OPEN) {
            if (queue.offer(item)) {
                heldBack = false;
                received++;
                notEmpty.signal();
                return Put.DONE;
            }
            full = true;
            if (!waits) {
                return Put.FULL;
            }
            meter.waits(Wait.BLOCKED);
            notFull.awaitUninterruptibly();
            meter.goesOn();
        }
        return Put.REFUSED;
    }

    @Override
    public boolean watchRoom(Runnable call) {
        lock.lock();
        try {
            if (state() != State.OPEN || !full) {
                return false;
            }
            roomWatchers.add(call);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void passOnRoom() {
        callNext(roomWatchers);
    }

    private void callNext(ArrayDeque<Runnable> watchers) {
        Runnable watcher;
        lock.lock();
        try {
            watcher = watchers.poll();
        } finally {
            lock.unlock();
        }
        call(watcher);
    }

    private static void call(@Nullable Runnable watcher) {
        if (watcher != null) {
            watcher.run();
        }
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
        Object item;
        Runnable watcher;
        lock.lock();
        try {
            item = pollLocked(meter);
            watcher = item == null ? null : roomWatchers.poll();
        } catch (QueueFailure e) {
            item = null;
            watcher = () -> broken(e.cause());
        } finally {
            lock.unlock();
        }
        call(watcher);
        return item;
    }

    private @Nullable Object pollLocked(Meter meter) throws QueueFailure {
        if (state() == State.ABORTED) {
            return null;
        }
        Object item = queue.poll();
        heldBack = item == null && queue.size() > 0;
        if (item != null) {
            meter.position = taken++;
            full = false;
            notFull.signal();
        }
        return item;
    }

    @Override
    boolean await(Meter meter, long deadline) {
        lock.lock();
        try {
            while (!isOver() && !mayDismiss() && (queue.size() == 0 || heldBack)) {
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
    boolean watchItems(Runnable call) {
        lock.lock();
        try {
            if (isOver() || (queue.size() > 0 && !heldBack)) {
                return false;
            }
            if (!heldBack) {
                itemWatchers.add(call);
                return true;
            }
            heldBack = false;
        } finally {
            lock.unlock();
        }
        Clock.in(HELD_BACK_NANOS, call);
        return true;
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
        wakeAll(notFull, roomWatchers);
    }

    @Override
    void wakeTakers() {
        wakeAll(notEmpty, itemWatchers);
    }

    private void wakeAll(Condition waiters, ArrayDeque<Runnable> watchers) {
        int here;
        lock.lock();
        try {
            waiters.signalAll();
            here = watchers.size();
        } finally {
            lock.unlock();
        }
        // One after the other, for a list of them would take memory. Those that come meanwhile have seen the change.
        for (int i = 0; i < here; i++) {
            callNext(watchers);
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
