package dev.sluice.pipeline;

/**
 * What a sink, or an inline {@code peek}, does with an item.
 *
 * @param <T> the item
 */
@FunctionalInterface
public interface StageConsumer<T> {
    /**
     * Takes one item.
     *
     * @param item the item, never null
     * @throws Exception when the item fails; the stage's {@link OnError} says what follows
     */
    void accept(T item) throws Exception;
}
