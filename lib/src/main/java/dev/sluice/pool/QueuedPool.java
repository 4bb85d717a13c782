package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Check;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** The variant with workers and a bounded queue: who gets in, and what becomes of the others. */
final class QueuedPool extends BasePool {
    private final int capacity;
    private final Workers workers;
    private final Condition room = lock.newCondition();

    QueuedPool(String name, int workers, int capacity, OnFull onFull, ThreadFactory factory) {
        super(name, onFull);
        this.capacity = capacity;
        this.workers = new Workers(this, workers, factory);
    }

    // ---- admission -----------------------------------------------------------------------------------

    @Override
    void admit(Task<?> task) {
        if (tryAdmit(task)) {
            return;
        }
        switch (onFull) {
            case BLOCK -> admitBlocking(task);
            case REJECT -> throw refusal("its queue of " + capacity + " is full", null);
            case CALLER_RUNS -> runHere(task, true);
            case DROP_NEWEST -> dropNewest(task, "its queue of " + capacity + " is full");
            case DROP_OLDEST -> admitDroppingOldest(task);
        }
    }

    private boolean tryAdmit(Task<?> task) {
        boolean start;
        lock.lock();
        try {
            requireOpen();
            if (queue.size() >= capacity) {
                return false;
            }
            start = enqueueUnlessCancelled(task);
        } finally {
            lock.unlock();
        }
        if (start) {
            workers.start(task);
        }
        return true;
    }

    /** The lock is held; returns whether a thread has to be started. A group may cancel a task on its way in. */
    private boolean enqueueUnlessCancelled(Task<?> task) {
        if (!task.isWaiting()) {
            accounts.cancelNew();
            return false;
        }
        accounts.submitted++;
        queue.add(task);
        return workers.wake();
    }

    @Override
    boolean tryAdmit(Task<?> task, long timeout) throws InterruptedException {
        return timeout == 0 ? tryAdmit(task) : awaitRoom(task, timeout);
    }

    /**
     * Each task that leaves the queue signals one waiter. A signal is not lost: a waiter that is signalled and at the same
     * time interrupted or out of time looks for room before it leaves, and one that leaves because its task was cancelled
     * or the pool shut down leaves with all the others awake.
     */
    private boolean awaitRoom(Task<?> task, long timeout) throws InterruptedException {
        boolean start;
        long nanos = timeout;
        lock.lockInterruptibly();
        try {
            accounts.waiting++;
            requireOpen();
            while (queue.size() >= capacity && task.isWaiting()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = room.awaitNanos(nanos);
                requireOpen();
            }
            start = enqueueUnlessCancelled(task);
        } finally {
            accounts.waiting--;
            lock.unlock();
        }
        if (start) {
            workers.start(task);
        }
        return true;
    }

    private void admitDroppingOldest(Task<?> task) {
        Task<?> oldest = null;
        boolean start;
        lock.lock();
        try {
            requireOpen();
            if (queue.size() >= capacity && task.isWaiting()) {
                oldest = queue.take();
                oldest.moveTo(Task.Phase.DROPPED);
                accounts.dropped++;
            }
            start = enqueueUnlessCancelled(task);
        } finally {
            lock.unlock();
        }
        if (oldest != null) {
            oldest.publishDropped(rejection("a newer one took its place in the full queue", null));
        }
        if (start) {
            workers.start(task);
        }
    }

    // ---- ways out of the queue, with the lock held but for claim ------------------------------------

    /** The oldest task, begun by a worker. */
    Task<?> take() {
        Task<?> task = queue.take();
        task.holdsSlot = true;
        begin(task);
        return task;
    }

    @Override
    boolean claim(Task<?> task) {
        lock.lock();
        try {
            if (!queue.remove(task)) {
                return false;
            }
            begin(task);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void begin(Task<?> task) {
        task.moveTo(Task.Phase.RUNNING);
        begun(task);
        roomMade();
    }

    /**
     * A task that has to go because no thread can be started: {@code own}, which is then counted as rejected, or the
     * oldest, which is then begun, so that it can be failed; null when the queue is empty.
     */
    @Nullable
    Task<?> takeUnrunnable(@Nullable Task<?> own) {
        if (own != null && queue.remove(own)) {
            own.moveTo(Task.Phase.DROPPED);
            accounts.rejected++;
            roomMade();
            return own;
        }
        Task<?> oldest = queue.poll();
        if (oldest != null) {
            begin(oldest);
        }
        return oldest;
    }

    // ---- the rest ------------------------------------------------------------------------------------

    @Override
    <T, X extends Exception> T lend(Task<?> holder, Gate.Work<T, X> work) throws X {
        return workers.lend(work);
    }

    @Override
    void release(Task<?> task) {
        // The worker keeps its slot until it comes back for the next task.
    }

    @Override
    void roomMade() {
        if (accounts.waiting > 0 && queue.size() < capacity) {
            room.signal();
        }
    }

    @Override
    void wakeAll() {
        room.signalAll();
        workers.wakeAll();
    }

    @Override
    void wakeSubmitters() {
        // They all wait for the lock's condition.
    }

    @Override
    int threads() {
        return workers.live();
    }

    @Override
    int width() {
        return workers.limit();
    }

    @Override
    int queueCapacity() {
        return capacity;
    }

    @Override
    int feedAhead() {
        return 2 * workers.limit();
    }

    @Override
    public void resize(int workers) {
        Check.atLeast("workers", workers, 1);
        lock.lock();
        try {
            this.workers.resize(workers);
        } finally {
            lock.unlock();
        }
        this.workers.startWanted();
    }
}
