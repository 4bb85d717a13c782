package dev.sluice.checks;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.start;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.Lincheck;

/** How many schedules are explored: a hundredth in the ordinary build, all with {@code -Dsluice.rounds=1}. */
public final class Schedules {
    private static final int MINIMUM = 10;
    private static final int SECONDS = 60;

    private static boolean begun;

    private Schedules() {}

    static int of(int full) {
        return of(full, MINIMUM);
    }

    private static int of(int full, int least) {
        return Math.max(least, (int) (full * share()));
    }

    private static double share() {
        return Double.parseDouble(System.getProperty("sluice.rounds", "0.01"));
    }

    /** Runs the body, which starts threads and waits for them, in so many schedules, or a part of them. */
    public static void explore(int full, Runnable body) {
        begin();
        Lincheck.runConcurrentTest(of(full, 1), body);
    }

    /**
     * As {@link #explore}, behind {@link #prepare}, for what is so big that a schedule takes seconds on a busy machine: the
     * ordinary build runs it as it is, some times.
     */
    public static void exploreWhenThereIsTime(int full, Runnable body, Runnable... parts) {
        if (share() >= 1) {
            prepare(parts);
            explore(full, body);
            return;
        }
        for (int i = 0; i < of(full); i++) {
            runWithin(SECONDS, body);
        }
    }

    /** In a thread of its own, which keeps no virtual machine alive, and nor do those that it starts: what hangs is left behind. */
    private static void runWithin(int seconds, Runnable body) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(seconds));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (thread.isAlive()) {
            AssertionError hangs = new AssertionError("hangs");
            hangs.setStackTrace(thread.getStackTrace());
            throw hangs;
        }
        if (thrown.get() != null) {
            throw new AssertionError(thrown.get());
        }
    }

    /**
     * One schedule of a part of a body. Lincheck instruments a class when the first schedule comes upon it, and that counts for
     * the 30 s of real time that each schedule has, which cannot be set. On a busy machine that is not enough for all that a
     * gate or a pool consists of: so a test class begins with the parts of it, one after the other.
     */
    public static void prepare(Runnable... parts) {
        begin();
        for (Runnable part : parts) {
            Lincheck.runConcurrentTest(1, part);
        }
    }

    private static synchronized void begin() {
        if (!begun) {
            begun = true;
            prepare(
                    () -> {},
                    () -> new AtomicInteger().getAndIncrement(),
                    () -> new ReentrantLock().lock(),
                    () -> new Thread(() -> {}).isAlive(),
                    () -> join(start(() -> {})),
                    Schedules::waitAndSignal);
        }
    }

    private static void waitAndSignal() {
        ReentrantLock lock = new ReentrantLock();
        Condition signalled = lock.newCondition();
        boolean[] signal = new boolean[1];
        Thread waiter = start(() -> {
            lock.lock();
            try {
                while (!signal[0]) {
                    signalled.await();
                }
            } finally {
                lock.unlock();
            }
        });
        lock.lock();
        try {
            signal[0] = true;
            signalled.signal();
        } finally {
            lock.unlock();
        }
        join(waiter);
    }
}
