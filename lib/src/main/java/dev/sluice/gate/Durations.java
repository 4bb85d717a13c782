package dev.sluice.gate;

import java.time.Duration;
import java.util.Arrays;

/**
 * How long something took, many times: a histogram whose steps are a quarter of their value or less, from one nanosecond
 * to centuries. Immutable.
 */
public final class Durations {
    private static final int STEPS = 4;
    private static final int SIZE = 62 * STEPS;

    /** None at all. */
    static final Durations NONE = new Durations(new long[0], 0);

    private final long[] counts;
    private final long count;
    private final long maximum;

    private Durations(long[] counts, long maximum) {
        this.counts = counts;
        this.count = Arrays.stream(counts).sum();
        this.maximum = maximum;
    }

    /** {@return how many there were} */
    public long count() {
        return count;
    }

    /** {@return the longest, exactly; zero if there was none} */
    public Duration max() {
        return Duration.ofNanos(maximum);
    }

    /**
     * Tells what a share of them did not exceed.
     *
     * @param share from 0 to 1; 0.99 for all but the hundredth part
     * @return the end of the step that it is in, which is no more than a quarter too much; zero if there was none
     */
    public Duration quantile(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be from 0 to 1 but was " + share);
        }
        long rank = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int step = 0; step < counts.length && count > 0; step++) {
            seen += counts[step];
            if (seen >= rank) {
                return Duration.ofNanos(Math.min(maximum, end(step)));
            }
        }
        return max();
    }

    @Override
    public String toString() {
        return count == 0
                ? "none"
                : count + ", median " + quantile(0.5) + ", 99 % up to " + quantile(0.99) + ", longest " + max();
    }

    private static int step(long nanos) {
        if (nanos < STEPS) {
            return (int) nanos;
        }
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        return (power - 1) * STEPS + (int) ((nanos >>> (power - 2)) & (STEPS - 1));
    }

    /** The last value in a step. */
    private static long end(int step) {
        if (step < STEPS) {
            return step;
        }
        int power = step / STEPS + 1;
        return ((long) (STEPS + step % STEPS + 1) << (power - 2)) - 1;
    }

    /** Collects them. Not thread-safe. */
    static final class Recorder {
        /** Made only when it is needed: many gates never see a waiter. */
        private long[] counts = new long[0];

        private long maximum;

        /** Once before the first is recorded. */
        void ready() {
            if (counts.length == 0) {
                counts = new long[SIZE];
            }
        }

        /** Allocates nothing. */
        void record(long nanos) {
            long positive = Math.max(0, nanos);
            counts[step(positive)]++;
            maximum = Math.max(maximum, positive);
        }

        Durations snapshot() {
            return new Durations(counts.clone(), maximum);
        }
    }
}
