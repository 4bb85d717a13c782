package dev.sluice.gate;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A semaphore with weights: at most {@code permits} are held at any time.
 *
 * <pre>{@code
 * Gate gate = Gate.of(8);
 * String row = gate.call(() -> query());       // at most eight queries at once
 *
 * try (Permit permit = gate.acquire(3)) {      // a heavy one counts for three
 *     export();
 * }
 * }</pre>
 *
 * <p><b>Bounds.</b> The weights of all held permits never exceed {@link #permits()}, except after a
 * {@linkplain #resize(int) shrink}, until enough has been released. The number of waiters is limited only if the
 * {@linkplain Builder#maxWaiters(int) builder} is told to.
 *
 * <p><b>Refusals.</b> A weight below 1 or above {@code permits()} is an {@code IllegalArgumentException} at once. Else a
 * permit is refused with {@link GateClosedException} when the gate is closed, or is closed during the wait; with
 * {@link TooManyWaitersException} when there are too many waiters already; and with a {@code RejectedExecutionException} when
 * the gate is resized below the weight during the wait. All three are {@code RejectedExecutionException}s.
 *
 * <p><b>Order.</b> What the {@link Fairness} says: newcomers may take a free permit past those who wait, until the oldest
 * of these has waited for 1 ms; a {@linkplain Builder#fairness(Fairness) builder} can set another bound, or none. Only a
 * holder that {@linkplain Permit#lend lent} its permit goes before all others.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. The gate is not reentrant: a holder that acquires again
 * needs a second permit, and on a gate of 1 waits for itself.
 *
 * <p><b>Interruption.</b> The methods that throw {@code InterruptedException} throw it when the thread is interrupted on
 * entry or while it waits, and have taken nothing then. When the interrupt comes after the permit was granted, they return
 * the permit and leave the interrupt flag set.
 *
 * <p><b>Asynchronous use.</b> {@link #acquireAsync(int)} parks no thread. Its future, granted or refused, is completed by
 * the gate's executor, even if a permit is free at once, so that a chain of continuations does not grow the stack and
 * slow ones do not delay the thread that releases. To cancel the future, or to complete it in any other way, ends the
 * wait; a permit that was granted meanwhile goes back. If the executor refuses, the permit goes back and the future
 * fails, in the releasing thread, with a {@code RejectedExecutionException}. An executor that drops tasks without a word
 * leaves the future incomplete and the permit held, until the future is cancelled. Who waits in the future's {@code get}
 * or {@code join} only waits: in a thread of a {@code ForkJoinPool}, too, where others may run tasks of the pool meanwhile.
 *
 * <p><b>Closing.</b> {@link #close()} refuses the waiters and all who come later with {@link GateClosedException}. Who is
 * inside is not disturbed. {@link #drain(Duration)} also waits for them.
 *
 * <p><b>Out of memory.</b> A method that throws an {@code OutOfMemoryError} has taken nothing. Closing a permit takes no
 * memory, and neither does letting in who waits for it.
 *
 * <p><b>Memory consistency.</b> What a thread did before it closed a permit happens-before what follows the granting of a
 * permit that needed it.
 */
public final class Gate implements AutoCloseable {
    private static final AtomicLong NUMBER = new AtomicLong();

    private final long number = NUMBER.incrementAndGet();
    private final Executor executor;
    private final Admission admission;
    private final @Nullable LeakWatch watch;

    private Gate(Builder builder, String name, int permits) {
        this.executor = builder.executor;
        this.admission = new Admission(name, permits, builder.maxWaiters, builder.fairness);
        this.watch = builder.watched == 0 ? null : new LeakWatch(admission, builder.watched);
    }

    /**
     * A gate with any number of waiters.
     *
     * @param permits the limit, at least 1
     * @return a new gate
     */
    public static Gate of(int permits) {
        return builder().permits(permits).build();
    }

    /** {@return a new builder} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Takes a permit of weight 1, waiting for it if necessary.
     *
     * @return the permit; close it
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     * @throws RejectedExecutionException if it is refused
     */
    public Permit acquire() throws InterruptedException {
        return acquire(1);
    }

    /**
     * Takes a permit, waiting for it if necessary.
     *
     * @param weight the share of the gate to take, from 1 to {@link #permits()}
     * @return the permit; close it
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     * @throws RejectedExecutionException if it is refused
     */
    public Permit acquire(int weight) throws InterruptedException {
        return acquire(permit(weight));
    }

    /**
     * Takes a permit of weight 1 if that can be done at once. Never blocks, and passes no waiter that
     * may not be overtaken.
     *
     * @return the permit, to be closed; empty if none is free or it is somebody else's turn
     * @throws GateClosedException if the gate is closed
     */
    public Optional<Permit> tryAcquire() {
        return tryAcquire(1);
    }

    /**
     * Takes a permit if that can be done at once. Never blocks, and passes no waiter that
     * may not be overtaken.
     *
     * @param weight the share of the gate to take, from 1 to {@link #permits()}
     * @return the permit, to be closed; empty if there are not enough or it is somebody else's turn
     * @throws GateClosedException if the gate is closed
     */
    public Optional<Permit> tryAcquire(int weight) {
        Optional<Permit> permit = Optional.of(permit(weight));
        return admission.tryEnter(weight) ? granted(permit) : Optional.empty();
    }

    /**
     * Takes a permit, waiting for it no longer than {@code timeout}.
     *
     * @param weight the share of the gate to take, from 1 to {@link #permits()}
     * @param timeout how long to wait; zero or less: not at all
     * @return the permit, to be closed; empty if the time has passed
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     * @throws RejectedExecutionException if it is refused
     */
    public Optional<Permit> tryAcquire(int weight, Duration timeout) throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        Optional<Permit> permit = Optional.of(permit(weight));
        if (admission.enter(weight, nanos)) {
            return granted(permit);
        }
        if (watch != null && nanos > 0) {
            watch.timedOut();
        }
        return Optional.empty();
    }

    /**
     * Takes a permit without parking a thread. Continuations run on the executor of this gate.
     *
     * @param weight the share of the gate to take, from 1 to {@link #permits()}
     * @return completed with the permit, which is to be closed, or with the reason why it is refused
     */
    public CompletableFuture<Permit> acquireAsync(int weight) {
        return acquireAsync(weight, executor);
    }

    /**
     * Takes a permit without parking a thread. Continuations run on the given executor.
     *
     * <p>With {@code Runnable::run} the future is complete at once if a permit is free, and is else completed by the
     * thread that lets it in, outside the gate's lock: one that releases, or that comes to the gate itself. Continuations
     * then run in that thread. It, and whoever is let in at the same time, waits for them; so they must not wait for
     * this gate, by {@link Permit#lend} either, and a chain of them that acquire and release grows its stack. It is right
     * for a future that one only waits for.
     *
     * @param weight the share of the gate to take, from 1 to {@link #permits()}
     * @param continuations what completes the future
     * @return as {@link #acquireAsync(int)}
     */
    public CompletableFuture<Permit> acquireAsync(int weight, Executor continuations) {
        return enterAsync(Check.atLeast("weight", weight, 1), Check.notNull("continuations", continuations));
    }

    /**
     * Runs {@code work} in the calling thread with a permit of weight 1.
     *
     * @param work what to do
     * @param <T> the type of the result
     * @param <X> the exception that the work may throw
     * @return what the work returned
     * @throws X what the work threw
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     * @throws RejectedExecutionException if it is refused the permit
     */
    public <T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X, InterruptedException {
        Check.notNull("work", work);
        Permit permit = enter();
        try {
            return work.call();
        } finally {
            leave(permit);
        }
    }

    /**
     * Runs {@code action} in the calling thread with a permit of weight 1.
     *
     * @param action what to do
     * @param <X> the exception that the action may throw
     * @throws X what the action threw
     * @throws InterruptedException if the thread is interrupted before a permit was granted
     * @throws RejectedExecutionException if it is refused the permit
     */
    public <X extends Exception> void run(Action<X> action) throws X, InterruptedException {
        Check.notNull("action", action);
        Permit permit = enter();
        try {
            action.run();
        } finally {
            leave(permit);
        }
    }

    /**
     * Runs {@code action} in the calling thread if {@link #tryAcquire()} would give a permit.
     *
     * @param action what to do
     * @param <X> the exception that the action may throw
     * @return whether the action was run
     * @throws X what the action threw
     * @throws GateClosedException if the gate is closed
     */
    public <X extends Exception> boolean tryRun(Action<X> action) throws X {
        Check.notNull("action", action);
        Optional<Permit> watched = watch == null ? Optional.empty() : tryAcquire();
        if (watched.isEmpty() && (watch != null || !admission.tryEnter(1))) {
            return false;
        }
        try {
            action.run();
        } finally {
            leave(watched.orElse(null));
        }
        return true;
    }

    /**
     * Starts asynchronous work when a permit of weight 1 has been granted, and keeps the permit until the stage that the
     * work returned is complete. No thread is parked. The supplier runs on the executor of this gate, or in the calling
     * thread if the permit has arrived by then.
     *
     * <p>To cancel the result before the start ends the wait, and nothing is started. To cancel it later does not touch
     * the work, and the permit stays taken until the work has really ended. When the result is complete in any other
     * way, the permit is back.
     *
     * @param starter starts the work; if it throws or returns null, the permit goes back and the result fails
     * @param <T> the type of the result
     * @return completed as the stage, or refused as by {@link #acquireAsync(int)}
     */
    public <T extends @Nullable Object> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<T>> starter) {
        Check.notNull("starter", starter);
        return new AsyncCall<T>(starter).start(enterAsync(1, executor));
    }

    /**
     * Changes the limit, at once. When it grows, waiters who fit are let in. When it shrinks below what is held nobody is
     * disturbed, {@link #available()} is negative until the debt has been repaid by releases, and waiters whose weight is
     * above the new limit are refused with a {@code RejectedExecutionException}, so that they do not hold up others.
     *
     * @param permits the limit, at least 1
     */
    public void resize(int permits) {
        line().resize(Check.atLeast("permits", permits, 1));
    }

    /** {@return the present limit, at least 1} */
    public int permits() {
        return line().permits();
    }

    /** {@return {@code permits()} less the weight that is held; below zero only while there is debt after a shrink} */
    public int available() {
        return admission.free();
    }

    /** {@return the figures of this moment} */
    public GateStats stats() {
        return line().stats(watch == null ? Durations.NONE : watch.holds());
    }

    /** {@return those who hold permits, as far as they are {@linkplain Builder#leakWatch(int) watched}; else nobody} */
    public List<Holder> holders() {
        return watch == null ? List.of() : watch.holders();
    }

    /**
     * Takes permits of several gates, all or none, waiting for them no longer than {@code timeout}. Callers that want the
     * same gates cannot block one another for good, whatever the order in their maps. Gates are taken one after the other;
     * the permits of the first are held while the caller waits for the second.
     *
     * @param weights the share of each gate to take, from 1 to its {@link #permits()}; at least one gate
     * @param timeout how long to wait; zero or less: not at all
     * @return one permit that stands for all of them, to be closed; empty if the time has passed
     * @throws InterruptedException if the thread is interrupted before all were granted
     * @throws RejectedExecutionException if one of the gates refuses
     */
    public static Optional<Permit> tryAcquireAll(Map<Gate, Integer> weights, Duration timeout)
            throws InterruptedException {
        return Bundle.tryAcquire(weights, Check.nanos("timeout", timeout));
    }

    /**
     * Refuses the waiters and all who come later. Who is inside is not disturbed, and their permits can be closed and lent
     * as before. A second call has no effect.
     */
    @Override
    public void close() {
        line().close();
    }

    /**
     * Closes the gate and waits until every permit has been closed; one that is lent is not. A holder that calls this
     * waits for itself until the time has passed.
     *
     * @param timeout how long to wait; zero or less: not at all
     * @return what is still held
     * @throws InterruptedException if the thread is interrupted while it waits; the gate is closed nevertheless
     */
    public GateDrain drain(Duration timeout) throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        line().close();
        return new GateDrain(line().awaitAllBack(nanos), holders());
    }

    @Override
    public String toString() {
        return line().describe();
    }

    private LockedLine line() {
        return admission.line();
    }

    Executor executor() {
        return executor;
    }

    Admission admission() {
        return admission;
    }

    long number() {
        return number;
    }

    /** As {@link #acquire()}; but only a gate that is watched needs an object for it. */
    private @Nullable Permit enter() throws InterruptedException {
        if (watch != null) {
            return acquire();
        }
        admission.enter(1);
        return null;
    }

    private void leave(@Nullable Permit permit) {
        if (permit == null) {
            admission.leave(1);
        } else {
            permit.close();
        }
    }

    // What stands for a permit is made before the permit is taken, so that none is lost when memory runs out.

    PermitFuture enterAsync(int weight, Executor continuations) {
        Permit permit = watch == null ? new Permit(admission, weight) : watch.permit(weight);
        return admission.enterAsync(permit.pending(), continuations);
    }

    Permit permit(int weight) {
        Check.atLeast("weight", weight, 1);
        return watch == null ? new Permit(admission, weight) : watch.permit(weight);
    }

    /** Takes a permit that has been made by this gate, waiting for it if necessary. */
    Permit acquire(Permit permit) throws InterruptedException {
        admission.enter(permit.weight());
        return granted(permit);
    }

    /** The same, for no longer than {@code nanos}; false if the time has passed. */
    boolean tryAcquire(Permit permit, long nanos) throws InterruptedException {
        boolean taken = admission.enter(permit.weight(), nanos);
        if (taken) {
            granted(permit);
        }
        return taken;
    }

    private Permit granted(Permit permit) {
        if (watch != null) {
            permit.granted();
        }
        return permit;
    }

    private Optional<Permit> granted(Optional<Permit> permit) {
        if (watch != null) {
            permit.get().granted();
        }
        return permit;
    }

    /**
     * Work that is done with a permit and has a result.
     *
     * @param <T> the type of the result
     * @param <X> the exception that it may throw
     */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object, X extends Exception> {
        /**
         * Does the work.
         *
         * @return the result
         * @throws X if it fails
         */
        T call() throws X;
    }

    /**
     * Work that is done with a permit and has no result.
     *
     * @param <X> the exception that it may throw
     */
    @FunctionalInterface
    public interface Action<X extends Exception> {
        /**
         * Does the work.
         *
         * @throws X if it fails
         */
        void run() throws X;
    }

    /** Describes a gate; {@code permits} has to be said, the rest has defaults. */
    public static final class Builder {
        private static final AtomicInteger NUMBER = new AtomicInteger();

        private @Nullable Integer permits;
        private Fairness fairness = Fairness.bounded(Duration.ofMillis(1));
        private int maxWaiters = Integer.MAX_VALUE;
        private int watched;
        private @Nullable String name;
        private Executor executor = ForkJoinPool.getCommonPoolParallelism() > 0
                ? ForkJoinPool.commonPool()
                : new CompletableFuture<Void>().defaultExecutor();

        private Builder() {}

        /**
         * Sets the limit.
         *
         * @param permits the limit, at least 1
         * @return this builder
         */
        public Builder permits(int permits) {
            this.permits = Check.atLeast("permits", permits, 1);
            return this;
        }

        /**
         * Says who is served first; {@code Fairness.bounded}, with a bound of 1 ms, if not called.
         *
         * @param fairness the order
         * @return this builder
         */
        public Builder fairness(Fairness fairness) {
            this.fairness = Check.notNull("fairness", fairness);
            return this;
        }

        /**
         * Limits how many may wait for a first permit; the next one is refused. Unlimited if not called.
         *
         * @param maxWaiters the limit; 0: nobody may wait
         * @return this builder
         */
        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = Check.atLeast("maxWaiters", maxWaiters, 0);
            return this;
        }

        /**
         * Watches permits: {@link Gate#holders()} tells who holds them and where they were acquired,
         * {@link GateStats#holds()} for how long they are held, and a warning is logged when one is garbage-collected
         * before it was closed. Each permit that is watched costs a stack trace and two looks at the clock.
         *
         * @param oneIn 1 to watch all permits, n to watch one of n, by chance
         * @return this builder
         */
        public Builder leakWatch(int oneIn) {
            this.watched = Check.atLeast("oneIn", oneIn, 1);
            return this;
        }

        /**
         * Names the gate in messages and in {@code toString()}; {@code gate-1} and so on if not called.
         *
         * @param name the name
         * @return this builder
         */
        public Builder name(String name) {
            this.name = Check.notNull("name", name);
            return this;
        }

        /**
         * Sets what completes the futures of {@link Gate#acquireAsync(int)} and so runs their continuations;
         * {@code ForkJoinPool.commonPool()} if not called, or a thread each where that pool has no threads. Continuations
         * that block belong on an executor of their own.
         *
         * @param executor runs each task it is given, or throws
         * @return this builder
         */
        public Builder executor(Executor executor) {
            this.executor = Check.notNull("executor", executor);
            return this;
        }

        /**
         * Makes the gate.
         *
         * @return a new gate
         * @throws IllegalArgumentException if {@code permits} has not been said
         */
        public Gate build() {
            if (permits == null) {
                throw new IllegalArgumentException("permits must be given");
            }
            String named = name != null ? name : "gate-" + NUMBER.incrementAndGet();
            return new Gate(this, named, permits);
        }
    }
}
