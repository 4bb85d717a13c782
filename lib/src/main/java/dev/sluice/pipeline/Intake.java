package dev.sluice.pipeline;

import java.util.List;

/**
 * Where the workers of a stage take their inputs. All workers of a stage share one; those kinds that keep a state of
 * their own are used by stages with one worker only.
 */
interface Intake {
    /** Waits for the next input, sets {@code claim} to it and counts it; false when there are no more. */
    boolean next(Claim claim, Meter meter) throws Exception;

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
            public boolean next(Claim claim, Meter meter) {
                return link.take(claim, meter);
            }

            @Override
            public boolean hasEnded() {
                return link.hasEnded();
            }
        };
    }
}
