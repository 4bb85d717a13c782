package dev.sluice.pool;

import org.jspecify.annotations.Nullable;

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
 * <p><b>Closing cancels</b> what is in flight and waits until it has ended; it may be called by any thread.
 *
 * <p>It can be iterated once, by one thread. That thread also takes the jobs from the feed, whenever no outcome is ready
 * and the pool could do more: a feed that blocks holds up the reader. The iterator waits for the next outcome;
 * interrupted meanwhile, it throws {@link java.util.concurrent.CancellationException} and keeps the flag. A pool that is
 * full of other work makes the reader wait, whatever its {@link OnFull}.
 *
 * <p>When the feed throws, the pool refuses a job or the deadline passes, no more jobs are taken; the iterator gives the
 * outcomes of what was in flight and then throws that, once (for the deadline, a
 * {@link java.util.concurrent.CompletionException} with a {@link java.util.concurrent.TimeoutException} as its cause).
 *
 * @param <T> what the jobs give
 */
public interface Outcomes<T extends @Nullable Object> extends Iterable<Outcome<T>>, AutoCloseable {

    /** Takes no further job, cancels those that have not ended, and waits until they have. */
    @Override
    void close();
}
