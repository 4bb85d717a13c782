package dev.sluice.pool;

import dev.sluice.internal.Check;
import dev.sluice.internal.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One task on its way through a pool: its work and its life; {@link Handle} is what it shows of itself.
 *
 * <p>A task changes cores at least twice, so it is small, and what few tasks need is in {@link Extras}. A task that a
 * {@link Worker} runs as its own entry, and nothing on top of it, needs none: interrupts find the thread through the worker.
 */
sealed class Task<T extends @Nullable Object> extends Handle<T> implements Awaited permits LaneTask {
    /** How deep tasks may run inside one another on one stack before a waiting task lends its worker instead. */
    static final int MAX_DEPTH = 64;

    /** The innermost task that the thread is running, or, for good, the worker that it is, which knows that. */
    private static final ThreadLocal<@Nullable Object> CURRENT = new ThreadLocal<>();

    final BasePool pool;
    final long sequence;
    /** A {@code Callable}, a {@code Job}, or, if {@code isRunnable}, a {@code Runnable}. A bare callable's job takes its place. */
    private Object work;

    private final TaskListener listener;
    private volatile @Nullable Extras extras;

    /** Whose entry the task is, when a worker runs it by itself; written once, when it has begun. */
    @Nullable
    Worker worker;

    private final boolean isRunnable;
    private final boolean handled;

    /** Whether the task holds a worker or a permit of its own; only its own thread looks, after its start was handed over safely. */
    boolean holdsSlot;

    /** Whether it was put into the backlog, or into a lane of a gated pool; guarded by the locks of those. */
    boolean queued;

    Task(BasePool pool, Object work, boolean isRunnable, boolean handled, TaskListener listener) {
        this.pool = pool;
        this.sequence = pool.nextSequence();
        TaskDecorator decorator = pool.settings.decorator();
        this.work = decorator == null ? work : Extras.Decorated.of(decorator, work, isRunnable);
        this.isRunnable = isRunnable && decorator == null;
        this.handled = handled;
        this.listener = listener;
        if (listener != TaskListener.NONE) {
            extras = new Extras();
        }
        if (pool.stamps(sequence)) {
            // The time for which it may be queued begins when it is accepted.
            extras().submitted = pool.settings.limitsQueueTime() ? 0 : System.nanoTime();
        }
    }

    static Task<?> of(BasePool pool, Runnable task) {
        return new Task<>(pool, Check.notNull("task", task), true, true, TaskListener.NONE);
    }

    static Task<?> executed(BasePool pool, Runnable command) {
        return new Task<>(pool, Check.notNull("command", command), true, false, TaskListener.NONE);
    }

    static <T extends @Nullable Object> Task<T> of(BasePool pool, Runnable task, @Nullable T result) {
        return new Task<>(
                pool, new Extras.Adapted<>(Check.notNull("task", task), result), false, true, TaskListener.NONE);
    }

    static <T extends @Nullable Object> Task<T> of(BasePool pool, Callable<? extends T> task, TaskListener listener) {
        return new Task<>(pool, Check.notNull("task", task), false, true, listener);
    }

    static <T extends @Nullable Object> Task<T> of(BasePool pool, Job<? extends T> job, TaskListener listener) {
        return new Task<>(pool, Check.notNull("job", job), false, true, listener);
    }

    /** The task that the current thread is running, the innermost if they are nested; or null. */
    static @Nullable Task<?> current() {
        Object seat = CURRENT.get();
        return seat instanceof Worker worker ? worker.innermost() : (Task<?>) seat;
    }

    private static void current(@Nullable Task<?> task) {
        if (CURRENT.get() instanceof Worker worker) {
            worker.innermost(task);
        } else {
            CURRENT.set(task);
        }
    }

    /** The current thread becomes a worker, or with null ceases to be one. */
    static void seat(@Nullable Worker worker) {
        CURRENT.set(worker);
    }

    // ---- what few tasks need -------------------------------------------------------------------------

    /** For who has begun the task. */
    private Extras extras() {
        Extras known = extras;
        if (known == null) {
            known = new Extras();
            extras = known;
        }
        return known;
    }

