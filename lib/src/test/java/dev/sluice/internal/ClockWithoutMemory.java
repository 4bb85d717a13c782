package dev.sluice.internal;

import dev.sluice.testing.FullHeap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets an alarm go off while all memory is taken but for a little, with another one for later behind it, so that the clock has
 * to wait again; one that is set afterwards must go off.
 */
final class ClockWithoutMemory {
    private static final int MOST = 1 << 10;
    private static final int ROOM = 300_000;
    private static final long LATER = TimeUnit.HOURS.toNanos(1);
    private static final OutOfMemoryError NO_MEMORY = new OutOfMemoryError("of an action");

    private static volatile Thread reached;
    private static int failures;

    private ClockWithoutMemory() {}

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 2; i++) { // so that what is loaded and linked once is
            run(Integer.MAX_VALUE, false);
            run(Integer.MAX_VALUE, true);
        }
        FullHeap.takeAllBut(ROOM);
        for (int budget = 0; budget <= MOST; budget += 2 * FullHeap.step(budget)) {
            run(budget, false);
            run(budget, true);
        }
        System.out.println(failures == 0 ? "all passed" : failures + " FAILED");
        System.exit(0);
    }

    private static void run(int budget, boolean fails) throws Exception {
        Clock clock = new Clock("starved-clock", 1);
        CountDownLatch full = new CountDownLatch(1);
        CountDownLatch set = new CountDownLatch(1);
        reached = null;
        clock.set(0, () -> starve(full, fails));
        Clock.Alarm later = clock.set(LATER, () -> {});
        if (budget != Integer.MAX_VALUE) {
            FullHeap.fill(budget);
        }
        full.countDown();
        while (reached == null || isRunning(reached)) {
            Thread.yield();
        }
        FullHeap.free();
        clock.set(0, set::countDown);
        if (!set.await(10, TimeUnit.SECONDS)) {
            failures++;
            System.out.println("FAILED no alarm goes off after one with " + budget + " bytes, which "
                    + (fails ? "failed" : "returned") + "; the clock's thread: " + reached.getState());
        }
        later.cancel();
    }

    /** Goes on without memory. */
    private static void starve(CountDownLatch full, boolean fails) {
        while (full.getCount() > 0) {
            Thread.onSpinWait();
        }
        reached = Thread.currentThread();
        if (fails) {
            throw NO_MEMORY;
        }
    }

    private static boolean isRunning(Thread thread) {
        return thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.TERMINATED;
    }
}
