package dev.sluice.checks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/** Fills the heap but for some megabytes, again and again, so that the collector runs all the time. */
final class Hog implements AutoCloseable {
    private static final int PIECE = 1 << 18;

    private final Thread thread;
    private volatile boolean over;

    Hog(SplittableRandom random, Tally tally) {
        thread = new Thread(() -> run(random, tally), "hog");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(SplittableRandom random, Tally tally) {
        List<byte[]> held = new ArrayList<>();
        Runtime runtime = Runtime.getRuntime();
        while (!over) {
            try {
                long left = (12L + random.nextInt(16)) << 20;
                while (!over && runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory() > left) {
                    held.add(new byte[PIECE]);
                }
                LockSupport.parkNanos(2_000_000);
            } catch (OutOfMemoryError e) {
                tally.fault("heap full");
            }
            held.clear();
            tally.fault("heap filled");
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        thread.join();
    }
}