    /** What the task is known to have. */
    Extras knownExtras() {
        return Objects.requireNonNull(extras, "made with the task, or when it began");
    }

    /** The task, which the caller has begun, runs elsewhere than as a worker's own entry; so it needs these. */
    void runsApart(Extras fresh) {
        Extras known = extras;
        if (known == null) {
            extras = fresh;
        } else {
            known.runner = fresh.runner;
            known.byCaller = fresh.byCaller;
        }
    }

    private @Nullable Runner runnerIfAny() {
        Extras known = extras;
        return known == null ? null : known.runner;
    }

    /**
     * The task's own runner, from here on in place of its worker's: for something comes on top of it. Who would interrupt it
     * by way of the worker finds that one's runner away, and looks again. On the thread that runs the task.
     */
    private Runner ownRunner() {
        Runner own = runnerIfAny();
        if (own != null) {
            return own;
        }
        Extras mine = extras();
        Runner fresh = new Runner();
        Worker by = Objects.requireNonNull(worker, "who runs apart has a runner");
        by.stepAside();
        fresh.attach();
        if (!by.runs(this)) {
            fresh.detach(); // in a callback, after the end of the work
        }
        mine.runner = fresh;
        return fresh;
    }

    /** Announces what the task waits for, before the look whether that can ever end. On the thread that runs it. */
    void waitsFor(@Nullable Awaited what) {
        extras().waitingFor = what;
    }

    /** What the task waits for, in its work or in its lane; null when it can go on. */
    final @Nullable Awaited waitingFor() {
        Extras known = extras;
        Awaited wait = known == null ? null : known.waitingFor;
        if (wait != null || !(this instanceof LaneTask<?> queued) || !isWaiting()) {
            return wait;
        }
        Task<?> first = pool.firstInLane(queued);
        return first == null || first == this ? null : () -> List.of(first);
    }

    // ---- life ----------------------------------------------------------------------------------------

    /** A worker has come upon the task in the queue; returns whether it is to run it. */
    final boolean begin() {
        return (!(this instanceof LaneTask<?> queued) || queued.callUpon()) && moveTo(Phase.RUNNING);
    }

    /** Tells the world of a task that was cancelled before it began; its phase and the accounts say so already. */
    void publishUnrun() {
        published();
        listener.exited(this);
    }

    /** Tells the world of a task in DROPPING; the accounts say so already. */
    void publishDropped(Throwable cause) {
        outcomeIs(cause);
        finish(Phase.DROPPED);
        publishUnrun();
    }

    /** Fails the begun task in place of running it. */
    void failUnrun(Throwable cause) {
        end(cause, cause, false);
    }

    /** The first half of {@link #failUnrun}, with which the task holds nothing any more; {@link #publishFailed} is to follow. */
    void endUnrun(Throwable cause) {
        endInSteps(cause, Phase.FAILED);
    }

    /** The second half, which may call the user's code. */
    void publishFailed(Throwable cause) {
        if (phase() == Phase.ENDING) {
            published(Phase.FAILED);
        }
        heard(cause);
    }

    /** Runs the work as the worker's own entry, on its thread; the task has begun. */
    void runBy(Worker by) {
        holdsSlot = true;
        by.innermost(this);
        T result = null;
        Throwable thrown = null;
        boolean late = isLate();
        try {
            if (isRunning() && !late) {
                result = call();
            }
        } catch (Throwable t) { // an Error of a task must not cost the pool a worker
            thrown = t;
        }
        Runner own = runnerIfAny();
        if (own != null) {
            own.detach();
        }
        end(late ? pool.lateness(this) : thrown == null ? result : thrown, thrown, late);
        by.innermost(null);
        if (runnerIfAny() != null) {
            by.stepBack();
        }
    }

