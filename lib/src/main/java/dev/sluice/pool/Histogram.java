package dev.sluice.pool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often which times were seen: eight buckets for each power of two of nanoseconds, so that what it gives back is too high
 * by an eighth at most. It has one size, whatever comes. May be written and read by many threads; a reading that goes on
 * beside writes may miss those.
 */
final class Histogram {
    private static final int SUB_BITS = 3;
    private static final int SUBS = 1 << SUB_BITS;
    private static final int BUCKETS = (Long.SIZE - 1 - SUB_BITS) * SUBS + SUBS;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
    private final AtomicLong max = new AtomicLong();

    void record(long nanos) {
        long time = Math.max(0, nanos);
        counts.incrementAndGet(bucket(time));
        if (time > max.get()) {
            max.accumulateAndGet(time, Math::max);
        }
    }

    PoolStats.Timing timing() {
        long[] seen = new long[BUCKETS];
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen[i] = counts.get(i);
            all += seen[i];
        }
        return new PoolStats.Timing(
                all, percentile(seen, all, 50), percentile(seen, all, 99), Duration.ofNanos(max.get()));
    }

    private Duration percentile(long[] seen, long all, int percent) {
        long below = 0;
        for (int i = 0; i < BUCKETS; i++) {
            below += seen[i];
            if (below > 0 && below * 100 >= all * percent) {
                return Duration.ofNanos(Math.min(highest(i), max.get()));
            }
        }
        return Duration.ZERO;
    }

    static int bucket(long nanos) {
        if (nanos < SUBS) {
            return (int) nanos;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        int sub = (int) (nanos >>> (exponent - SUB_BITS)) & (SUBS - 1);
        return (exponent - SUB_BITS + 1) * SUBS + sub;
    }

    /** The highest time of a bucket. */
    static long highest(int bucket) {
        if (bucket < 2 * SUBS) {
            return bucket;
        }
        int shift = bucket / SUBS - 1;
        return ((long) (SUBS + bucket % SUBS + 1) << shift) - 1;
    }
}
