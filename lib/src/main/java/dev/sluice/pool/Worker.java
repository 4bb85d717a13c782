package dev.sluice.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * One worker of a {@link QueuedPool} as others see it: the short run of entries it has claimed, the one it has begun, and
 * its part of the accounts. An entry is a {@link Task}, or the bare {@code Runnable} of an {@code execute}.
 *
 * <p><b>The run.</b> Entries {@code from} up to {@code to} of {@code buffer} are claimed and not begun; both are in one
 * word. The owner begins the next one by a CAS that moves {@code from}, without a lock. Everything else that changes the
 * word is done under the lock of the backlog's front: the owner fills an empty run, an idle worker steals by the same CAS,
 * the end of the pool takes the rest. So of all who want an entry exactly one gets it, and the word cannot come back to an
 * old value between somebody's look and his CAS, for a refill needs the lock that all but the owner hold.
 *
 * <p><b>The accounts.</b> Only the owner writes them, together with the step of the run that they belong to, between two
 * steps of {@code version}, which is odd meanwhile; a reader that holds the front's lock, so that nobody fills or steals,
 * reads again when the version was odd or has moved. So every reading is that of one moment, and with the locks of the
 * back and the front the whole pool's is.
 *
 * <p><b>Interrupts.</b> Who interrupts a task that the worker runs holds the worker's {@code runner} and then asks whether the
 * task is current and has not ended; the owner ends a task and then waits until nobody holds the runner, and clears the
 * flag. Both are volatile: so an interrupt finds its task at work, or does not come, or is gone before the owner goes on. When other
 * work comes on top of a task, it gets a {@link Runner} of its own and the worker's is away. A bare entry is interrupted only
 * by the end of the pool, and that after everything claimed and not begun was taken away: so when such an interrupt comes
 * late, nothing else runs on this thread that it could hit. The owner writes {@code current} before the CAS that begins the
 * entry; who empties the run comes before that CAS, which then fails, or after it and sees {@code current}. The interrupt
 * flag is cleared before the CAS, never between it and the entry.
 */
final class Worker extends WorkerFields {
    static final int MAX_RUN = 16;

    /** A power of two, as are the hints that are compared with it. */
    static final int SHORT_NANOS = 1 << 12;

    static final int NO_SAMPLE = -1;

    private static final int SPINS = 16;