    /** Runs the work in the current thread, apart from any worker's own entries; the task has begun. */
    void run() {
        Task<?> enclosing = current();
        if (enclosing != null) {
            enclosing
                    .ownRunner()
                    .suspend(); // before the flag is read: what comes later for that task waits for its return
        }
        // A flag from before is not this task's; it goes back to whoever runs next on this stack.
        boolean flagBefore = Thread.interrupted();
        Runner own = enter(enclosing);
        T result = null;
        Throwable thrown = null;
        boolean late = isLate();
        Timing timing = Timing.start(this);
        try {
            if (isRunning() && !late) {
                result = call();
            }
        } catch (Throwable t) { // as in runBy
            thrown = t;
        }
        timing.end(late);
        boolean interruptWasOurs = own.detach();
        boolean flagAfter = Thread.interrupted();
        end(late ? pool.lateness(this) : thrown == null ? result : thrown, thrown, late);
        leave(enclosing);
        if (flagBefore || (flagAfter && !interruptWasOurs)) {
            Thread.currentThread().interrupt();
        }
    }

    private Runner enter(@Nullable Task<?> enclosing) {
        Extras mine = knownExtras();
        if (enclosing != null) {
            // For the end of the work, not for its outcome: cancelling it does not bring this stack back.
            enclosing.waitsFor(() -> List.of(this));
            mine.outer = enclosing;
            mine.depth = enclosing.depth() + 1;
        }
        mine.thread = Thread.currentThread();
        current(this);
        Runner own = ownRunner();
        own.attach();
        return own;
    }

    private void leave(@Nullable Task<?> enclosing) {
        Extras mine = knownExtras();
        mine.outer = null;
        mine.thread = null;
        current(enclosing);
        if (enclosing != null) {
            enclosing.waitsFor(null);
            enclosing.ownRunner().attach();
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"
    }) // what the factories put there gives a T; a Runnable gives null, as its T is
    private T call() throws Exception {
        Object seen = work;
        if (isRunnable) {
            ((Runnable) seen).run();
            return null;
        }
        Duration limit = timeLimit();
        if (limit != null) {
            return (T) callWithin(limit);
        }
        return seen instanceof Job<?> job ? (T) job.work().call() : ((Callable<T>) seen).call();
    }

    private @Nullable Duration timeLimit() {
        Object seen = work;
        if (seen instanceof Extras.Decorated decorated) {
            seen = decorated.work();
        }
        return seen instanceof Job<?> job ? job.limit() : null;
    }

    private @Nullable Object callWithin(Duration limit) throws Exception {
        Object seen = work;
        extras(); // made by this thread, for the alarm
        Clock.Alarm alarm = Alarms.in(Check.nanos("timeLimit", limit), () -> expire(limit));
        try {
            return seen instanceof Job<?> job ? job.work().call() : ((Callable<?>) seen).call();
        } finally {
            alarm.cancel();
        }
    }

    private void expire(Duration limit) {
        knownExtras().overrun = new TimeoutException(this + " has run for longer than its time limit of " + limit);
        if (leaveRunning(Phase.EXPIRED)) {
            interrupt();
            published();
        }
    }

    @Override
    Throwable overrun() {
        return Objects.requireNonNull(knownExtras().overrun, "written before the phase");
    }

    /** Its time in the queue begins. */
    final void accepted() {
        knownExtras().submitted = System.nanoTime();
    }

    /** When it was accepted by a queue, and before that, or without a queue, submitted; 0 when that is not to be known. */
    final long submitted() {
        Extras known = extras;
        return known == null ? 0 : known.submitted;
    }

    /** For tests: as if it had been submitted long ago. */
    final void makeLate() {
        extras().submitted -= 2 * pool.settings.queueTimeoutNanos();
    }

    /** Whether it was queued for longer than it may be. */
    final boolean isLate() {
        return pool.settings.limitsQueueTime() && isLate(System.nanoTime());
    }

    final boolean isLate(long now) {
        long accepted = submitted();
        return accepted != 0 && now - accepted > pool.settings.queueTimeoutNanos();
    }

    private void end(@Nullable Object value, @Nullable Throwable thrown, boolean late) {
        Phase outcome = late ? Phase.DROPPED : thrown == null ? Phase.SUCCEEDED : Phase.FAILED;
        Worker by = worker;
        // A task of a lane leaves that between the two.
        boolean inTime = (by != null && listener == TaskListener.NONE && !(this instanceof LaneTask<?>))
                ? endAtOnce(by, value, outcome)
                : endInSteps(value, outcome);
        if (by != null) {
            by.letInterruptsPass(inTime);
        }
        if (inTime) {
            published(outcome);
        }
        heard(thrown);
    }

