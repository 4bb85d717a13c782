package dev.sluice.pool;

import dev.sluice.gate.Permit;
import dev.sluice.internal.Check;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One task on its way through a pool.
 *
 * <pre>
 * WAITING ──begin──> RUNNING ──returns or throws──> ENDED
 *    │                  └──cancel──> ABANDONED ──returns or throws──> CANCELLED
 *    ├──cancel──> CANCELLED
 *    └──drop──> DROPPED
 * </pre>
 *
 * <p>WAITING is left by a CAS, which decides who gets the task, together with the queue and the accounts: under the pool's
 * lock, or by a worker within one step of its own accounts. RUNNING is left by a CAS, which decides between the end of the work and a cancellation. The accounts are changed before {@code done} happens: so
 * who has seen a handle terminal finds it counted. {@code value} and {@code failure} are written before {@code done}
 * happens and read after it.
 */
final class Task<T extends @Nullable Object> implements TaskHandle<T>, Awaited {
    enum Phase {
        WAITING,
        RUNNING,
        ABANDONED,
        ENDED,
        CANCELLED,
        DROPPED
    }

    /** How deep tasks may run inside one another on one stack before a waiting task lends its worker instead. */
    static final int MAX_DEPTH = 64;

    private static final VarHandle PHASE;

    static {
        try {
            PHASE = MethodHandles.lookup().findVarHandle(Task.class, "phase", Phase.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The innermost task that the thread is running, or, for good, the worker that it is, which knows that. */
    private static final ThreadLocal<@Nullable Object> CURRENT = new ThreadLocal<>();

    final BasePool pool;
    private final long sequence;
    private final Callable<? extends T> work;
    private final @Nullable Runnable original;
    private volatile @Nullable Job<T> job;
    private final boolean handled;
    private final TaskListener listener;

    private volatile Phase phase = Phase.WAITING;
    private final Runner runner = new Runner();
    private final Event done = new Event();
    /** Happens after {@code done} and the listener: here the callbacks of users hang, who may ask the listener. */
    private final Event told;

    private @Nullable T value;
    private @Nullable Throwable failure;

    /** The neighbours in, and the list itself of, {@link TaskList}; guarded by the pool's lock. */
    @Nullable
    TaskList list;

    @Nullable
    Task<?> previous;

    @Nullable
    Task<?> next;

    /** What the task waits for, while it does; read by {@link Deadlock}. */
    volatile @Nullable Awaited waitingFor;

    /** Written by the thread that begins the task, read by it and, as a hint for reports, by others. */
    private volatile @Nullable Thread thread;

    /** Used only by the thread that runs the task. */
    private @Nullable Task<?> outer;

    private int depth;

    /** Whether the task holds a worker or a permit of its own; only its own thread looks, after its start was handed over safely. */
    boolean holdsSlot;

    /** Whose entry the task is, when a worker runs it by itself; for its own thread. */
    @Nullable
    Worker worker;

    /** Whether it was put into the backlog; guarded by the backlog's locks. */
    boolean queued;

    /** The permit of a task of a gated pool, from before its start until its work has ended. */
    @Nullable
    Permit permit;

    /** Whether its submitter runs the task under {@link OnFull#CALLER_RUNS}; guarded by the pool's lock. */
    boolean byCaller;

    private Task(
            BasePool pool,
            Callable<? extends T> work,
            @Nullable Runnable original,
            @Nullable Job<T> job,
            boolean handled,
            TaskListener listener) {
        this.pool = pool;
        this.sequence = pool.nextSequence();
        this.work = work;
        this.original = original;
        this.job = job;
        this.handled = handled;
        this.listener = listener;
        this.told = listener == TaskListener.NONE ? done : new Event();
    }

    static Task<?> of(BasePool pool, Runnable task) {
        return of(pool, task, null);
    }

    static Task<?> executed(BasePool pool, Runnable command) {
        return new Task<>(
                pool, Executors.callable(Check.notNull("command", command)), command, null, false, TaskListener.NONE);
    }

    static <T extends @Nullable Object> Task<T> of(BasePool pool, Runnable task, @Nullable T result) {
        return new Task<>(
                pool, Executors.callable(Check.notNull("task", task), result), task, null, true, TaskListener.NONE);
    }

    static <T extends @Nullable Object> Task<T> of(BasePool pool, Callable<? extends T> task, TaskListener listener) {
        return new Task<>(pool, Check.notNull("task", task), null, null, true, listener);
    }

    @SuppressWarnings("unchecked") // a job only gives what it makes
    static <T extends @Nullable Object> Task<T> of(BasePool pool, Job<? extends T> job, TaskListener listener) {
        return new Task<>(pool, Check.notNull("job", job).work(), null, (Job<T>) job, true, listener);
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

    // ---- life -------------------------------------------------------------------------------

    boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    boolean isAbandoned() {
        return phase == Phase.ABANDONED;
    }

    /** Leaves WAITING, unless the task has left it already. */
    boolean moveTo(Phase next) {
        return PHASE.compareAndSet(this, Phase.WAITING, next);
    }

    /** Tells the world of a task that was cancelled before it began; its phase and the accounts say so already. */
    void publishUnrun() {
        publish();
        listener.exited(this);
    }

    /** Tells the world of a task that was dropped; its phase and the accounts say so already. */
    void publishDropped(Throwable cause) {
        failure = cause;
        publishUnrun();
    }

    /** Fails the begun task in place of running it. */
    void failUnrun(Throwable cause) {
        end(null, cause);
    }

    /** Runs the work in the current thread; the task has begun. */
    void run() {
        Task<?> enclosing = current();
        if (enclosing != null) {
            enclosing.runner.suspend(); // before the flag is read: what comes later for that task waits for its return
        }
        // A flag from before is not this task's; it goes back to whoever runs next on this stack.
        boolean flagBefore = Thread.interrupted();
        enter();
        T result = null;
        Throwable thrown = null;
        try {
            if (phase == Phase.RUNNING) {
                result = work.call();
            }
        } catch (Throwable t) { // an Error of a task must not cost the pool a worker
            thrown = t;
        }
        boolean interruptWasOurs = runner.detach();
        boolean flagAfter = Thread.interrupted();
        end(result, thrown);
        leave();
        if (flagBefore || (flagAfter && !interruptWasOurs)) {
            Thread.currentThread().interrupt();
        }
    }

    private void enter() {
        Task<?> enclosing = current();
        if (enclosing != null) {
            // For the end of the work, not for its outcome: cancelling it does not bring this stack back.
            enclosing.waitingFor = () -> List.of(this);
            outer = enclosing;
            depth = enclosing.depth + 1;
        }
        thread = Thread.currentThread();
        current(this);
        runner.attach();
    }

    private void leave() {
        Task<?> enclosing = outer;
        outer = null;
        thread = null;
        current(enclosing);
        if (enclosing != null) {
            enclosing.waitingFor = null;
            enclosing.runner.attach();
        }
    }

    private void end(@Nullable T result, @Nullable Throwable thrown) {
        boolean inTime = PHASE.compareAndSet(this, Phase.RUNNING, Phase.ENDED);
        if (inTime) {
            value = result;
            failure = thrown;
            listener.ending(this);
        }
        pool.ended(this, !inTime ? Ending.CANCELLED : thrown == null ? Ending.SUCCEEDED : Ending.FAILED);
        if (inTime) {
            publish();
        }
        if (thrown != null && !handled) {
            reportUncaught(thrown);
        }
        pool.settled(this);
        listener.exited(this);
    }

    /** For a bare entry that the current thread already runs: the task that stands for it. */
    void show() {
        thread = Thread.currentThread();
        runner.attach();
    }

    /** The entry has ended. */
    void endShown() {
        runner.detach();
        thread = null;
        phase = Phase.ENDED;
        done.happen();
    }

    /** For reports: makes this task one that the thread runs. */
    void showOn(@Nullable Thread runs) {
        thread = runs;
    }

    /** The last step of an abandoned task, under the pool's lock. */
    void exitAbandoned() {
        PHASE.compareAndSet(this, Phase.ABANDONED, Phase.CANCELLED);
    }

    private void publish() {
        done.happen();
        if (told != done) {
            listener.done(this);
            told.happen();
        }
    }

    static void reportUncaught(Throwable thrown) {
        Thread current = Thread.currentThread();
        try {
            current.getUncaughtExceptionHandler().uncaughtException(current, thrown);
        } catch (Throwable t) { // the handler is the user's; its failure must not cost the pool a worker
            if (t != thrown) {
                thrown.addSuppressed(t);
            }
            LoggerFactory.getLogger(WorkerPool.class).error("The uncaught-exception handler failed", thrown);
        }
    }

    // ---- handle -----------------------------------------------------------------------------

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        if (phase == Phase.WAITING && pool.withdraw(this)) {
            publishUnrun();
            return true;
        }
        if (PHASE.compareAndSet(this, Phase.RUNNING, Phase.ABANDONED)) {
            if (mayInterruptIfRunning) {
                runner.interrupt();
            }
            publish();
            return true;
        }
        return false;
    }

    /** Interrupts the running work, whatever its handle says. */
    void interrupt() {
        runner.interrupt();
    }

    @Override
    public boolean isCancelled() {
        Phase seen = phase;
        return seen == Phase.ABANDONED || seen == Phase.CANCELLED;
    }

    @Override
    public boolean isDone() {
        return done.hasHappened() || isCancelled();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        // A task that stop() has cancelled is so before its turn to be published has come.
        if (!isDone() && !runQueuedHere()) {
            Waits.untilEnd(this, () -> {
                done.await(Long.MAX_VALUE);
                return true;
            });
        }
        return result();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long nanos = Check.notNull("unit", unit).toNanos(timeout);
        if (!isDone() && !Waits.lending(() -> done.await(nanos))) {
            throw new TimeoutException(this + " did not end within " + Duration.ofNanos(nanos));
        }
        return result();
    }

    /**
     * When the current thread runs a task of the same pool and this one is still queued, runs it on the spot. Returns
     * whether it did; then this task is done.
     */
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
        return holder.pool == target && holder.holdsSlot && depth < MAX_DEPTH;
    }

    /** The task inside which this one runs, on the same stack; or null. */
    @Nullable
    Task<?> enclosing() {
        return outer;
    }

    /** The outermost task on this thread's stack: the one that may hold a worker or a permit. */
    Task<?> holder() {
        Task<?> at = this;
        while (at.outer != null) {
            at = at.outer;
        }
        return at;
    }

    private T result() throws ExecutionException {
        if (isCancelled()) {
            throw new CancellationException(this + " was cancelled");
        }
        if (failure != null) {
            throw new ExecutionException(this + " failed: " + failure, failure);
        }
        return valueOrNull();
    }

    @SuppressWarnings("NullAway") // a Callable may return null, and Future passes it on
    private T valueOrNull() {
        return value;
    }

    @Override
    public CompletableFuture<T> toCompletableFuture() {
        CompletableFuture<T> copy = new CompletableFuture<>();
        told.future().thenRun(() -> {
            if (isCancelled()) {
                copy.cancel(false);
            } else if (failure != null) {
                copy.completeExceptionally(failure);
            } else {
                copy.complete(valueOrNull());
            }
        });
        return copy;
    }

    @Override
    public boolean awaitExit(Duration timeout) throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        return hasExited()
                || Waits.lending(() -> {
                    long deadline = System.nanoTime() + nanos;
                    return done.await(nanos) && pool.awaitExit(this, deadline - System.nanoTime());
                });
    }

    /** Whether the work has ended, or will never begin, and the handle says so. */
    boolean hasExited() {
        return done.hasHappened() && phase != Phase.ABANDONED;
    }

    @Override
    public Job<T> job() {
        Job<T> known = job;
        if (known == null) {
            known = Job.of(sequence, work);
            job = known; // two threads may make one each; they are equal in all that shows
        }
        return known;
    }

    /** How the task ended; it is done. */
    Outcome<T> outcome() {
        if (isCancelled()) {
            return new Outcome.Cancelled<>(job());
        }
        if (failure == null) {
            return new Outcome.Success<>(job(), valueOrNull());
        }
        return phase == Phase.DROPPED ? new Outcome.Dropped<>(job(), failure) : new Outcome.Failure<>(job(), failure);
    }

    /** What runs the work outside the pool: for a submitted {@code Runnable}, that very object. */
    Runnable toRunnable() {
        if (original != null) {
            return original;
        }
        return () -> {
            try {
                work.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        };
    }

    /** What the thread is doing that runs this task; empty when it is between tasks. */
    List<StackTraceElement> stack() {
        Thread at = thread;
        return at == null ? List.of() : List.of(at.getStackTrace());
    }

    @Override
    public Collection<Task<?>> unfinished() {
        return isDone() ? List.of() : List.of(this);
    }

    @Override
    public String toString() {
        Job<T> known = job;
        return "task " + (known == null ? sequence : known.id()) + " of " + pool.name + " (" + phase + ")";
    }
}
