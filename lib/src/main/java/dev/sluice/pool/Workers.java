package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Clock;
import dev.sluice.internal.Threads;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The worker threads of a {@link QueuedPool}: who is awake, who sleeps, who has lent its slot. Who went to sleep last is
 * called first, but for who watches: its caches are warm, and those below it are not needed and may end.
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
 * somebody is on the way, or watched over, or while no thread can be had (below).
 *
 * <p><b>The watch.</b> To call a worker takes longer than many short tasks do. So while tasks are short and somebody is
 * awake, one sleeper sleeps for a millisecond at a time ({@code watched}), and then comes by itself if there are entries
 * and a slot; meanwhile nobody is {@code wanted}, only {@code welcome}, which is enough for a submitter that finds the
 * queue full, for a worker that ends its search before a backlog worth a call, and for whoever gives up a slot. A watch
 * that finds nothing is the last one until tasks have shown again that they are short: so idle sleepers sleep for good.
 * When the last worker that is awake goes to sleep, it makes {@code wanted} true like any other, and looks.
 *
 * <p><b>Processors.</b> Tasks that are short keep a processor busy, so more workers than processors only take turns with
 * each other and with the submitters. Therefore nobody is {@code welcome} beyond that number while somebody watches. That
 * the tasks have begun to wait for something, the watch sees: workers that have measured their last entries a moment ago
 * are busy; when fewer are than there are processors, tasks do not count as short any more until workers find again that they
 * are, and the watch comes.
 *
 * <p><b>A thread that cannot be started.</b> While nobody comes to the queue unasked, each entry gets a try, and is refused
 * or fails when that fails. Otherwise the others have to do, and what they do not come to waits; for a moment nobody tries
 * again ({@code paused}), and then an alarm does.
 */
final class Workers {
    private static final long WATCH_NANOS = 1_000_000;

    /** How long no other thread is started after one that could not be, as long as somebody comes to the queue all the same. */
    private static final long RETRY_NANOS = 100_000_000;

    /** How long who has no memory to wait lets others have the lock. */
    private static final long MEMORY_NANOS = 1_000_000;

    /** Who runs short entries measures them more often than this. */
    private static final long BUSY_NANOS = 3L * Worker.MAX_RUN * Worker.SHORT_NANOS;

    private final QueuedPool pool;
    private final Backlog backlog;
    private final ThreadFactory factory;
    private final Condition slot;

    private final int processors = Runtime.getRuntime().availableProcessors();

    /** How long a worker sleeps before it ends. */
    private final long keepAlive;

    /** Written under the lock, and read as a hint for how much to claim. */
    private volatile int limit;

    /** Threads alive or about to be, lenders included. */
    private int live;

    /** Who went to sleep last, and has not been called; those before it follow by {@code below}. */
    private @Nullable Worker sleeper;

    private int awake;
    private int lent;
    private int reclaiming;
    private boolean searching;
    /** A thread could not be started a moment ago; an alarm is set to try again. */
    private boolean paused;
    /** Grows when all sleepers have to look at the state of the pool. */
    private long nudges;

