package dev.sluice.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Events a millisecond apart, at times that are fixed beforehand: who comes late does not move the next one. A delay counts from the
 * time that was fixed, so that what an event waited for its predecessor is part of it. Each index is used by one thread for
 * {@link #await} and one for {@link #happened}; the results are read when both have ended.
 */
final class Schedule {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(1);

    /** A parked thread wakes late; the rest of the way it spins, which is a seventh of its time. */
    private static final long SPIN = TimeUnit.MICROSECONDS.toNanos(150);

    private final long[] delays;
    private final long start = System.nanoTime() + 10 * PERIOD;

    Schedule(int events) {
        delays = new long[events];
    }

    int events() {
        return delays.length;
    }

    void await(int index) {
        long time = start + index * PERIOD;
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            if (left > SPIN) {
                LockSupport.parkNanos(left - SPIN);
            } else {
                Thread.onSpinWait();
            }
        }
    }

    void happened(int index) {
        delays[index] = System.nanoTime() - start - index * PERIOD;
    }

    /** In nanoseconds, to three digits; throws if an event did not happen. */
    Histogram delays() {
        Histogram histogram = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
        for (int i = 0; i < delays.length; i++) {
            if (delays[i] <= 0) {
                throw new IllegalStateException("event " + i + " must happen but did not");
            }
            histogram.recordValue(delays[i]);
        }
        return histogram;
    }
}