    /** The last that is heard of a task that had begun. */
    private void heard(@Nullable Throwable thrown) {
        if (thrown != null && !handled) {
            reportUncaught(thrown);
        }
        pool.settled(this);
        listener.exited(this);
    }

    /** The end, its publication and the accounts in one step of a worker; false when the task was cancelled before. */
    private boolean endAtOnce(Worker by, @Nullable Object value, Phase outcome) {
        outcomeIs(value);
        boolean inTime = by.end(this, outcome);
        if (!inTime) {
            outcomeIs(null);
        }
        return inTime;
    }

    /** The end and the accounts, with the listener between them and the lane after them, and all of it before publication. */
    private boolean endInSteps(@Nullable Object value, Phase outcome) {
        boolean inTime = leaveRunning(Phase.ENDING);
        if (inTime) {
            outcomeIs(value);
            listener.ending(this, outcome == Phase.SUCCEEDED ? null : (Throwable) value);
        }
        pool.ended(this, Ending.of(inTime ? outcome : phase()));
        return inTime;
    }

    private void published(Phase outcome) {
        if (phase() == Phase.ENDING) {
            finish(outcome);
        }
        published();
    }

    @Override
    void published() {
        wake();
        if (listener != TaskListener.NONE) {
            listener.done(this);
            knownExtras().told.happen();
        }
    }

    /** For a bare entry that the current thread, the worker's, already runs: the task that stands for it. */
    void show(Worker by) {
        moveTo(Phase.RUNNING);
        worker = by;
        holdsSlot = true;
        runsApart(Extras.withRunner());
        knownExtras().thread = Thread.currentThread();
        ownRunner().attach();
    }

    /** The entry has ended. */
    void endShown() {
        ownRunner().detach();
        knownExtras().thread = null;
        finish(Phase.SUCCEEDED);
        wake();
    }

    /** For reports: makes this task, which nobody runs, one that the thread runs. */
    void showOn(@Nullable Thread runs) {
        extras().thread = runs;
    }

    static void reportUncaught(Throwable thrown) {
        Thread current = Thread.currentThread();
        try {
            current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
        } catch (Throwable t) { // the handler is the user's; its failure must not cost the pool a worker
            reportHandler(thrown, t);
        }
    }

    private static void reportHandler(Throwable thrown, Throwable failure) {
        try {
            if (failure != thrown) {
                thrown.addSuppressed(failure);
            }
            LoggerFactory.getLogger(WorkerPool.class).error("The uncaught-exception handler failed", thrown);
        } catch (OutOfMemoryError e) {
            // Nothing can be told without memory, and the accounts have to go on.
        }
    }

    // ---- what the handle asks ------------------------------------------------------------------------

    @Override
    boolean withdraw() {
        boolean withdrawn = pool.withdraw(this);
        if (withdrawn) {
            publishUnrun();
        }
        return withdrawn;
    }

    /**
     * Interrupts the work that is running, or just about to, whatever its handle says. Yields for as long as whoever has
     * taken the task needs to say who it is, or another interrupt or the making of the task's own runner lasts.
     */
    @Override
    void interrupt() {
        while (isAtWork() || isWaiting()) {
            Runner own = runnerIfAny();
            Worker by = worker;
            if (own != null) {
                own.interrupt();
                return;
            }
            if (by != null && by.interrupt(this)) {
                return;
            }
            Thread.yield();
        }
    }

    @Override
    void awaitDone() throws InterruptedException {
        Waits.untilEnd(this, () -> await(Long.MAX_VALUE));
    }

    @Override
    boolean awaitReturn(long nanos) throws InterruptedException {
        return pool.awaitExit(this, nanos);
    }

    @Override
    void whenTold(Runnable action) {
        if (listener != TaskListener.NONE) {
            knownExtras().told.future().thenRun(action);
            return;
        }
        CompletableFuture<@Nullable Void> end = waiters();
        if (isDone()) {
            action.run();
        } else {
            end.thenRun(action);
        }
    }

