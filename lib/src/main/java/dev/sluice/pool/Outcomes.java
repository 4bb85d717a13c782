package dev.sluice.pool;

/**
 * A feed of jobs seen from its end: the outcomes, as the jobs end. The jobs are taken and submitted by the reader, as it
 * reads, and only so many as keep the pool at work; so an endless feed with a slow reader does not grow.
 *
 * <pre>{@code
 * try (Outcomes<Page> pages = pool.outcomes(jobs)) {
 *     for (Outcome<Page> page : pages) store(page);
 * }
 * }</pre>
 *
 * <p>It can be iterated once, by one thread. The iterator waits for the next outcome; interrupted meanwhile, it throws
 * {@link java.util.concurrent.CancellationException} and keeps the flag. What the feed throws, and the pool's refusals,
 * reach the reader. A pool that is full of other work makes the reader wait, whatever its {@link OnFull}.
 *
 * @param <T> what the jobs give
 */
public interface Outcomes<T> extends Iterable<Outcome<T>>, AutoCloseable {

    /** Takes no further job, cancels those that have not ended, and waits until they have. */
    @Override
    void close();
}
