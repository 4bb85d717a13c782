package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** The source of one run, read by the run's source thread. */
interface Feed {
    /**
     * Waits for the next item.
     *
     * @return the item, or null at the end
     * @throws Exception what the user's source threw
     */
    @Nullable
    Object next(Meter meter) throws Exception;

    /** Releases what the source holds. Called once, whatever the end, also when nothing was read. */
    void close() throws Exception;

    /** The run is over: nothing of it will call anybody. Called once. */
    default void runEnds() throws Exception {}
}