    private static final VarHandle RUN;
    private static final VarHandle VERSION;
    private static final VarHandle CURRENT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            RUN = lookup.findVarHandle(WorkerFields.class, "run", long.class);
            VERSION = lookup.findVarHandle(WorkerFields.class, "version", long.class);
            CURRENT = lookup.findVarHandle(WorkerFields.class, "current", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Keeps what the heap has next to this object off its lines.
    @SuppressWarnings("unused")
    private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

    private final QueuedPool pool;
    private final @Nullable Object[] buffer = new Object[MAX_RUN];
    private final Runner runner = new Runner();

    // While it sleeps; guarded by the pool's lock.

    final Condition wakeUp;
    /** It has a slot, and searches. */
    boolean called;
    /** Who has slept for longer. */
    @Nullable
    Worker below;

    Worker(QueuedPool pool) {
        this.pool = pool;
        this.wakeUp = pool.lock.newCondition();
    }

    // ---- the owner -----------------------------------------------------------------------------------

    /** The current thread, which is seated, becomes this worker. Needs no memory. */
    void attach() {
        thread = Thread.currentThread();
        runner.attach();
    }

    /** The current thread is this worker no more; what is sent to it from here on does not arrive. */
    void detach() {
        Task.seat(null);
        if (runner.detach()) {
            Thread.interrupted();
        }
    }

    /** Begins the next entry of the run; null when none is left. */
    @Nullable
    Object begin() {
        while (true) {
            long seen = (long) RUN.getAcquire(this);
            int from = from(seen);
            if (from == to(seen)) {
                current = null;
                return null;
            }
            Object entry = buffer[from];
            Thread.interrupted(); // it was meant for what ran before
            current = entry;
            open();
            boolean taken = RUN.compareAndSet(this, seen, seen + 1);
            boolean begun = taken && take(entry);
            close();
            if (taken) {
                buffer[from] = null;
            }
            if (begun) {
                begunEntries++;
                if (from == sampleAt || pool.timesAll() || Tracing.tracesRuns() || Tracing.tracesWaits()) {
                    startTiming(entry, from == sampleAt ? sampleSubmitted : 0);
                }
                return entry;
            }
        }
    }

    /** Whether the entry just taken out of the run may run; it then does. */
    private boolean take(@Nullable Object entry) {
        if (entry instanceof Task<?> task) {
            if (!task.begin()) {
                passed++;
                return false;
            }
            task.worker = this;
        } else if (entry == Cells.NOTHING) {
            passed++;
            return false;
        }
        running = 1;
        return true;
    }

    /** Runs the entry just begun. */
    void run(Object entry) {
        if (entry instanceof Task<?> task) {
            task.runBy(this);
        } else {
            runBare((Runnable) entry);
        }
    }

    private void runBare(Runnable entry) {
        Throwable thrown = null;
        try {
            entry.run();
        } catch (Throwable t) { // an Error of a task must not cost the pool a worker
            thrown = t;
            Task.reportUncaught(t);
        }
        Task<?> shown = innermost;
        if (shown != null) {
            shown.endShown();
            innermost = null;
            stepBack();
        }
        ended(thrown == null ? Ending.SUCCEEDED : Ending.FAILED);
    }

    private void startTiming(@Nullable Object entry, long sampled) {
        long stamp = entry instanceof Task<?> task ? task.submitted() : 0;
        long submitted = stamp == 0 ? sampled : stamp;
        sampleAt = NO_SAMPLE;
        if (submitted != 0 && entry != null) {
            timedSince = System.nanoTime();
            pool.waited(entry, timedSince - submitted);
        }
        event = entry == null ? null : Tracing.begun(pool.name, entry);
    }

    private void endTiming(boolean hasRun) {
        if (timedSince != 0) {
            if (hasRun) {
                pool.runTime.record(System.nanoTime() - timedSince);
            }
            timedSince = 0;
        }
        if (event != null) {
            Tracing.ended(event);
            event = null;
        }
    }

    /** Ends the task that it runs, if that was not cancelled, and counts its end, in one step. */
    boolean end(Task<?> task, Phase outcome) {
        endTiming(outcome != Phase.DROPPED);
        open();
        current = null;
        boolean inTime = task.leaveRunning(outcome);
        count(Ending.of(inTime ? outcome : task.phase()));
        close();
        return inTime;
    }

    /** Counts the end of the current entry. */
    void ended(Ending ending) {
        endTiming(ending != Ending.DROPPED);
        open();
        count(ending);
        close();
    }

    private void count(Ending ending) {
        switch (ending) {
            case SUCCEEDED -> succeeded++;
            case FAILED -> failed++;
            case CANCELLED -> cancelled++;
            case DROPPED -> dropped++;
        }
        running = 0;
        current = null;
    }

    private void open() {
        VERSION.setOpaque(this, version + 1);
        VarHandle.storeStoreFence();
    }

    private void close() {
        VERSION.setRelease(this, version + 1);
    }

    /** The task on top of the current thread's stack, made on demand for a bare entry; null between entries. */
    @Nullable
    Task<?> innermost() {
        Task<?> known = innermost;
        return known == null && running != 0 && current instanceof Runnable bare ? show(bare) : known;
    }

    void innermost(@Nullable Task<?> task) {
        innermost = task;
    }

    /**
     * Makes a task that stands for the bare entry that runs. From here on its own runner delivers interrupts, for other
     * work may come on top of it. Who ends the pool writes its life before it looks at {@code current}: so it finds the task
     * there, or the life is seen here.
     */
    private Task<?> show(Runnable bare) {
        stepAside();
        Task<?> task = Task.executed(pool, bare);
        task.show(this);
        current = task;
        VarHandle.fullFence();
        if (pool.isStopped()) {
            task.interrupt();
        }
        innermost = task;
        return task;
    }

    // ---- the owner, and interrupts --------------------------------------------------------------------

    /** Interrupts reach the current entry by a runner of its own from here on. */
    void stepAside() {
        runner.suspend();
    }

    /** That entry is through. */
    void stepBack() {
        runner.attach();
    }

    /** Whether the task is the entry that has begun and not ended. */
    boolean runs(Task<?> task) {
        return CURRENT.getAcquire(this) == task;
    }

    /**
     * After the end of a task: what was sent for it has arrived, and is gone, or does not come. The end of its phase and its
     * interrupter's are volatile; when only {@code current} tells the end, a fence has to.
     */
    void letInterruptsPass(boolean phaseTells) {
        if (!phaseTells) {
            VarHandle.fullFence();
        }
        runner.letPass();
        Thread.interrupted();
    }

    // ---- the owner, and how much to claim --------------------------------------------------------------

    /**
     * How many entries to claim next, going by how long the last ones took. The clock is not read for each. What looks long
     * may be due to a lost core, so two that follow have to confirm it before anybody else hears of it.
     */
    int want() {
        long count = begunEntries - measuredEntries;
        if (count < 2L * want) {
            return want;
        }
        long now = System.nanoTime();
        long nanos = (now - measuredAt) / count;
        measuredAt = now;
        measuredEntries = begunEntries;
        boolean isShort = nanos < SHORT_NANOS;
        if (isShort || want == 1) {
            pool.tasksTake(nanos);
        }
        want = isShort ? MAX_RUN : 1;
        return want;
    }

    /** How many entries it has begun since the last call. */
    long entriesSinceSearch() {
        long entries = begunEntries - searchedEntries;
        searchedEntries = begunEntries;
        return entries;
    }

    /** The time until the next entry is not that of the last ones. */
    void startMeasuring() {
        measuredAt = System.nanoTime();
        measuredEntries = begunEntries;
    }

    /** Whether it has read the clock between entries after that time; others ask, and may get an answer of a moment ago. */
    boolean hasMeasuredSince(long time) {
        return measuredAt - time > 0;
    }

    // ---- with the front's lock -----------------------------------------------------------------------

    /** Where the owner puts what it claims, from 0, before {@link #fill}; the run is empty. */
    @Nullable
    Object[] buffer() {
        return buffer;
    }

    void fill(int count) {
        sampleAt = NO_SAMPLE;
        RUN.setVolatile(this, (long) count << 32);
    }

    /** Of what was filled in, the times of this one are to be measured. */
    void sample(int at, long submitted) {
        sampleAt = at;
        sampleSubmitted = submitted;
    }

    /** How many are claimed and not begun; the owner may begin some at any time. */
    int remaining() {
        long seen = (long) RUN.getVolatile(this);
        return to(seen) - from(seen);
    }

    /** Takes the first of what is claimed and not begun; null when there is nothing. */
    @Nullable
    Object steal() {
        while (true) {
            long seen = (long) RUN.getVolatile(this);
            int from = from(seen);
            if (from == to(seen)) {
                return null;
            }
            Object entry = buffer[from];
            if (RUN.compareAndSet(this, seen, seen + 1)) {
                buffer[from] = null;
                return entry;
            }
        }
    }

    /** The last of what is claimed and not begun; null when there is nothing. For the owner. */
    @Nullable
    Object last() {
        return remaining() == 0 ? null : buffer[to(run) - 1];
    }

    /** That one is claimed no more. For the owner. */
    void dropLast() {
        long seen = run;
        buffer[to(seen) - 1] = null;
        RUN.setVolatile(this, seen - (1L << 32));
    }

    /** Adds what is claimed and not begun; the owner may begin some of it at any time. */
    void addClaimed(List<Object> claimed) {
        long seen = (long) RUN.getVolatile(this);
        for (int i = from(seen); i < to(seen); i++) {
            Object entry = buffer[i];
            if (entry != null) {
                claimed.add(entry);
            }
        }
    }

    /** Adds this worker's part. */
    void addTo(Tally tally) {
        for (int tries = 0; ; tries++) {
            long before = (long) VERSION.getAcquire(this);
            if ((before & 1) == 0) {
                long seen = (long) RUN.getVolatile(this);
                long nowRunning = running;
                long nowSucceeded = succeeded;
                long nowFailed = failed;
                long nowCancelled = cancelled;
                long nowDropped = dropped;
                long nowPassed = passed;
                VarHandle.loadLoadFence();
                if (before == (long) VERSION.getOpaque(this)) {
                    tally.queued += to(seen) - from(seen) + nowPassed;
                    tally.passed += nowPassed;
                    tally.running += nowRunning;
                    tally.succeeded += nowSucceeded;
                    tally.failed += nowFailed;
                    tally.cancelled += nowCancelled;
                    tally.dropped += nowDropped;
                    return;
                }
            }
            if (tries >= SPINS) {
                Thread.yield(); // the owner may have lost its core in the middle
            }
        }
    }

    private static int from(long run) {
        return (int) run;
    }

    private static int to(long run) {
        return (int) (run >>> 32);
    }

    // ---- for others ----------------------------------------------------------------------------------

    /** What it runs, as a task; null when it is between entries. */
    @Nullable
    Task<?> shown() {
        Object entry = CURRENT.getAcquire(this);
        if (entry instanceof Runnable bare) {
            Task<?> task = Task.executed(pool, bare);
            task.showOn(thread);
            return task;
        }
        return entry instanceof Task<?> task ? task : null;
    }

    /** The thread, if the task is its current entry. */
    @Nullable
    Thread threadOf(Task<?> task) {
        return runs(task) ? thread : null;
    }

    /** Interrupts the thread if it runs this task; false when that cannot be said at this moment. */
    boolean interrupt(Task<?> task) {
        return runner.interruptIf(() -> runs(task) && task.isAtWork());
    }

    /** Interrupts what it has begun, when nothing more can begin. */
    void interrupt() {
        Object entry = CURRENT.getAcquire(this);
        if (entry instanceof Task<?> task) {
            task.interrupt();
        } else if (entry != null) {
            runner.interrupt();
        }
    }
}

/** The fields between the paddings: those of a superclass come first in an object's layout. */
abstract class WorkerFields extends WorkerPadding {
    /** {@code from} in the lower half, {@code to} in the upper one. */
    volatile long run;

    /** Odd while the owner is between two states of what follows. */
    long version;

    /** 1 while an entry has begun and not ended. */
    long running;

    long succeeded;
    long failed;
    long cancelled;
    long dropped;
    /** Entries that it came upon in its run and did not begin: cancelled, or behind others in their lane. */
    long passed;

    /** What is about to begin or has begun. Written by the owner. */
    @Nullable
    Object current;

    // Of the owner alone.

    @Nullable
    Task<?> innermost;

    int want = 1;
    long begunEntries;
    long measuredEntries;
    long searchedEntries;
    long measuredAt;

    /** Which of the run is to be timed, and when that was submitted. */
    int sampleAt = Worker.NO_SAMPLE;

    long sampleSubmitted;
    /** When the current entry began, if its time is measured; else 0. */
    long timedSince;

    @Nullable
    Object event;

    /** Written before any entry begins. */
    @Nullable
    Thread thread;
}

/** Keeps the object's header, and what lies before the object, off the lines of the fields. */
abstract class WorkerPadding {
    @SuppressWarnings("unused")
    private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}
