package dev.sluice.pool;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that belong together: submitted to one pool, waited for, cancelled and reported on as one.
 *
 * <pre>{@code
 * try (TaskGroup<Price> group = pool.group(OnFailure.FAIL_FAST, Duration.ofSeconds(2))) {
 *     for (Shop shop : shops) group.submit(() -> shop.priceOf(item));
 *     for (Outcome<Price> outcome : group.outcomes()) show(outcome);
 *     group.join();
 * }
 * }</pre>
 *
 * <p><b>Bounds.</b> Submitting waits for room in the pool as its {@link OnFull} says, and for nothing else; outcomes that
 * nobody has read yet are kept, one for each task submitted. Where tasks come without end, use
 * {@link WorkerPool#outcomes}.
 *
 * <p><b>Failure.</b> A task that throws or is dropped has failed. {@link OnFailure#COLLECT} lets the others go on;
 * {@link OnFailure#FAIL_FAST} cancels them, and those submitted from then on are cancelled on arrival. When the deadline
 * passes, the unfinished tasks are cancelled, and {@link #join} reports a {@link java.util.concurrent.TimeoutException}.
 *
 * <p><b>Closing</b> waits for the tasks, and does not cancel them: to leave early, call {@link #cancel} first. A task
 * without a result is submitted as {@code group.submit(() -> { save(x); return null; })}.
 *
 * <p><b>Threads.</b> Any thread may use a group, its own tasks included: they may submit to it, and read outcomes. A task
 * that waits for its own group in a way that could never end gets an {@link IllegalStateException} that names the cycle.
 *
 * @param <T> what the tasks give
 */
public interface TaskGroup<T extends @Nullable Object> extends AutoCloseable {

    /**
     * Submits a task as {@link WorkerPool#submit(Callable)} does.
     *
     * @param task the work
     * @return its handle; already cancelled when the group has failed, was cancelled or is past its deadline
     * @throws java.util.concurrent.RejectedExecutionException when the pool refuses it, or the group is closed
     */
    TaskHandle<T> submit(Callable<? extends T> task);

    /**
     * Submits a job as {@link WorkerPool#submit(Job)} does.
     *
     * @param job the work with its descriptor
     * @return its handle; already cancelled when the group has failed, was cancelled or is past its deadline
     * @throws java.util.concurrent.RejectedExecutionException when the pool refuses it, or the group is closed
     */
    TaskHandle<T> submit(Job<? extends T> job);

    /**
     * The outcomes in the order in which the tasks end, each once: what one iterator has given, no other gives. The
     * iterator waits for the next one; it is at its end when every task submitted so far has ended and been read.
     *
     * <p>Interrupted while it waits, it throws {@link java.util.concurrent.CancellationException} and keeps the
     * interrupt flag.
     *
     * @return the outcomes that nobody has read yet
     */
    Iterable<Outcome<T>> outcomes();

    /**
     * Waits until every task submitted so far has an outcome. It reads none.
     *
     * @throws InterruptedException when interrupted while waiting; the tasks go on
     * @throws ExecutionException when a task failed or was dropped, or the deadline has passed; the cause is the first of
     *     these, further ones are suppressed (the first 32)
     */
    void join() throws InterruptedException, ExecutionException;

    /**
     * Cancels every unfinished task, with an interrupt where it runs, and those submitted from now on.
     */
    void cancel();

    /**
     * Waits until every task of the group has really ended. Interrupted, it cancels them all, goes on waiting, and sets
     * the flag again before it returns. Failures that neither {@link #outcomes} nor {@link #join} has shown are logged.
     */
    @Override
    void close();
}
