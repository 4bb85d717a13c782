package dev.sluice.pipeline;

import java.util.Iterator;

/**
 * The results of a run, one by one; it holds the run's threads until it is closed.
 *
 * <pre>{@code
 * try (ItemIterator<Row> rows = pipeline.run()) {
 *     while (rows.hasNext()) {
 *         use(rows.next());
 *     }
 * }
 * }</pre>
 *
 * <p>Bounded: the run works ahead as far as its queues reach, then waits for the reader.
 *
 * <p>For one reading thread at a time; {@code close()} may come from any thread.
 *
 * <p>Interruption: a reader that is interrupted while it waits gets a {@link
 * java.util.concurrent.CancellationException} with the {@code InterruptedException} as its cause; its interrupt flag is
 * kept. The run goes on, and the reader may too.
 *
 * <p>Failure: after the results from before the failure, {@code hasNext()} and {@code next()} throw the run's {@link
 * PipelineException}. When the run was cancelled they throw {@link java.util.concurrent.CancellationException}.
 *
 * @param <T> the results
 */
public interface ItemIterator<T> extends Iterator<T>, AutoCloseable {
    /**
     * Waits until there is a result or the run has no more. After {@code close()}: false.
     *
     * @return whether there is a result
     * @throws PipelineException when the run failed
     * @throws java.util.concurrent.CancellationException when the run was cancelled, or the thread is interrupted while it
     *     waits
     */
    @Override
    boolean hasNext();

    /**
     * Waits for the next result and takes it.
     *
     * @return the result
     * @throws java.util.NoSuchElementException when there are no more
     * @throws PipelineException when the run failed
     * @throws java.util.concurrent.CancellationException when the run was cancelled, or the thread is interrupted while it
     *     waits
     */
    @Override
    T next();

    /**
     * Cancels the run when it has not ended, and waits until all of its threads have. What had not been read is told to
     * the discard handler. Closing twice does nothing.
     *
     * @throws IllegalStateException when called from a thread of the run, after cancelling it
     */
    @Override
    void close();
}
