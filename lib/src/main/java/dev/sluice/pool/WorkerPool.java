package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Check;
import dev.sluice.internal.Threads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bounded executor that keeps accounts: so many tasks at a time, so many more in its queue, and none lost silently.
 *
 * <pre>{@code
 * try (WorkerPool pool = WorkerPool.of(8)) {
 *     TaskHandle<Integer> handle = pool.submit(() -> price(item));
 *     show(handle.get());
 * }
 * }</pre>
 *
 * <p>There are two variants with one contract. The <em>queued</em> one has worker threads and a bounded queue. The
 * <em>gated</em> one ({@link #gated}) has no queue: each task takes a permit of a {@link Gate} in the submitter's thread,
 * then gets a thread of its own and gives the permit back when it has really ended. Only in its {@link #lane lanes} tasks
 * wait inside the pool, each for the one before it.
 *
 * <p><b>Bounds.</b> At most {@code workers} tasks run at a time (gated: as many as there are permits) and at most
 * {@code queueCapacity} wait in the queue, those in lanes included; a cancelled task's place is free at once. What happens to one more is the
 * {@link OnFull} policy; by default its submitter waits. Only {@link OnFull#CALLER_RUNS} lets a task run beyond the limit,
 * one for each submitter.
 *
 * <p><b>Order.</b> Tasks are begun in the order in which they were accepted; for one submitter that is the order of its
 * calls. The exception is a task that another one runs on the spot because it waits for it.
 *
 * <p><b>Tasks that use their own pool</b> do not deadlock through the waits of this library: {@code submit} to a full
 * pool, {@code TaskHandle.get}, {@code TaskGroup.join} and the like, {@code invokeAll}. They run what they wait for on the
 * spot, or lend their worker (their permit) while they wait and take it back before they go on; so the limit holds for the
 * tasks that are not waiting. A wait that can never end throws {@link IllegalStateException} and names the cycle. Waits on
 * latches, foreign locks and {@code CompletableFuture.join} are not covered: an {@code HttpClient} whose selector thread
 * waits for room in a full {@link OnFull#BLOCK} pool, in which all tasks wait for responses, stands still; give it a pool
 * of its own, or one with {@link OnFull#CALLER_RUNS}.
 *
 * <p><b>Interruption.</b> Interrupts reach a task only by {@code cancel(true)}, {@link #shutdownNow} and the time limits
 * that are built on them, and never the task after it on the same thread. A submitter interrupted while it waits in
 * {@code submit} or {@code execute} gets a {@link RejectedExecutionException} with the {@code InterruptedException} as its
 * cause, and keeps the interrupt flag; the timed {@code trySubmit} throws {@code InterruptedException}.
 *
 * <p><b>Failure.</b> What a submitted task throws is in its handle, errors included. What a task given to {@code execute}
 * throws goes to the uncaught-exception handler of the thread that runs it, and the thread goes on. A thread that cannot
 * be started (factory, memory) costs at most the task for which it was wanted, which is refused or fails.
 *
 * <p><b>Closing.</b> {@link #close()} refuses newcomers, waits for what was accepted and for the threads to end;
 * {@link #close(Duration)} waits so long and reports what it had to leave. A submitter that waits when the pool is shut
 * down is refused. The gate of a gated pool stays open. A pool that is never closed keeps its threads, and they keep the JVM
 * alive unless they are daemons.
 *
 * <p>All methods may be called by any thread. Memory consistency is that of {@link ExecutorService}: what was done before
 * submitting a task happens-before its work, which happens-before what is done after its result was obtained.
 */
public sealed interface WorkerPool extends ExecutorService, AutoCloseable permits BasePool {

    /**
     * A queued pool with a queue of 1024 and the other defaults of {@link #builder}.
     *
     * @param workers how many tasks may run at once, at least 1
     * @return the pool
     */
    static WorkerPool of(int workers) {
        return builder().workers(workers).build();
    }

    /**
     * A gated pool with the defaults of {@link #builder}.
     *
     * @param gate gives the permits; it may be shared with other code, and is not closed with the pool
     * @return the pool
     */
    static WorkerPool gated(Gate gate) {
        return builder().gate(gate).build();
    }

    /**
     * Starts the description of a pool.
     *
     * @return a builder with all defaults
     */
    static Builder builder() {
        return new Builder();
    }

    /**
     * Submits a task; waits, refuses, drops or runs it in this thread when there is no room, as {@link OnFull} says.
     *
     * @param task the work
     * @param <T> what it gives
     * @return its handle
     * @throws RejectedExecutionException when the pool is shut down, or refuses the task, or the thread was interrupted
     *     while it waited for room
     */
    @Override
    <T extends @Nullable Object> TaskHandle<T> submit(Callable<T> task);

    /**
     * Submits a job, as {@link #submit(Callable)}.
     *
     * @param job the work with its descriptor
     * @param <T> what it gives
     * @return its handle
     * @throws RejectedExecutionException as {@link #submit(Callable)}
     */
    <T extends @Nullable Object> TaskHandle<T> submit(Job<T> job);

    /**
     * Submits a task with a given result, as {@link #submit(Callable)}.
     *
     * @param task the work
     * @param result what the handle gives when the work has returned
     * @param <T> the result's type
     * @return its handle
     * @throws RejectedExecutionException as {@link #submit(Callable)}
     */
    @Override
    <T extends @Nullable Object> TaskHandle<T> submit(Runnable task, T result);

    /**
     * Submits a task without a result, as {@link #submit(Callable)}. Work that throws checked exceptions is submitted as
     * a {@code Callable}: let it return something.
     *
     * @param task the work
     * @return its handle, whose value is null
     * @throws RejectedExecutionException as {@link #submit(Callable)}
     */
    @Override
    TaskHandle<?> submit(Runnable task);

    /**
     * Submits a task if there is room now, whatever the {@link OnFull} policy; never waits.
     *
     * @param task the work
     * @param <T> what it gives
     * @return its handle, or empty, which counts as rejected
     * @throws RejectedExecutionException when the pool is shut down
     */
    <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Callable<T> task);

    /**
     * Submits a job if there is room now, as {@link #trySubmit(Callable)}.
     *
     * @param job the work with its descriptor
     * @param <T> what it gives
     * @return its handle, or empty
     * @throws RejectedExecutionException when the pool is shut down
     */
    <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Job<T> job);

    /**
     * Submits a task without a result if there is room now, as {@link #trySubmit(Callable)}.
     *
     * @param task the work
     * @return its handle, or empty
     * @throws RejectedExecutionException when the pool is shut down
     */
    Optional<TaskHandle<?>> trySubmit(Runnable task);

    /**
     * Submits a task as soon as there is room, whatever the {@link OnFull} policy, and waits for it no longer than this.
     *
     * @param task the work
     * @param timeout how long to wait; zero or less for not at all
     * @param <T> what it gives
     * @return its handle, or empty, which counts as rejected
     * @throws InterruptedException when interrupted before or while waiting; the task is not submitted
     * @throws RejectedExecutionException when the pool is shut down, now or meanwhile
     */
    <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Callable<T> task, Duration timeout)
            throws InterruptedException;

    /**
     * Submits a job as soon as there is room, as {@link #trySubmit(Callable, Duration)}.
     *
     * @param job the work with its descriptor
     * @param timeout how long to wait; zero or less for not at all
     * @param <T> what it gives
     * @return its handle, or empty
     * @throws InterruptedException when interrupted before or while waiting; the job is not submitted
     * @throws RejectedExecutionException when the pool is shut down, now or meanwhile
     */
    <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Job<T> job, Duration timeout)
            throws InterruptedException;

    /**
     * Submits a task without a result as soon as there is room, as {@link #trySubmit(Callable, Duration)}.
     *
     * @param task the work
     * @param timeout how long to wait; zero or less for not at all
     * @return its handle, or empty
     * @throws InterruptedException when interrupted before or while waiting; the task is not submitted
     * @throws RejectedExecutionException when the pool is shut down, now or meanwhile
     */
    Optional<TaskHandle<?>> trySubmit(Runnable task, Duration timeout) throws InterruptedException;

    /**
     * Where the tasks of one key run in order, one at a time, beside those of other keys.
     *
     * @param key its {@code equals} and {@code hashCode} must be quick, and must not use the pool
     * @return the lane; lanes of equal keys are the same lane
     * @throws IllegalStateException when the pool's policy is {@link OnFull#CALLER_RUNS}
     */
    Lane lane(Object key);

    /**
     * Starts a group of tasks that are waited for as one. With {@code var}, say what the tasks give:
     * {@code pool.<Price>group(onFailure)}.
     *
     * @param onFailure what a failure means for the others
     * @param <T> what the tasks give
     * @return the group, to be closed
     */
    <T extends @Nullable Object> TaskGroup<T> group(OnFailure onFailure);

    /**
     * Starts a group of tasks that are cancelled when they have not ended in time.
     *
     * @param onFailure what a failure means for the others
     * @param deadline how long from now the group has; zero or less for no time at all
     * @param <T> what the tasks give
     * @return the group, to be closed
     */
    <T extends @Nullable Object> TaskGroup<T> group(OnFailure onFailure, Duration deadline);

    /**
     * Runs jobs as their outcomes are read.
     *
     * @param jobs read by the one who reads the outcomes; may be endless
     * @param <T> what the jobs give
     * @return the outcomes in the order in which the jobs end, to be closed
     */
    <T extends @Nullable Object> Outcomes<T> outcomes(Iterable<? extends Job<T>> jobs);

    /**
     * Runs jobs as their outcomes are read, with a time limit for the whole: when it passes, what is in flight is
     * cancelled and no more jobs are taken; the reader is told after the last outcome.
     *
     * @param jobs read by the one who reads the outcomes; may be endless
     * @param deadline how long from now the run has; zero or less for no time at all
     * @param <T> what the jobs give
     * @return the outcomes in the order in which the jobs end, to be closed
     */
    <T extends @Nullable Object> Outcomes<T> outcomes(Iterable<? extends Job<T>> jobs, Duration deadline);

    /**
     * Waits until nothing is queued or running: all that was accepted has ended, its handles are terminal, and for a
     * gated pool every permit that its tasks held is back.
     *
     * @param timeout how long to wait; zero or less looks without waiting
     * @return whether that was reached
     * @throws InterruptedException when interrupted while waiting
     * @throws IllegalStateException when called by a task of this pool
     */
    boolean awaitIdle(Duration timeout) throws InterruptedException;

    /**
     * Changes how many tasks may run at once. More may start at once; none that runs is stopped. For a gated pool it
     * resizes the gate.
     *
     * @param workers at least 1
     */
    void resize(int workers);

    /**
     * The accounts of this moment. Cheap enough to be asked for each second.
     *
     * @return a consistent snapshot
     */
    PoolStats stats();

    /**
     * Shuts the pool down and waits until every accepted task and every thread has ended. Interrupted, it does as
     * {@link #shutdownNow}, goes on waiting, and sets the flag again before it returns. Closing again waits again.
     *
     * @throws IllegalStateException when called by a task of this pool, after shutting it down
     */
    @Override
    void close();

    /**
     * Shuts the pool down and waits as long as told; then cancels what is queued, interrupts what runs, gives that a
     * tenth of a second to wind up, and reports what is left. Interrupted, it cancels, interrupts and reports at once, and
     * keeps the flag.
     *
     * @param timeout how long the tasks have to end by themselves
     * @return what never ran and what still runs, with stacks
     * @throws IllegalStateException when called by a task of this pool, after shutting it down
     */
    ShutdownReport close(Duration timeout);

    /** Describes a pool; {@link #build} checks it. Not for use by several threads. */
    final class Builder {
        private static final AtomicInteger NUMBER = new AtomicInteger();

        private @Nullable String name;
        private @Nullable Integer workers;
        private @Nullable Integer queueCapacity;
        private @Nullable Integer laneCapacity;
        private @Nullable Gate gate;
        private OnFull onFull = OnFull.BLOCK;
        private @Nullable ThreadFactory threadFactory;
        private boolean virtual;
        private @Nullable Boolean daemon;
        private @Nullable Duration keepAlive;
        private @Nullable Duration queueTimeout;
        private @Nullable TaskDecorator decorator;
        private boolean exactTimings;
        private @Nullable Duration stuckAfter = Duration.ofSeconds(30);

        private Builder() {}

        /**
         * What the pool is called in messages; its threads are called {@code <name>-worker-1} and so on.
         *
         * @param name by default {@code pool-1} and so on
         * @return this
         */
        public Builder name(String name) {
            this.name = Check.notNull("name", name);
            return this;
        }

        /**
         * How many tasks may run at once.
         *
         * @param workers at least 1; by default the number of available processors
         * @return this
         */
        public Builder workers(int workers) {
            this.workers = Check.atLeast("workers", workers, 1);
            return this;
        }

        /**
         * How many tasks may be queued.
         *
         * @param queueCapacity at least 1; by default 1024
         * @return this
         */
        public Builder queueCapacity(int queueCapacity) {
            this.queueCapacity = Check.atLeast("queueCapacity", queueCapacity, 1);
            return this;
        }

        /**
         * How many tasks of one key the pool holds, the running one included; see {@link WorkerPool#lane}.
         *
         * @param laneCapacity at least 1; by default {@code queueCapacity / (2 * workers)}, but at least 2, so that the keys that
         *     hold all workers leave half of the queue to others; 64 for a gated pool
         * @return this
         */
        public Builder laneCapacity(int laneCapacity) {
            this.laneCapacity = Check.atLeast("laneCapacity", laneCapacity, 1);
            return this;
        }

        /**
         * Makes it a gated pool; excludes {@link #workers} and {@link #queueCapacity}.
         *
         * @param gate gives the permits
         * @return this
         */
        public Builder gate(Gate gate) {
            this.gate = Check.notNull("gate", gate);
            return this;
        }

        /**
         * What happens to a task for which there is no room.
         *
         * @param onFull by default {@link OnFull#BLOCK}; a gated pool allows that, {@link OnFull#REJECT} and
         *     {@link OnFull#DROP_NEWEST}
         * @return this
         */
        public Builder onFull(OnFull onFull) {
            this.onFull = Check.notNull("onFull", onFull);
            return this;
        }

        /**
         * What makes the threads; excludes {@link #virtualThreads} and {@link #daemon}.
         *
         * @param threadFactory each thread it makes must run what it is given, once
         * @return this
         */
        public Builder threadFactory(ThreadFactory threadFactory) {
            this.threadFactory = Check.notNull("threadFactory", threadFactory);
            return this;
        }

        /**
         * Makes the threads virtual; excludes {@link #daemon}, since virtual threads always are.
         *
         * @return this
         * @throws UnsupportedOperationException on a JDK before 21
         */
        public Builder virtualThreads() {
            Threads.requireVirtual();
            this.virtual = true;
            return this;
        }

        /**
         * Whether the threads let the JVM exit while they live.
         *
         * @param daemon by default false
         * @return this
         */
        public Builder daemon(boolean daemon) {
            this.daemon = daemon;
            return this;
        }

        /**
         * How long a worker without a task stays before its thread ends; a new one is started when there is a task for it.
         * Of idle workers the one that had the last task gets the next, so those that are not needed end.
         * A gated pool has no idle threads, and refuses it.
         *
         * @param keepAlive more than zero; by default idle workers stay until the pool is closed
         * @return this
         */
        public Builder keepAlive(Duration keepAlive) {
            this.keepAlive = Check.positive("keepAlive", keepAlive);
            return this;
        }

        /**
         * Limits the time that a task is queued: one that has waited longer is dropped, also while all workers are busy, and
         * its handle says so. The time begins when the task is accepted: what its submitter waits for room does not count. A
         * gated pool has no queue, and refuses it.
         *
         * @param queueTimeout more than zero; by default there is no limit
         * @return this
         */
        public Builder queueTimeout(Duration queueTimeout) {
            this.queueTimeout = Check.positive("queueTimeout", queueTimeout);
            return this;
        }

        /**
         * Puts something around each task. May be called several times; what was given last is the outermost.
         *
         * @param decorator called for each task by its submitter
         * @return this
         */
        public Builder decorate(TaskDecorator decorator) {
            Check.notNull("decorator", decorator);
            TaskDecorator inner = this.decorator;
            this.decorator = inner == null ? decorator : task -> decorator.decorate(inner.decorate(task));
            return this;
        }

        /**
         * Carries the mapped diagnostic context of slf4j from the submitter to the task; a {@link #decorate decorator}.
         *
         * @return this
         */
        public Builder propagateMdc() {
            return decorate(new MdcCarrier());
        }

        /**
         * Measures the times in {@link PoolStats} of every task, and not of one in 64. That takes two or three readings of the
         * clock for each task, and an object for each {@code execute}.
         *
         * @return this
         */
        public Builder exactTimings() {
            this.exactTimings = true;
            return this;
        }

        /**
         * How long a task may run before the pool logs, once, its name and what its thread is doing. It may take half as
         * long again until that is noticed.
         *
         * @param stuckAfter zero for no watch; by default 30 seconds
         * @return this
         */
        public Builder stuckAfter(Duration stuckAfter) {
            this.stuckAfter =
                    Check.notNull("stuckAfter", stuckAfter).isZero() ? null : Check.positive("stuckAfter", stuckAfter);
            return this;
        }

        /**
         * Makes the pool. It starts threads only when there are tasks for them.
         *
         * @return the pool, to be closed
         * @throws IllegalArgumentException when what was asked for does not go together; the message says what
         */
        public WorkerPool build() {
            String named = name != null ? name : "pool-" + NUMBER.incrementAndGet();
            refuse(virtual && threadFactory != null, "virtualThreads and threadFactory");
            refuse(virtual && daemon != null, "virtualThreads and daemon");
            refuse(threadFactory != null && daemon != null, "threadFactory and daemon");
            if (gate == null) {
                int width = workers != null ? workers : Runtime.getRuntime().availableProcessors();
                int capacity = queueCapacity != null ? queueCapacity : 1024;
                return new QueuedPool(settings(named, QueuedPool.laneShare(capacity, width)), width, capacity);
            }
            refuse(workers != null, "gate and workers");
            refuse(queueCapacity != null, "gate and queueCapacity");
            refuse(keepAlive != null, "gate and keepAlive");
            refuse(queueTimeout != null, "gate and queueTimeout");
            if (onFull == OnFull.CALLER_RUNS || onFull == OnFull.DROP_OLDEST) {
                throw new IllegalArgumentException(
                        "onFull of a gated pool must be BLOCK, REJECT or DROP_NEWEST but was " + onFull);
            }
            return new GatedPool(settings(named, 64), gate);
        }

        private PoolSettings settings(String named, int defaultLaneCapacity) {
            return new PoolSettings(
                    named,
                    onFull,
                    factory(named),
                    laneCapacity != null ? laneCapacity : defaultLaneCapacity,
                    decorator,
                    nanos(keepAlive),
                    nanos(queueTimeout),
                    exactTimings,
                    stuckAfter);
        }

        private static long nanos(@Nullable Duration duration) {
            return duration == null ? Long.MAX_VALUE : Check.nanos("duration", duration);
        }

        private ThreadFactory factory(String named) {
            String prefix = named + "-worker-";
            if (threadFactory != null) {
                return threadFactory;
            }
            return virtual ? Threads.virtual(prefix) : Threads.platform(prefix, daemon != null && daemon);
        }

        private static void refuse(boolean both, String which) {
            if (both) {
                throw new IllegalArgumentException(which + " must not be given together");
            }
        }
    }
}
