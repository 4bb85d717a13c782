package dev.sluice.internal;

import dev.sluice.testing.FullHeap;
import java.util.function.BooleanSupplier;

/**
 * Calls a sleeper while another one looks under the lock, and while all memory is taken but for a little: the sleeper must come.
 * They have met at the lock before, with memory.
 */
final class CallWithoutMemory {
    private static final int MOST = 1 << 8;
    private static final int ROOM = 300_000;
    private static final int MOST_YIELDS = 10_000;

    private static int failures;

    private final Sleepers sleepers = new Sleepers();
    private final Thread caller = Thread.currentThread();
    private volatile boolean ready;
    private volatile boolean looks;
    private volatile boolean calls;

    private CallWithoutMemory() {}

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 2; i++) { // so that what is loaded and linked once is
            new CallWithoutMemory().run(Integer.MAX_VALUE);
        }
        FullHeap.takeAllBut(ROOM);
        for (int budget = 0; budget <= MOST; budget += FullHeap.step(budget)) {
            new CallWithoutMemory().run(budget);
        }
        System.out.println(failures == 0 ? "all passed" : failures + " FAILED");
        System.exit(0);
    }

    private void run(int budget) throws Exception {
        Thread sleeper = sleep(() -> ready);
        awaitAsleep(sleeper);
        callWhileAnotherLooks(Integer.MAX_VALUE, false);
        awaitAsleep(sleeper);
        Throwable failure = callWhileAnotherLooks(budget, true);
        sleeper.join(10_000);
        if (failure != null || sleeper.isAlive()) {
            failures++;
            System.out.println("FAILED with " + budget + " bytes the call failed with " + failure + ", and the sleeper "
                    + (sleeper.isAlive() ? "sleeps" : "has come"));
        }
    }

    private Throwable callWhileAnotherLooks(int budget, boolean makesReady) throws InterruptedException {
        looks = false;
        calls = false;
        Thread other = sleep(this::look);
        while (!looks) {
            Thread.yield();
        }
        if (budget != Integer.MAX_VALUE) {
            FullHeap.fill(budget);
        }
        Throwable failure = null;
        ready = makesReady;
        calls = true;
        try {
            sleepers.callOne();
        } catch (OutOfMemoryError e) {
            failure = e;
        } finally {
            FullHeap.free();
        }
        other.join();
        return failure;
    }

    /** Until the caller waits for the lock, as far as that can be seen. */
    private boolean look() {
        looks = true;
        while (!calls) {
            Thread.yield();
        }
        for (int i = 0; i < MOST_YIELDS && caller.getState() == Thread.State.RUNNABLE; i++) {
            Thread.yield();
        }
        return true;
    }

    private Thread sleep(BooleanSupplier until) {
        Thread thread = new Thread(() -> {
            try {
                sleepers.sleep(until, Long.MAX_VALUE);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void awaitAsleep(Thread thread) {
        while (!sleepers.areWanted() || thread.getState() != Thread.State.WAITING) {
            Thread.yield();
        }
    }
}
