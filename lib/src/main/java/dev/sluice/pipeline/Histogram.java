package dev.sluice.pipeline;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Times, counted in classes of which there are four between a time and its double. Added to by the workers of a stage
 * when they take samples, which is seldom; read by anybody.
 */
final class Histogram {
    /** Shorter times are in the first class, longer ones than 2 to the power of {@code LARGEST} in the last. */
    private static final int SMALLEST = 6;

    private static final int LARGEST = 42;

    private final AtomicLongArray counts = new AtomicLongArray((LARGEST - SMALLEST) << 2);
    private final AtomicLong sum = new AtomicLong();
    private final AtomicLong max = new AtomicLong();

    void add(long nanos) {
        counts.getAndIncrement(place(nanos));
        sum.getAndAdd(nanos);
        if (nanos > max.get()) {
            max.accumulateAndGet(nanos, Math::max);
        }
    }

    private static int place(long nanos) {
        int power = 63 - Long.numberOfLeadingZeros(nanos | 1);
        if (power < SMALLEST) {
            return 0;
        }
        return power >= LARGEST ? ((LARGEST - SMALLEST) << 2) - 1 : ((power - SMALLEST) << 2) + quarter(nanos, power);
    }

    private static int quarter(long nanos, int power) {
        return (int) (nanos >>> (power - 2)) & 3;
    }

    /** The middle of a class. */
    private static long nanos(int place) {
        int power = (place >>> 2) + SMALLEST;
        long quarter = 1L << (power - 2);
        return (1L << power) + (place & 3) * quarter + quarter / 2;
    }

    Timing timing() {
        long samples = 0;
        for (int i = 0; i < counts.length(); i++) {
            samples += counts.get(i);
        }
        if (samples == 0) {
            return Timing.NONE;
        }
        return new Timing(
                samples,
                Duration.ofNanos(sum.get() / samples),
                Duration.ofNanos(atMost(samples / 2)),
                Duration.ofNanos(atMost(samples - samples / 100 - 1)),
                Duration.ofNanos(max.get()));
    }

    /** A time that so many are not longer than. */
    private long atMost(long rank) {
        long longest = max.get();
        long seen = 0;
        for (int i = 0; i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen > rank) {
                return Math.min(nanos(i), longest);
            }
        }
        return longest;
    }
}
