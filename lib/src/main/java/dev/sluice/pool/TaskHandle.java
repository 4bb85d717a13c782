package dev.sluice.pool;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What {@code submit} gives: the future result of one task, and a hold on the task itself.
 *
 * <p>A handle always becomes terminal: the task succeeds, fails, is cancelled or is dropped, whatever happens to the
 * pool. Outcome and real end are two things: {@link #cancel cancel(true)} makes a running task's handle terminal at once
 * and interrupts it, but the task still holds its worker until it has returned, which {@link #awaitExit} waits for.
 *
 * <p>{@code get} throws {@link java.util.concurrent.ExecutionException} for a task that failed (with what it threw as the
 * cause) and for one that was dropped (with a {@link java.util.concurrent.RejectedExecutionException} as the cause), and
 * {@link java.util.concurrent.CancellationException} for one that was cancelled.
 *
 * <p>Called by a task of the same pool, {@code get} runs a task that is still queued on the spot; otherwise the caller
 * lends its worker to the pool for as long as it waits and takes it back before it goes on. A wait that can never end,
 * because the task waits, directly or through others, for the caller, throws {@link IllegalStateException} and names the
 * cycle. Timed waits only lend; taking the worker back can make them longer than asked.
 *
 * <p>Memory consistency: what a submitter did before submitting happens-before what the task does, and that
 * happens-before the return of {@code get}, {@code awaitExit} (when true) and what depends on
 * {@link #toCompletableFuture}.
 *
 * @param <T> what the task gives
 */
public interface TaskHandle<T extends @Nullable Object> extends Future<T> {

    /**
     * The outcome as a {@code CompletableFuture} of its own: completing or cancelling it changes nothing here.
     * Dependents that do not name an executor run in the thread that ends or cancels the task.
     *
     * @return a new future, completed when this handle becomes terminal
     */
    CompletableFuture<T> toCompletableFuture();

    /**
     * Waits until the task has really ended: it has returned or thrown, or will never begin.
     *
     * @param timeout how long to wait; zero or less looks without waiting
     * @return whether it has ended
     * @throws InterruptedException when interrupted while waiting
     */
    boolean awaitExit(Duration timeout) throws InterruptedException;

    /**
     * The descriptor of the work.
     *
     * @return the job as submitted; for work submitted without one, a job whose id is its sequence number in the pool
     */
    Job<T> job();

    /**
     * Cancels the task. A queued one never runs and its place in the queue is free at once; a running one becomes
     * {@code cancelled} at once and counts as running until it returns.
     *
     * @param mayInterruptIfRunning whether to interrupt the thread that runs it; the interrupt never reaches another task
     * @return false when the handle was terminal already
     */
    @Override
    boolean cancel(boolean mayInterruptIfRunning);
}
