package dev.sluice.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the workers of a stage take their inputs. All workers of a stage share one; those kinds that keep a state of
 * their own are used by stages with one worker only.
 */
interface Intake {
    /** Waits for the next input and counts it; null when there are no more. */
    @Nullable
    Claim next(Meter meter) throws Exception;

    /** Whether all inputs have been taken, in contrast to an end by failure or abort. */
    boolean hasEnded();

    /** The number of the input at which {@code next} threw, or -1. */
    default long position() {
        return -1;
    }

    /** The items that a claim stands for. */
    default List<?> items(Claim claim) {
        return List.of(claim.input());
    }

    /** Called by the last worker, before the next stage learns of the end. */
    default void close() throws Exception {}

    /** One item from a link at a time. */
    static Intake single(Link link) {
        return new Intake() {
            @Override
            public @Nullable Claim next(Meter meter) {
                return link.take(meter);
            }

            @Override
            public boolean hasEnded() {
                return link.hasEnded();
            }
        };
    }
}