    /** Returns whether it did; then this task is done. */
    @Override
    boolean runQueuedHere() throws InterruptedException {
        Task<?> me = current();
        if (me == null) {
            return false;
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!me.mayRunHere(pool) || !pool.claim(this)) {
            return false;
        }
        run();
        return true;
    }

    /** Whether the thread of this task may run another one of the pool on the same worker or permit. */
    boolean mayRunHere(BasePool target) {
        Task<?> holder = holder();
        return holder.pool == target && holder.holdsSlot && depth() < MAX_DEPTH;
    }

    private int depth() {
        Extras known = extras;
        return known == null ? 0 : known.depth;
    }

    /** The task inside which this one runs, on the same stack; or null. */
    @Nullable
    Task<?> enclosing() {
        Extras known = extras;
        return known == null ? null : known.outer;
    }

    /** The outermost task on this thread's stack: the one that may hold a worker or a permit. */
    Task<?> holder() {
        Task<?> at = this;
        for (Task<?> outer = enclosing(); outer != null; outer = outer.enclosing()) {
            at = outer;
        }
        return at;
    }

    // ---- for users and reports -----------------------------------------------------------------------

    @Override
    @SuppressWarnings("unchecked") // a job only gives what it makes
    public Job<T> job() {
        Object seen = work;
        if (seen instanceof Extras.Decorated decorated) {
            return decoratedJob(decorated);
        }
        if (!isRunnable && seen instanceof Job<?> known) {
            return (Job<T>) known;
        }
        if (isRunnable) {
            return Job.of(sequence, new Extras.Adapted<>((Runnable) seen, null));
        }
        Job<T> made = Job.of(sequence, (Callable<T>) seen);
        work = made; // two threads may make one each; they are equal in all that shows
        return made;
    }

    @SuppressWarnings("unchecked") // as above
    private Job<T> decoratedJob(Extras.Decorated decorated) {
        Object plain = decorated.work();
        if (decorated.isRunnable()) {
            return Job.of(sequence, new Extras.Adapted<>((Runnable) plain, null));
        }
        return plain instanceof Job<?> known ? (Job<T>) known : Job.of(sequence, (Callable<T>) plain);
    }

    /** What runs the work outside the pool: for a submitted {@code Runnable}, that very object. */
    Runnable toRunnable() {
        Object seen = work;
        boolean runnable = isRunnable;
        if (seen instanceof Extras.Decorated decorated) {
            seen = decorated.work();
            runnable = decorated.isRunnable();
        }
        if (runnable) {
            return (Runnable) seen;
        }
        Callable<?> callable = seen instanceof Job<?> known ? known.work() : (Callable<?>) seen;
        if (callable instanceof Extras.Adapted<?> adapted) {
            return adapted.task();
        }
        return () -> {
            try {
                callable.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        };
    }

    /** Who runs it, if anybody does; a moment ago. */
    @Nullable
    Thread thread() {
        Extras known = extras;
        Thread apart = known == null ? null : known.thread;
        Worker by = worker;
        return apart != null || by == null ? apart : by.threadOf(this);
    }

    /** What the thread is doing that runs this task; empty when it is between tasks. */
    List<StackTraceElement> stack() {
        Thread at = thread();
        return at == null ? List.of() : List.of(at.getStackTrace());
    }

    @Override
    public Collection<Task<?>> unfinished() {
        return isDone() ? List.of() : List.of(this);
    }

    /** What it is called. */
    Object id() {
        Object plain = work instanceof Extras.Decorated decorated ? decorated.work() : work;
        return plain instanceof Job<?> known ? known.id() : (Object) sequence;
    }

    /** The id as text; never fails, though the id is the user's. */
    final String name() {
        try {
            return String.valueOf(id());
        } catch (RuntimeException | StackOverflowError e) {
            return sequence + ", whose id throws " + e.getClass().getName();
        }
    }

    @Override
    public String toString() {
        return "task " + name() + " of " + pool.name + " (" + phase() + ")";
    }
}
