package dev.sluice.pipeline;

/**
 * What a stage, or an inline {@code map} or {@code flatMap}, does with an item.
 *
 * <p>A stage with several workers calls it from several threads at once. It must not return {@code null}; to return
 * nothing use a filter or a {@code flatMap}.
 *
 * @param <T> the item
 * @param <R> the result
 */
@FunctionalInterface
public interface StageFunction<T, R> {
    /**
     * Makes the result of one item.
     *
     * @param item the item, never null
     * @return the result, never null
     * @throws Exception when the item fails; the stage's {@link OnError} says what follows
     */
    R apply(T item) throws Exception;
}
