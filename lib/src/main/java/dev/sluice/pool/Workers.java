package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Threads;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The worker threads of a {@link QueuedPool}: who runs, who sleeps, who has lent its slot.
 *
 * <p>All fields are guarded by the pool's lock. A worker's task holds a <em>slot</em> while it runs and does not wait for
 * other tasks: {@code busy} counts the slots taken. It never passes {@code limit}, but after a shrink until the tasks in
 * excess have ended. A worker takes the oldest task when a slot is free that no returning lender ({@code reclaiming})
 * waits for.
 *
 * <p>Wake-ups. A task is left alone in the queue only if there are as many threads on their way to the queue
 * ({@code wakeups + starting}) as tasks in it, or if those, the busy ones and the returning lenders fill the limit. What
 * can break this (a task comes, a slot is lent, the limit grows, a thread fails to start) calls {@link #wake}; a worker
 * that ends a task looks at the queue itself before it sleeps. A sleeper gets up only by taking a {@code wakeup}, so a
 * wake-up is never spent on a thread that was not asleep.
 */
final class Workers {
    private final QueuedPool pool;
    private final ThreadFactory factory;
    private final Condition work;
    private final Condition slot;

    private int limit;
    /** Threads alive or about to be, lenders included. */
    private int live;

    private int starting;
    private int idle;
    private int wakeups;
    private int busy;
    private int lent;
    private int reclaiming;

    Workers(QueuedPool pool, int limit, ThreadFactory factory) {
        this.pool = pool;
        this.limit = limit;
        this.factory = factory;
        this.work = pool.lock.newCondition();
        this.slot = pool.lock.newCondition();
    }

    int limit() {
        return limit;
    }

    int live() {
        return live;
    }

    /**
     * Sees to it that somebody comes for the queue. The lock is held.
     *
     * @return whether the caller has to {@link #start} a thread, which is counted already, once it has left the lock
     */
    boolean wake() {
        int coming = wakeups + starting;
        if (pool.queue.size() <= coming || busy + reclaiming + coming >= limit) {
            return false;
        }
        if (idle > 0) {
            wakeOne();
            return false;
        }
        live++;
        starting++;
        return true;
    }

    private void wakeOne() {
        idle--;
        wakeups++;
        work.signal();
    }

    /** Makes every sleeper look at the state of the pool. The lock is held. */
    void wakeAll() {
        while (idle > 0) {
            wakeOne();
        }
    }

    /** The lock is held; the caller has to call {@link #startWanted} once it has left it. */
    void resize(int workers) {
        limit = workers;
        slot.signalAll();
        wakeAll(); // those in excess leave
    }

    /** Starts as many threads as the queue and the limit call for. */
    void startWanted() {
        boolean start = true;
        while (start) {
            pool.lock.lock();
            try {
                start = wake();
            } finally {
                pool.lock.unlock();
            }
            if (start) {
                start(null);
            }
        }
    }

    // ---- threads -----------------------------------------------------------------------------------

    /**
     * Starts the thread that {@link #wake} asked for. When that fails and nobody is left to run the queue, the task just
     * queued is refused; tasks queued by others get a try each, and fail when theirs fails.
     *
     * @param own the task that the caller has queued, if any
     * @throws java.util.concurrent.RejectedExecutionException when {@code own} was refused
     */
    void start(@Nullable Task<?> own) {
        Throwable refusal = null;
        boolean more = true;
        while (more) {
            Throwable why = Threads.start(factory, this::run);
            if (why == null) {
                break;
            }
            LoggerFactory.getLogger(WorkerPool.class)
                    .warn("{}: a worker thread could not be started: {}", pool.name, why.toString());
            Task<?> victim;
            pool.lock.lock();
            try {
                live--;
                starting--;
                pool.threadGone();
                victim = live > lent ? null : pool.takeUnrunnable(own);
                more = (victim != null || idle > 0) && wake();
            } finally {
                pool.lock.unlock();
            }
            if (victim == own) {
                refusal = own == null ? null : why;
            } else if (victim != null) {
                victim.failUnrun(pool.rejection("no thread could be started for it", why));
            }
        }
        if (refusal != null) {
            throw pool.rejection("no thread could be started for it", refusal);
        }
    }

    private void run() {
        Task<?> task = next(true);
        while (task != null) {
            try {
                task.run();
            } catch (Throwable t) { // out of memory between the work and its publication
                LoggerFactory.getLogger(WorkerPool.class).error("{}: a worker failed", pool.name, t);
            }
            task = next(false);
        }
    }

    /** The next task for the current thread, which has just started or has ended one; null when the thread is to end. */
    private @Nullable Task<?> next(boolean fresh) {
        pool.lock.lock();
        try {
            if (fresh) {
                starting--;
            } else {
                releaseSlot();
            }
            while (true) {
                if (busy + reclaiming < limit && pool.queue.size() > 0) {
                    busy++;
                    return pool.take();
                }
                if (live - lent > limit || (!pool.isOpen() && pool.queue.size() == 0)) {
                    live--;
                    wakeAllWhenOver();
                    pool.threadGone();
                    return null;
                }
                sleep();
            }
        } finally {
            pool.lock.unlock();
        }
    }

    private void wakeAllWhenOver() {
        if (!pool.isOpen()) {
            wakeAll();
        }
    }

    private void sleep() {
        idle++;
        do {
            work.awaitUninterruptibly();
        } while (wakeups == 0);
        wakeups--;
    }

    private void releaseSlot() {
        busy--;
        if (reclaiming > 0) {
            slot.signal();
        }
    }

    // ---- lending -----------------------------------------------------------------------------------

    /** Gives up the current thread's slot while {@code wait} runs; then waits for a free one, whatever comes. */
    <T, X extends Exception> T lend(Gate.Work<T, X> wait) throws X {
        boolean start;
        pool.lock.lock();
        try {
            lent++;
            releaseSlot();
            start = wake();
        } finally {
            pool.lock.unlock();
        }
        try {
            if (start) {
                start(null);
            }
            return wait.call();
        } finally {
            reclaim();
        }
    }

    private void reclaim() {
        pool.lock.lock();
        try {
            reclaiming++;
            while (busy >= limit) {
                slot.awaitUninterruptibly();
            }
            reclaiming--;
            busy++;
            lent--;
            if (live - lent > limit && idle > 0) {
                wakeOne(); // the one who stood in is in excess
            }
        } finally {
            pool.lock.unlock();
        }
    }
}
