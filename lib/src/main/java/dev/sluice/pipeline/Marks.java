package dev.sluice.pipeline;

import java.util.concurrent.locks.ReentrantLock;

/**
 * How many items had been put into a link at some moments, so that of each item it is known about when it was put: as
 * exactly as the moments are close, and the more roughly the longer it is ago.
 *
 * <p>The lock guards everything here; it is held for moments.
 */
final class Marks {
    private static final int SIZE = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final long[] counts = new long[SIZE];
    private final long[] times = new long[SIZE];
    private int size = 1;

    /** At this time nothing has been put. */
    Marks(long begun) {
        times[0] = begun;
    }

    /** At {@code time}, {@code count} items had been put. */
    void add(long count, long time) {
        lock.lock();
        try {
            if (count < counts[size - 1] || time <= times[size - 1]) {
                return; // somebody else was quicker, and knows more
            }
            if (size > 1 && counts[size - 2] == count) {
                size--; // nothing has been put: what is between the first and the last moment says nothing
            } else if (size == SIZE) {
                forgetEverySecond();
            }
            counts[size] = count;
            times[size] = time;
            size++;
        } finally {
            lock.unlock();
        }
    }

    private void forgetEverySecond() {
        for (int i = 1; i < SIZE / 2; i++) {
            counts[i] = counts[2 * i];
            times[i] = times[2 * i];
        }
        size = SIZE / 2;
    }

    /** About when item number {@code index}, from 0, was put; not later than the last moment. */
    long timeOf(long index) {
        lock.lock();
        try {
            int after = size;
            while (after > 0 && counts[after - 1] > index) {
                after--;
            }
            if (after == size || after == 0) {
                return times[Math.max(0, after - 1)];
            }
            double share = (index + 0.5 - counts[after - 1]) / (counts[after] - counts[after - 1]);
            return times[after - 1] + (long) (share * (times[after] - times[after - 1]));
        } finally {
            lock.unlock();
        }
    }
}
