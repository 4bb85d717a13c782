package dev.sluice.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the workers of a stage take their inputs. All workers of a stage share one; those kinds that keep a state of
 * their own are used by stages with one worker only.
 */
interface Intake {
    /**
     * Gives the next input and notes its number in the meter; null when there is none at hand.
     *
     * @throws Exception what the user's source threw
     */
    @Nullable
    Object poll(Meter meter) throws Exception;

    /** Waits until there may be an input; false when there are no more. */
    boolean await(Meter meter);

    /** How many items have been taken. By any thread. */
    long taken();

    /** Whether all inputs have been taken, in contrast to an end by failure or abort. */
    boolean hasEnded();

    /** The number of the input at which {@code poll} threw, or -1. */
    default long position() {
        return -1;
    }

    /** How many items an input stands for. */
    default int count(Object input) {
        return 1;
    }

    /** The items that an input stands for. */
    default List<?> items(Object input) {
        return List.of(input);
    }

    /** What has been taken, and will not make an input any more. Called by the last worker. */
    default @Nullable Object rest() {
        return null;
    }

    /** The stage takes no more. Called by the last worker, before the next stage learns of the end. */
    default void close() throws Exception {}

    /** The run is over. Called once, by the thread that ends it. */
    default void runEnds() throws Exception {}

    /** The link that items are taken from, where the stage has made it. */
    default @Nullable Link ownLink() {
        return null;
    }
}
