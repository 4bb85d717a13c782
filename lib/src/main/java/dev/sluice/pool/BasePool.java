package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Check;
import dev.sluice.internal.Lending;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The ways into a pool and the ways to close it, as far as they do not depend on how a task finds its thread. */
abstract sealed class BasePool extends PoolCore implements WorkerPool permits QueuedPool, GatedPool {
    /** How long {@link #close(Duration)} lets interrupted tasks wind up before it calls them running. */
    private static final Duration GRACE = Duration.ofMillis(100);

    static {
        // Who waits for a pipeline in a task of a pool gives up what the pipeline's stages may need.
        Lending.by(wait -> Waits.lending(() -> {
            wait.once();
            return true;
        }));
    }

    final OnFull onFull;

    BasePool(PoolSettings settings, long stampMask) {
        super(settings, settings.exactTimings() || settings.limitsQueueTime() ? 0 : stampMask);
        this.onFull = settings.onFull();
    }

    // ---- what the variants do ------------------------------------------------------------------------

    /** Lets the task in by the pool's policy, or throws {@code RejectedExecutionException}; counts it either way. */
    abstract void admit(Task<?> task);

    /** As {@link #admit}, for what nobody holds a handle of. */
    abstract void admitBare(Runnable command);

    /** Lets the task in, and counts it, if that can be done within the time; 0 for at once. */
    abstract boolean tryAdmit(Task<?> task, long nanos) throws InterruptedException;

    /** What has to end before there is room for the task. */
    abstract Awaited room(Task<?> task);

    /** Takes a queued task out of the queue for the current thread to run; false when it is not queued. */
    abstract boolean claim(Task<?> task);

    /** Gives up the holder's worker or permit while {@code work} runs. */
    abstract <T, X extends Exception> T lend(Task<?> holder, Gate.Work<T, X> work) throws X;

    /** Before the first task comes by way of a lane. */
    abstract void openLanes();

    /** How many tasks {@link #outcomes} keeps in flight. */
    abstract int feedAhead();

    // ---- what they share -----------------------------------------------------------------------------

    /** Lets the task in as soon as there is room, whatever the policy; a task of this pool runs it instead of waiting. */
    final boolean admitWithRoom(Task<?> task) throws InterruptedException {
        if (!tryAdmit(task, 0)) {
            runHereOrWait(task);
        }
        return true;
    }

    private void runHereOrWait(Task<?> task) throws InterruptedException {
        Task<?> me = Task.current();
        if (me != null && me.mayRunHere(this)) {
            runHere(task, false);
        } else {
            awaitRoom(task);
        }
    }

    private void awaitRoom(Task<?> task) throws InterruptedException {
        try {
            Waits.untilEnd(room(task), () -> tryAdmit(task, Long.MAX_VALUE));
        } catch (IllegalStateException e) { // a wait without end
            look(() -> reject("its submitter would wait for itself", e));
            throw e;
        }
    }

