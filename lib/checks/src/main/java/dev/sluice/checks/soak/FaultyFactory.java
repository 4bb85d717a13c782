package dev.sluice.checks.soak;

import dev.sluice.internal.Threads;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Makes threads, fails now and then in each of the ways, and counts those that live. */
final class FaultyFactory implements ThreadFactory {
    private final ThreadFactory threads;
    private final Tally tally;
    private final SplittableRandom random;
    private final int oneIn;
    private final String prefix;
    private final AtomicInteger living = new AtomicInteger();
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean calm;

    /** @param oneIn how rarely it fails; 0 for never */
    FaultyFactory(String prefix, boolean virtual, int oneIn, SplittableRandom random, Tally tally) {
        this.threads = virtual ? Threads.virtual(prefix) : Threads.platform(prefix, false);
        this.prefix = prefix;
        this.oneIn = oneIn;
        this.random = random;
        this.tally = tally;
    }

    @Override
    public Thread newThread(Runnable task) {
        int dice = dice();
        if (dice == 0) {
            return null;
        }
        if (dice == 1) {
            throw new IllegalStateException("planned");
        }
        if (dice == 2) {
            throw new OutOfMemoryError("planned");
        }
        if (dice == 3) {
            return new Thread(null, task, prefix + "that-does-not-start") {
                @Override
                public void start() {
                    throw new OutOfMemoryError("planned");
                }
            };
        }
        return threads.newThread(() -> {
            living.incrementAndGet();
            try {
                task.run();
            } finally {
                living.decrementAndGet();
            }
        });
    }

    private int dice() {
        if (oneIn == 0 || calm) {
            return -1;
        }
        int dice;
        synchronized (random) {
            dice = random.nextInt(4 * oneIn + 4);
        }
        if (dice < 4) {
            failures.incrementAndGet();
            tally.fault("thread factory failed");
        }
        return dice;
    }

    void calm() {
        calm = true;
    }

    /** How many of its threads are in what they were given. */
    int living() {
        return living.get();
    }

    /** How often no thread came of it; each time costs one task at most. */
    long failures() {
        return failures.get();
    }
}
