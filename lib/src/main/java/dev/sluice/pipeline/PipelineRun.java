package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import dev.sluice.internal.Lending;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline that is running, or has run.
 *
 * <pre>{@code
 * try (PipelineRun<Void> run = pipeline.start()) {
 *     run.await();
 *     System.out.println(run.stats());
 * }
 * }</pre>
 *
 * <p><b>Closing cancels</b> a run that has not ended. Safe for use by several threads.
 *
 * <p>Interruption: a thread that is interrupted in {@code await()} gets an {@code InterruptedException}, and the run
 * goes on; {@code close()} is not interrupted.
 *
 * <p>Failure: the run ends when all of its threads have done their work, also after a failure. A function that does not
 * heed an interrupt holds the end up.
 *
 * <p>Memory consistency: what the run's threads did happens-before a successful return from {@code await()} and {@code
 * close()}; of two stages, what the first did with an item before it returned happens-before what the next does with
 * its result.
 *
 * @param <R> what the run gives
 */
public final class PipelineRun<R extends @Nullable Object> implements AutoCloseable {
    final Execution execution;

    PipelineRun(Execution execution) {
        this.execution = execution;
    }

    /**
     * Waits until the run has ended. When the pipeline ends in an iterator this gives it at once. A task of a pool may wait for
     * a pipeline whose stages need the pool's threads: as in {@code close()}, {@code drain()} and the iterator, its thread is
     * lent to the pool meanwhile.
     *
     * @return what the run gives
     * @throws InterruptedException when the thread is interrupted while it waits; the run goes on
     * @throws PipelineException when the run failed
     * @throws java.util.concurrent.CancellationException when the run was cancelled
     * @throws IllegalStateException when called from a thread of the run, which would wait for itself
     */
    public R await() throws InterruptedException {
        CompletableFuture<R> result = end();
        if (!result.isDone() && execution.isMember()) {
            throw new IllegalStateException("a thread of the run must not wait for its end: " + execution);
        }
        try {
            if (!result.isDone()) {
                CountDownLatch done = new CountDownLatch(1);
                result.whenComplete((value, failure) -> done.countDown());
                Lending.during(done::await);
            }
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PipelineException failure) {
                throw failure;
            }
            throw new AssertionError(e); // a run ends in no other way
        } finally {
            execution.failureSeen();
        }
    }

    // The value is an R: the end of the pipeline and the type of the Pipeline come from the same method of the builder.
    @SuppressWarnings("unchecked")
    private CompletableFuture<R> end() {
        return (CompletableFuture<R>) execution.result();
    }

    /**
     * The end of the run as a future: completed once, with what the run gives, a {@link PipelineException} or a {@link
     * java.util.concurrent.CancellationException}. When the pipeline ends in an iterator, it has the iterator from the
     * start, and failures come from there. Cancelling or completing the future touches nothing. What depends on it without
     * an executor runs in the last thread of the run, and delays that thread's end.
     *
     * @return a future of its own for each call
     */
    public CompletableFuture<R> result() {
        execution.failureSeen();
        CompletableFuture<R> mirror = new CompletableFuture<>();
        // Not copy(): that would wrap a cancellation, and isCancelled() would not tell it.
        end().whenComplete((value, failure) -> {
            if (failure == null) {
                mirror.complete(value);
            } else {
                mirror.completeExceptionally(failure);
            }
        });
        return mirror;
    }

    /**
     * Stops the run: interrupts its threads, discards everything in its queues, for which the discard handler is called
     * here, and does not wait for the threads. After the run has ended this does nothing.
     */
    public void cancel() {
        execution.cancel();
    }

    /**
     * Ends the run early and in order: stops the source, and waits until everything that it has given is delivered. The item
     * that the source is about to give is still accepted while this waits. When the source's code does not return it is
     * interrupted; it has ended then if what it throws tells of the interrupt.
     *
     * <p>When the time is up the run is cancelled, and its threads are given a tenth of a second to hand back what they
     * hold. Whatever the outcome, nothing is accepted or delivered after this has returned.
     *
     * @param timeout how long to wait for the stages; zero or negative: only for what ends at once
     * @return what has become of the run
     * @throws InterruptedException when the thread is interrupted while it waits; the source stays stopped, the stages go on
     * @throws IllegalStateException when called from a thread of the run, which would wait for itself
     */
    public DrainReport drain(Duration timeout) throws InterruptedException {
        return execution.drain(Check.nanos("timeout", timeout));
    }

    /**
     * The numbers of the run so far, or at its end. Cheap enough to ask for each second. While the run goes on, the
     * counts are taken one after the other and may differ by what happened in between.
     *
     * @return a snapshot
     */
    public PipelineStats stats() {
        return execution.stats();
    }

    /**
     * A stage of this run, to be changed while it goes on.
     *
     * @param name what it is called in {@link #stats()}
     * @return the stage
     * @throws IllegalArgumentException when no stage is called so
     */
    public Stage stage(String name) {
        return new Stage(execution, execution.stage(Check.notNull("name", name)));
    }

    /** A stage of a run. Safe for use by several threads. */
    public static final class Stage {
        private final Execution execution;
        private final StageRun stage;

        private Stage(Execution execution, StageRun stage) {
            this.execution = execution;
            this.stage = stage;
        }

        /**
         * Changes how many workers the stage has, and waits for nothing. New ones begin at once. Those that are too many leave
         * when they have nothing in hand: what is being worked on is finished, nothing is interrupted, and meanwhile more
         * may be at work than there are to be. The order of an ordered or keyed stage is not affected. When the stage has
         * ended this does nothing.
         *
         * @param workers at least 1, and less than the {@linkplain StageOptions#window window} of a stage that is ordered,
         *     keyed or retries
         * @throws IllegalArgumentException when {@code workers} is out of range
         * @throws IllegalStateException when the stage is made for one worker, not having begun with more and not being {@link
         *     StageOptions#resizable}; and when there is no thread for a new worker: then it keeps those that it has got
         */
        public void resize(int workers) {
            execution.resize(stage, workers);
        }

        /** Says the name of the stage and how many workers it is to have. */
        @Override
        public String toString() {
            return "Stage[" + stage.name() + ", workers " + stage.wanted() + "]";
        }
    }

    /**
     * Cancels the run when it has not ended, and waits until all of its threads have. Not interruptible; an interrupt
     * is kept. It does not throw what the run failed with, but logs it when neither {@code await()}, {@code result()} nor
     * the iterator has been asked. Closing twice does nothing.
     *
     * @throws IllegalStateException when called from a thread of the run, after cancelling it
     */
    @Override
    public void close() {
        execution.close();
    }

    /** Waits for what the run gives, leaving no thread of it behind, but for an iterator's. */
    R awaitAndClose() throws InterruptedException {
        boolean goesOn = false;
        try {
            R value = await();
            goesOn = execution.isThereAtOnce();
            return value;
        } finally {
            if (!goesOn) {
                close();
            }
        }
    }

    /** Says the name and the phase of the run. */
    @Override
    public String toString() {
        return execution.toString();
    }
}