    /** As {@link OnFull#BLOCK} has it: a task of this pool does not wait for itself, but runs the new task. */
    final void admitBlocking(Task<?> task) {
        try {
            runHereOrWait(task);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Counts the refusal of a task whose submitter was interrupted. */
    final RejectedExecutionException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return refusal("its submitter was interrupted while it waited for room", e);
    }

    /** As {@link #admit}, but waits no longer than this; false when the time was up. */
    final boolean admitWithin(Task<?> task, long nanos) throws InterruptedException {
        if (onFull == OnFull.BLOCK && nanos != Long.MAX_VALUE) {
            return Waits.lending(() -> tryAdmit(task, nanos));
        }
        admit(task);
        return true;
    }

    /** Waits for room for a task of a lane, which is never run by its submitter. */
    final void admitToLane(Task<?> task) {
        try {
            awaitRoom(task);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    final void runHere(Task<?> task, boolean byCaller) {
        Extras extras = Extras.withRunner();
        lock.lock();
        try {
            requireOpen();
            if (!task.moveTo(Phase.RUNNING)) {
                accounts.cancelNew();
                return;
            }
            accounts.submitted++;
            accounts.callerRunning += byCaller ? 1 : 0;
            extras.byCaller = byCaller;
            begun(task, extras);
        } finally {
            lock.unlock();
        }
        if (settings.limitsQueueTime()) {
            task.accepted();
        }
        task.run();
    }

    final void dropNewest(Task<?> task, String why) {
        lock.lock();
        try {
            requireOpen();
            if (!task.moveTo(Phase.DROPPING)) {
                accounts.cancelNew();
                return;
            }
            accounts.dropNew();
        } finally {
            lock.unlock();
        }
        task.publishDropped(rejection(why, null));
    }

    /** Counts a refusal, without the lock held. */
    final RejectedExecutionException refusal(String why, @Nullable Throwable cause) {
        return look(() -> reject(why, cause));
    }

    /** Counts a task that was cancelled before it was let in, by the group that it belongs to. */
    final void admitCancelled(Task<?> task) {
        lock.lock();
        try {
            requireOpen();
            task.moveTo(Phase.CANCELLED);
            accounts.cancelNew();
        } finally {
            lock.unlock();
        }
        task.publishUnrun();
    }

    // ---- ways in -----------------------------------------------------------------------------------

    @Override
    public final void execute(Runnable command) {
        admitBare(Check.notNull("command", command));
    }

    @Override
    public final <T extends @Nullable Object> TaskHandle<T> submit(Callable<T> task) {
        return admitted(Task.of(this, task, TaskListener.NONE));
    }

    @Override
    public final <T extends @Nullable Object> TaskHandle<T> submit(Job<T> job) {
        return admitted(Task.of(this, job, TaskListener.NONE));
    }

    @Override
    public final <T extends @Nullable Object> TaskHandle<T> submit(Runnable task, T result) {
        return admitted(Task.of(this, task, result));
    }

    @Override
    public final TaskHandle<?> submit(Runnable task) {
        return admitted(Task.of(this, task));
    }

    @Override
    public final <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Callable<T> task) {
        return admittedNow(Task.of(this, task, TaskListener.NONE));
    }

    @Override
    public final <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Job<T> job) {
        return admittedNow(Task.of(this, job, TaskListener.NONE));
    }

    @Override
    public final Optional<TaskHandle<?>> trySubmit(Runnable task) {
        return admittedNow(Task.of(this, task)).map(handle -> handle);
    }

    @Override
    public final <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Callable<T> task, Duration timeout)
            throws InterruptedException {
        return admittedWithin(Task.of(this, task, TaskListener.NONE), timeout);
    }