    /** The sleeper that will look by itself for entries that are left alone, if there is one. */
    private @Nullable Worker watcher;

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
        this.slot = pool.lock.newCondition();
        refresh();
    }

    int limit() {
        return limit;
    }

    /** How many can do something at the same time as long as tasks are short. */
    int atOnce() {
        return Math.min(limit, processors);
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
        Worker next = sleeper;
        if (next == null) {
            live++;
            return true;
        }
        if (next == watcher && next.below != null) {
            next = next.below;
        }
        takeOut(next);
        next.called = true;
        next.wakeUp.signal();
        return false;
    }

    private void refresh() {
        boolean areShort = watcher != null && pool.tasksAreShort();
        boolean mayCome = sleeper != null || !paused || !isManned();
        boolean nowWelcome = mayCome && !searching && awake + reclaiming < (areShort ? atOnce() : limit);
        if (nowWelcome != welcome) {
            welcome = nowWelcome;
        }
        boolean nowWanted = nowWelcome && !(areShort && awake > 0);
        if (nowWanted != wanted) {
            wanted = nowWanted;
        }
        boolean nowPressed = awake + reclaiming > limit;
        if (nowPressed != pressed) {
            pressed = nowPressed;
        }
    }

    /** Whether somebody comes to the queue without a call, if not at once then when a task or a wait has ended. */
    private boolean isManned() {
        return live - lent + reclaiming > 0;
    }

    /** Makes every sleeper look at the state of the pool. The lock is held. */
    void wakeAll() {
        nudges++;
        for (Worker worker = sleeper; worker != null; worker = worker.below) {
            worker.wakeUp.signal();
        }
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
     * Starts the thread that {@link #wake} asked for. When that fails and nobody is there to run the queue, the entry just
     * queued is refused; those queued by others get a try each, and fail when theirs fails.
     *
     * @param own the entry that the caller has queued, if any
     * @throws java.util.concurrent.RejectedExecutionException when {@code own} was refused
     */
    private void start(@Nullable Object own) {
        Throwable refusal = null;
        Throwable last = null;
        Object mine = own;
        boolean more = true;
        while (more) {
            Throwable why = startThread();
            if (why == null) {
                break;
            }
            last = why;
            Task<?> victim = null;
            boolean pauses;
            pool.lock.lock();
            try {
                live--;
                searching = false;
                releaseSlot();
                boolean manned = isManned();
                pauses = manned && !paused;
                paused |= manned;
                refresh(); // whatever fails for want of memory, the next addition finds somebody wanted
                pool.threadGone();
                if (!manned && pool.takeBack(mine)) {
                    refusal = why;
                    mine = null;
                } else if (!manned) {
                    victim = pool.takeUnrunnable();
                }
                more = wake(true);
            } finally {
                pool.lock.unlock();
            }
            if (pauses) {
                tryAgainLater();
            }
            pool.roomMade();
            if (victim != null) {
                victim.failUnrun(pool.reasonFor("no thread could be started for it", why));
            }
        }
        if (last != null) {
            warn(last);
        }
        if (refusal != null) {
            throw pool.rejection("no thread could be started for it", refusal);
        }
    }

    /** When no alarm can be set, either, whoever comes next tries again. */
    private void tryAgainLater() {
        try {
            Clock.in(RETRY_NANOS, this::tryAgain);
        } catch (Throwable t) {
            pause(false);
        }
    }

    /** In a thread of its own, for a user's factory may wait. While there is none for that, either, the pause goes on. */
    private void tryAgain() {
        pause(false);
        if (!Alarms.start(this::startWanted) && pause(true)) {
            tryAgainLater();
        }
    }

    /** Returns whether something has changed: to be paused takes somebody who comes to the queue all the same. */
    private boolean pause(boolean begins) {
        pool.lock.lock();
        try {
            boolean changes = paused != begins && (!begins || isManned());
            paused ^= changes;
            refresh();
            return changes;
        } finally {
            pool.lock.unlock();
        }
    }

    /** Behind the accounts, for it may be memory that is wanting; then, or when the log or the reason fails, this goes unsaid. */
    private void warn(Throwable why) {
        try {
            LoggerFactory.getLogger(WorkerPool.class)
                    .warn("{}: a worker thread could not be started: {}", pool.name, why.toString());
        } catch (Throwable t) { // user's code; a submitter or a worker with an entry must not suffer from it
            // What follows from it, shows.
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
            backlog.giveBack(worker);
            searching &= !searched;
            releaseSlot();
            long since = keepAlive == Long.MAX_VALUE ? 0 : System.nanoTime();
            while (!isOver(since)) {
                if (sleep(worker, since)) {
                    return true;
                }
            }
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

    /** From when it has left the crew on, no memory is needed; before, it waits for some. */
    private void leave(Worker worker) {
        Tally tally = null;
        while (tally == null) {
            try {
                tally = backlog.leave(worker);
            } catch (OutOfMemoryError e) {
                letOthersIn();
            }
        }
        live--;
        pool.accounts.add(tally);
        if (!pool.isOpen()) {
            wakeAll();
        }
        pool.threadGone();
    }

    /** Whether it was called, and not only woken to look at the state of the pool. */
    private boolean sleep(Worker worker, long since) {
        worker.below = sleeper;
        sleeper = worker;
        boolean watch = watcher == null && awake > 0 && pool.tasksAreShort();
        if (watch) {
            watcher = worker;
        }
        wake(false); // somebody sleeps, so no thread needs starting
        pool.threadGone();
        long seen = nudges;
        long taken = backlog.taken();
        boolean timeIsUp = false;
        while (!worker.called && nudges == seen && !timeIsUp) {
            timeIsUp = await(worker.wakeUp, watch ? WATCH_NANOS : stays(since));
        }
        if (watch) {
            watcher = null;
        }
        if (worker.called) {
            worker.called = false;
            return true;
        }
        takeOut(worker);
        return timeIsUp && joins(backlog.taken() - taken);
    }

    /** The worker is no sleeper any more. */
    private void takeOut(Worker worker) {
        Worker above = null;
        for (Worker each = sleeper; each != null && each != worker; each = each.below) {
            above = each;
        }
        if (above == null) {
            sleeper = worker.below;
        } else {
            above.below = worker.below;
        }
        worker.below = null; // that one may end
    }

    /** Returns whether the time is up. Who has no memory to wait comes back in a moment; the caller loops. */
    @SuppressWarnings("WaitNotInLoop")
    private boolean await(Condition what, long nanos) {
        try {
            if (nanos == Long.MAX_VALUE) {
                what.awaitUninterruptibly();
                return false;
            }
            return what.awaitNanos(nanos) <= 0;
        } catch (InterruptedException e) { // meant for no task, and cleared so
            return false;
        } catch (OutOfMemoryError e) {
            letOthersIn();
            return false;
        }
    }

    private void letOthersIn() {
        if (pool.lock.isHeldByCurrentThread()) { // a wait may fail when it has given the lock back
            pool.lock.unlock();
        }
        try {
            LockSupport.parkNanos(MEMORY_NANOS);
        } finally {
            pool.lock.lock();
        }
    }

    /**
     * Comes unasked if there are entries, a slot, and a processor that nobody keeps busy.
     *
     * @param taken how many entries were taken in the time of its watch
     */
    private boolean joins(long taken) {
        boolean hasEntries = backlog.hasEntries();
        boolean areMany = taken > WATCH_NANOS / Worker.SHORT_NANOS;
        if (areMany && (!hasEntries || (awake >= processors && busy() >= processors))) {
            return false; // watches on, if tasks are still short
        }
        pool.tasksTake(Worker.SHORT_NANOS); // or there are few, and nothing to watch over; or some wait
        refresh();
        if (!hasEntries) {
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

    /** How many workers are not in the middle of a long entry, nor of waiting for one. */
    private int busy() {
        long since = System.nanoTime() - BUSY_NANOS;
        int busy = 0;
        for (Worker worker : backlog.crew()) {
            busy += worker.hasMeasuredSince(since) ? 1 : 0;
        }
        return busy;
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
                await(slot, Long.MAX_VALUE);
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
