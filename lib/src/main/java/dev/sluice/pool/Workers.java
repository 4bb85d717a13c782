package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Threads;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The worker threads of a {@link QueuedPool}: who is awake, who sleeps, who has lent its slot.
 *
 * <p>All fields are guarded by the pool's lock. A worker holds a <em>slot</em> from when it is called until it sleeps again,
 * but while its task waits for others: {@code awake} counts the slots. It never passes {@code limit}, but after a shrink
 * until the tasks in excess have ended. A lender that comes back ({@code reclaiming}) goes before all others. A worker that
 * begins the next entry of its own asks for nothing but {@code pressed}, which says that somebody has to give up a slot.
 *
 * <p><b>Wake-ups.</b> At most one worker at a time is {@code searching}: it has been called, or started, or has run out
 * of entries and looks for more. {@code wanted} says that nobody is, and that there is a slot for one more. Who adds an
 * entry does so under the lock of one of the backlog's ends, releases it, and then looks whether somebody is wanted.
 * Whoever makes {@code wanted} true does so in {@link #wake}, which then looks for entries, for the last time before
 * somebody sleeps, with the locks of both ends, and calls one if there are any. So the addition comes before that look,
 * which finds the entry, or after it: then who adds has taken a lock that the other released after he had written
 * {@code wanted}, and sees that. The lock, which an addition takes anyway, stands for the full fence on either side.
 * While somebody searches nobody is called, but whoever stops searching, with an entry or without, makes {@code wanted}
 * true again and so looks whether there is more. A slot that gets free, a limit that grows, a thread that does not
 * start, come here, too. So an entry is left alone only while there is no slot for whoever could run it, or while
 * somebody is on the way, or watched over.
 *
 * <p><b>The watch.</b> To call a worker takes longer than many short tasks do. So while tasks are short and somebody is
 * awake, one sleeper sleeps for a millisecond at a time ({@code watched}), and then comes by itself if there are entries
 * and a slot; meanwhile nobody is {@code wanted}, only {@code welcome}, which is enough for a submitter that finds the
 * queue full, for a worker that ends its search before a backlog worth a call, and for whoever gives up a slot. A watch
 * that finds nothing is the last one until tasks have shown again that they are short: so idle sleepers sleep for good.
 * When the last worker that is awake goes to sleep, it makes {@code wanted} true like any other, and looks.
 */
final class Workers {
    private static final long WATCH_NANOS = 1_000_000;

    private final QueuedPool pool;
    private final Backlog backlog;
    private final ThreadFactory factory;
    private final Condition work;
    private final Condition slot;

    /** How long a worker sleeps before it ends. */
    private final long keepAlive;

    /** Written under the lock, and read as a hint for how much to claim. */
    private volatile int limit;

    /** Threads alive or about to be, lenders included. */
    private int live;

    private int idle;
    private int awake;
    private int lent;
    private int reclaiming;
    private boolean searching;
    /** A call that no sleeper has taken yet; it has a slot, and searches. */
    private boolean called;
    /** Grows when all sleepers have to look at the state of the pool. */
    private long nudges;

    /** Whether a sleeper will look by itself for entries that are left alone. */
    private boolean watched;

    private volatile boolean wanted;
    /** As {@code wanted}, while tasks are short, too. */
    private volatile boolean welcome;

    private volatile boolean pressed;

    Workers(QueuedPool pool, int limit, ThreadFactory factory) {
        this.pool = pool;
        this.backlog = pool.backlog;
        this.limit = limit;
        this.factory = factory;
        this.keepAlive = pool.settings.keepAliveNanos();
        this.work = pool.lock.newCondition();
        this.slot = pool.lock.newCondition();
        refresh();
    }

    int limit() {
        return limit;
    }

    /** Whether somebody has to give up a slot. */
    boolean arePressed() {
        return pressed;
    }

    int live() {
        return live;
    }

    /** Whether no worker does anything. The lock is held. */
    boolean atRest() {
        return awake == 0 && lent == 0;
    }

    /** Sees to it that somebody comes for the entry that was just added under a lock of the backlog, if there is one, or for others. */
    void call(@Nullable Object own) {
        if (wanted) {
            callOne(own, false);
        }
    }

    /** Sees to it that everybody comes, one by one, for a queue that is full. */
    void callMore() {
        if (welcome) {
            callOne(null, true);
        }
    }

    private void callOne(@Nullable Object own, boolean evenIfWatched) {
        boolean start;
        pool.lock.lock();
        try {
            start = wake(evenIfWatched);
        } finally {
            pool.lock.unlock();
        }
        if (start) {
            start(own);
        }
    }

    /**
     * After every change of a slot, a search or the limit: calls a worker if one is wanted. The lock is held.
     *
     * @return whether the caller has to {@link #start} a thread, which is counted already, once it has left the lock
     */
    private boolean wake(boolean evenIfWatched) {
        refresh();
        return (evenIfWatched ? welcome : wanted) && backlog.hasEntries() && callSleeper();
    }

    private boolean callSleeper() {
        searching = true;
        awake++;
        refresh();
        pool.watch.start();
        if (idle > 0) {
            idle--;
            called = true;
            work.signal();
            return false;
        }
        live++;
        return true;
    }

    private void refresh() {
        boolean nowWelcome = !searching && awake + reclaiming < limit;
        if (nowWelcome != welcome) {
            welcome = nowWelcome;
        }
        boolean nowWanted = nowWelcome && !(watched && awake > 0 && pool.tasksAreShort());
        if (nowWanted != wanted) {
            wanted = nowWanted;
        }
        boolean nowPressed = awake + reclaiming > limit;
        if (nowPressed != pressed) {
            pressed = nowPressed;
        }
    }

    /** Makes every sleeper look at the state of the pool. The lock is held. */
    void wakeAll() {
        nudges++;
        work.signalAll();
    }

    /** The lock is held; the caller has to call {@link #startWanted} once it has left it. */
    void resize(int workers) {
        limit = workers;
        refresh();
        slot.signalAll();
        wakeAll(); // those in excess leave
    }

    /** Starts a thread if the queue and the limit call for one; it will call more. */
    void startWanted() {
        callOne(null, true);
    }

    // ---- threads -----------------------------------------------------------------------------------

    /**
     * Starts the thread that {@link #wake} asked for. When that fails and nobody is left to run the queue, the entry just
     * queued is refused; those queued by others get a try each, and fail when theirs fails.
     *
     * @param own the entry that the caller has queued, if any
     * @throws java.util.concurrent.RejectedExecutionException when {@code own} was refused
     */
    private void start(@Nullable Object own) {
        Throwable refusal = null;
        Object mine = own;
        boolean more = true;
        while (more) {
            Throwable why = startThread();
            if (why == null) {
                break;
            }
            LoggerFactory.getLogger(WorkerPool.class)
                    .warn("{}: a worker thread could not be started: {}", pool.name, why.toString());
            Task<?> victim = null;
            pool.lock.lock();
            try {
                live--;
                awake--;
                searching = false;
                pool.threadGone();
                boolean alone = live <= lent;
                if (alone && pool.takeBack(mine)) {
                    refusal = why;
                    mine = null;
                } else if (alone) {
                    victim = pool.takeUnrunnable();
                }
                more = wake(true);
            } finally {
                pool.lock.unlock();
            }
            pool.roomMade();
            if (victim != null) {
                victim.failUnrun(pool.rejection("no thread could be started for it", why));
            }
        }
        if (refusal != null) {
            throw pool.rejection("no thread could be started for it", refusal);
        }
    }

    private @Nullable Throwable startThread() {
        try {
            Worker worker = new Worker(pool);
            return Threads.start(factory, new WorkerLoop(pool, this, worker));
        } catch (OutOfMemoryError e) {
            return e;
        }
    }

    void join(Worker worker) {
        pool.lock.lock();
        try {
            backlog.join(worker);
        } finally {
            pool.lock.unlock();
        }
    }

    /** Whether the current thread is the one that searches. */
    boolean startSearch() {
        pool.lock.lock();
        try {
            boolean mine = !searching && !pressed;
            searching |= mine;
            refresh();
            return mine;
        } finally {
            pool.lock.unlock();
        }
    }

    void endSearch() {
        boolean start;
        pool.lock.lock();
        try {
            searching = false;
            start = wake(pool.isWorthACall());
        } finally {
            pool.lock.unlock();
        }
        if (start) {
            start(null);
        }
    }

    /** Gives up the slot and sleeps until called; false when the thread is to end. */
    boolean rest(Worker worker, boolean searched) {
        boolean start;
        pool.lock.lock();
        try {
            searching &= !searched;
            backlog.giveBack(worker);
            releaseSlot();
            long since = keepAlive == Long.MAX_VALUE ? 0 : System.nanoTime();
            while (!isOver(since)) {
                if (sleep(since)) {
                    return true;
                }
            }
            live--;
            leave(worker);
            start = wake(true);
        } finally {
            pool.lock.unlock();
        }
        if (start) {
            start(null);
        }
        return false;
    }

    /** Whether a worker that has been idle since then is to end. */
    private boolean isOver(long since) {
        return live - lent > limit || (!pool.isOpen() && !backlog.hasEntries()) || stays(since) <= 0;
    }

    private long stays(long since) {
        return keepAlive == Long.MAX_VALUE ? keepAlive : keepAlive - (System.nanoTime() - since);
    }

    private void leave(Worker worker) {
        backlog.leave(worker);
        Tally tally = new Tally();
        worker.addTo(tally);
        pool.accounts.add(tally);
        if (!pool.isOpen()) {
            wakeAll();
        }
        pool.threadGone();
    }

    /** Whether it was called, and not only woken to look at the state of the pool. */
    private boolean sleep(long since) {
        idle++;
        boolean watch = !watched && awake > 0 && pool.tasksAreShort();
        watched |= watch;
        wake(false); // somebody sleeps, so no thread needs starting
        pool.threadGone();
        long seen = nudges;
        boolean timeIsUp = false;
        while (!called && nudges == seen && !timeIsUp) {
            timeIsUp = await(watch ? WATCH_NANOS : stays(since));
        }
        watched &= !watch;
        if (called) {
            called = false;
            return true;
        }
        idle--;
        return timeIsUp && joins();
    }

    /** Returns whether the time is up. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private boolean await(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            work.awaitUninterruptibly();
            return false;
        }
        try {
            return work.awaitNanos(nanos) <= 0;
        } catch (InterruptedException e) { // meant for no task, and cleared so
            return false;
        }
    }

    /** Comes unasked if there are entries and a slot. */
    private boolean joins() {
        refresh();
        if (!backlog.hasEntries()) {
            pool.tasksTake(Worker.SHORT_NANOS); // or there are few: nothing to watch over
            return false;
        }
        boolean joins = welcome;
        if (joins) {
            searching = true;
            pool.watch.start();
            awake++;
            refresh();
        }
        return joins;
    }

    private void releaseSlot() {
        awake--;
        if (reclaiming > 0) {
            slot.signal();
        }
    }

    // ---- lending -----------------------------------------------------------------------------------

    /** Gives up the worker's slot while {@code wait} runs; then waits for a free one, whatever comes. */
    <T, X extends Exception> T lend(Worker worker, Gate.Work<T, X> wait) throws X {
        boolean start = giveUpSlot(worker);
        try {
            if (start) {
                start(null);
            }
            return wait.call();
        } finally {
            reclaim();
        }
    }

    /** Returns whether the caller has to start a thread. */
    boolean giveUpSlot(Worker worker) {
        pool.lock.lock();
        try {
            backlog.giveBack(worker);
            lent++;
            releaseSlot();
            return wake(true);
        } finally {
            pool.lock.unlock();
        }
    }

    private void reclaim() {
        boolean start;
        pool.lock.lock();
        try {
            reclaiming++;
            refresh();
            while (awake >= limit) {
                slot.awaitUninterruptibly();
            }
            reclaiming--;
            awake++;
            lent--;
            if (live - lent > limit) {
                wakeAll(); // the one who stood in is in excess
            }
            start = wake(true);
        } finally {
            pool.lock.unlock();
        }
        if (start) {
            start(null);
        }
    }
}