    @Override
    public final <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Job<T> job, Duration timeout)
            throws InterruptedException {
        return admittedWithin(Task.of(this, job, TaskListener.NONE), timeout);
    }

    @Override
    public final Optional<TaskHandle<?>> trySubmit(Runnable task, Duration timeout) throws InterruptedException {
        return admittedWithin(Task.of(this, task), timeout).map(handle -> handle);
    }

    private <T extends @Nullable Object> Task<T> admitted(Task<T> task) {
        admit(task);
        return task;
    }

    final <T extends @Nullable Object> Optional<TaskHandle<T>> admittedNow(Task<T> task) {
        try {
            return admittedOrCounted(task, tryAdmit(task, 0));
        } catch (InterruptedException e) {
            throw new AssertionError(e); // nothing waits
        }
    }

    private <T extends @Nullable Object> Optional<TaskHandle<T>> admittedWithin(Task<T> task, Duration timeout)
            throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return admittedOrCounted(task, tryAdmit(task, 0) || (nanos > 0 && Waits.lending(() -> tryAdmit(task, nanos))));
    }

    private <T extends @Nullable Object> Optional<TaskHandle<T>> admittedOrCounted(Task<T> task, boolean admitted) {
        if (admitted) {
            return Optional.of(task);
        }
        lock.lock();
        try {
            accounts.rejectNew();
        } finally {
            lock.unlock();
        }
        return Optional.empty();
    }

    @Override
    public final Lane lane(Object key) {
        if (onFull == OnFull.CALLER_RUNS) {
            throw new IllegalStateException("lanes of pool " + name
                    + " must not run tasks in their submitters' threads," + " but its onFull is CALLER_RUNS");
        }
        openLanes();
        return new Lane(this, key);
    }

    @Override
    public final <T extends @Nullable Object> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
            throws InterruptedException {
        return Bulk.invokeAll(this, tasks, Long.MAX_VALUE);
    }

    @Override
    public final <T extends @Nullable Object> List<Future<T>> invokeAll(
            Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit) throws InterruptedException {
        return Bulk.invokeAll(this, tasks, Check.notNull("unit", unit).toNanos(timeout));
    }

    @Override
    public final <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
            throws InterruptedException, ExecutionException {
        try {
            return Bulk.invokeAny(this, tasks, Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new AssertionError(e); // not within 292 years
        }
    }

    @Override
    public final <T extends @Nullable Object> T invokeAny(
            Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return Bulk.invokeAny(this, tasks, Check.notNull("unit", unit).toNanos(timeout));
    }

    @Override
    public final <T extends @Nullable Object> TaskGroup<T> group(OnFailure onFailure) {
        return new Group<>(this, onFailure);
    }

    @Override
    public final <T extends @Nullable Object> TaskGroup<T> group(OnFailure onFailure, Duration deadline) {
        Group<T> group = new Group<>(this, onFailure);
        group.expireAfter(deadline);
        return group;
    }

    @Override
    public final <T extends @Nullable Object> Outcomes<T> outcomes(Iterable<? extends Job<T>> jobs) {
        return feed(jobs, new Group<>(this, OnFailure.COLLECT));
    }

    @Override
    public final <T extends @Nullable Object> Outcomes<T> outcomes(Iterable<? extends Job<T>> jobs, Duration deadline) {
        Group<T> group = new Group<>(this, OnFailure.COLLECT);
        Outcomes<T> outcomes = feed(jobs, group);
        group.expireAfter(Check.notNull("deadline", deadline));
        return outcomes;
    }

    private <T extends @Nullable Object> Outcomes<T> feed(Iterable<? extends Job<T>> jobs, Group<T> group) {
        return new Feed<>(
                this,
                Check.notNull("jobs.iterator()", Check.notNull("jobs", jobs).iterator()),
                group);
    }

    // ---- closing -------------------------------------------------------------------------------------

    @Override
    public final void shutdown() {
        end();
    }

    @Override
    public final List<Runnable> shutdownNow() {
        return stop().stream().map(Task::toRunnable).toList();
    }

    @Override
    public final boolean isShutdown() {
        return look(() -> !isOpen());
    }

    @Override
    public final boolean isTerminated() {
        return look(this::terminated);
    }

    @Override
    public final boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return await(this::terminated, Check.notNull("unit", unit).toNanos(timeout));
    }

    @Override
    public final boolean awaitIdle(Duration timeout) throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        refuseOwnTask("awaitIdle");
        return await(this::idle, nanos);
    }

    @Override
    public final void close() {
        end();
        refuseOwnTask("close");
        boolean interrupted = false;
        boolean terminated = false;
        while (!terminated) {
            try {
                terminated = await(this::terminated, Long.MAX_VALUE);
            } catch (InterruptedException e) {
                interrupted = true;
                stop();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public final ShutdownReport close(Duration timeout) {
        long nanos = Check.nanos("timeout", timeout);
        long endedBefore = endings();
        end();
        refuseOwnTask("close");
        List<Task<?>> neverStarted = List.of();
        try {
            if (!await(this::terminated, nanos)) {
                neverStarted = stop();
                await(this::terminated, GRACE.toNanos());
            }
        } catch (InterruptedException e) {
            neverStarted = neverStarted.isEmpty() ? stop() : neverStarted;
            Thread.currentThread().interrupt();
        }
        long completed = endings() - endedBefore - neverStarted.size();
        return ShutdownReport.of(completed, neverStarted, runningTasks());
    }

    private long endings() {
        PoolStats now = snapshot();
        return now.succeeded() + now.failed() + now.cancelled();
    }

    private void refuseOwnTask(String call) {
        for (Task<?> task = Task.current(); task != null; task = task.enclosing()) {
            if (task.pool == this) {
                throw new IllegalStateException(call + " was called by " + task + ", for which it would have to wait");
            }
        }
    }

    @Override
    public final PoolStats stats() {
        return snapshot();
    }

    @Override
    public final String toString() {
        PoolStats now = snapshot();
        String state = isTerminated() ? "terminated" : isShutdown() ? "shut down" : "open";
        return "WorkerPool[" + name + ", " + state + ", " + now.running() + " of " + now.workers() + " running, "
                + now.queued() + " of " + now.queueCapacity() + " queued, " + now.waiting() + " submitters waiting]";
    }
}
