package dev.sluice.pool;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a job ended: one of four ways, with the job's descriptor.
 *
 * <pre>{@code
 * for (Outcome<Page> outcome : group.outcomes()) {
 *     if (outcome instanceof Outcome.Success<Page> ok) store(ok.job().id(), ok.value());
 *     else log.warn("{}", outcome);
 * }
 * }</pre>
 *
 * @param <T> what the job gives when it succeeds
 */
public sealed interface Outcome<T extends @Nullable Object> {

    /**
     * The job that ended.
     *
     * @return its descriptor
     */
    Job<T> job();

    /**
     * The work returned.
     *
     * @param job the job that ended
     * @param value what it returned; may be null, as a {@code Callable}'s result may
     * @param <T> what the job gives
     */
    record Success<T extends @Nullable Object>(Job<T> job, T value) implements Outcome<T> {}

    /**
     * The work threw, or passed its time limit.
     *
     * @param job the job that ended
     * @param cause what it threw
     * @param <T> what the job would have given
     */
    record Failure<T extends @Nullable Object>(Job<T> job, Throwable cause) implements Outcome<T> {}

    /**
     * The job was cancelled, before it began or while it ran.
     *
     * @param job the job that ended
     * @param <T> what the job would have given
     */
    record Cancelled<T extends @Nullable Object>(Job<T> job) implements Outcome<T> {}

    /**
     * The pool took the job and then let it go unrun, by its {@link OnFull} policy, or because it was queued for too long.
     *
     * @param job the job that ended
     * @param cause says why
     * @param <T> what the job would have given
     */
    record Dropped<T extends @Nullable Object>(Job<T> job, Throwable cause) implements Outcome<T> {}

    /**
     * Whether the work returned.
     *
     * @return true for a {@link Success}
     */
    default boolean isSuccess() {
        return this instanceof Success<T>;
    }

    /**
     * The value of a success.
     *
     * @return what the work returned
     * @throws CompletionException when it failed or was dropped; the cause says why
     * @throws CancellationException when it was cancelled
     */
    default T orElseThrow() {
        if (this instanceof Success<T> success) {
            return success.value();
        }
        if (this instanceof Failure<T> failure) {
            throw new CompletionException(failure.job() + " failed: " + failure.cause(), failure.cause());
        }
        if (this instanceof Dropped<T> dropped) {
            throw new CompletionException(dropped.job() + " was dropped", dropped.cause());
        }
        throw new CancellationException(job() + " was cancelled");
    }

    /**
     * One result from either side.
     *
     * @param ifSuccess gets the value of a success
     * @param otherwise gets any other outcome
     * @param <R> the result's type
     * @return what the function called returned
     */
    default <R> R fold(
            Function<? super T, ? extends R> ifSuccess, Function<? super Outcome<T>, ? extends R> otherwise) {
        return this instanceof Success<T> success ? ifSuccess.apply(success.value()) : otherwise.apply(this);
    }
}
