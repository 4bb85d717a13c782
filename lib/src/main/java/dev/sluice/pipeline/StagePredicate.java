package dev.sluice.pipeline;

/**
 * Decides which items a filter lets through.
 *
 * @param <T> the item
 */
@FunctionalInterface
public interface StagePredicate<T> {
    /**
     * Says whether an item goes on.
     *
     * @param item the item, never null
     * @return true when it goes on, false when it is counted as filtered
     * @throws Exception when the item fails; the {@link OnError} of the stage in which the filter runs says what
     *     follows
     */
    boolean test(T item) throws Exception;
}
