package dev.sluice.pipeline;

import java.time.Duration;

/**
 * How long something took, by samples: every item where they are slow, about one in a millisecond where they are fast.
 *
 * @param samples how many there are; all else is zero when there is none
 * @param mean their mean
 * @param median half of them took no longer, to within an eighth
 * @param p99 99 of 100 took no longer, to within an eighth
 * @param max the longest
 */
public record Timing(long samples, Duration mean, Duration median, Duration p99, Duration max) {
    static final Timing NONE = new Timing(0, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
