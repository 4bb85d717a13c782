package dev.sluice.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Waits until threads are seen blocked, where a test would otherwise have to sleep and hope. */
public final class Waiting {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Waiting() {}

    /** Returns once every one of the threads is {@code WAITING} or {@code TIMED_WAITING}; fails after 30 s. */
    public static void untilWaiting(Thread... threads) {
        untilWaiting(List.of(threads));
    }

    /** Returns once every one of the threads is {@code WAITING} or {@code TIMED_WAITING}; fails after 30 s. */
    public static void untilWaiting(Collection<Thread> threads) {
        for (Thread thread : threads) {
            await().atMost(LIMIT)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .alias(thread + " waits")
                    .until(() -> isWaiting(thread));
        }
    }

    /** Joins every one of the threads; fails when one is alive after 30 s. */
    public static void untilEnded(Thread... threads) throws InterruptedException {
        untilEnded(List.of(threads));
    }

    /** Joins every one of the threads; fails when one is alive 30 s after the call. */
    public static void untilEnded(Collection<Thread> threads) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (Thread thread : threads) {
            long millis =
                    Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis());
            thread.join(millis);
            if (thread.isAlive()) {
                throw new AssertionError(thread + " is still alive", stackOf(thread));
            }
        }
    }

    private static boolean isWaiting(Thread thread) {
        Thread.State state = thread.getState();
        if (state == Thread.State.TERMINATED) {
            throw new AssertionError(thread + " has ended instead of waiting");
        }
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    private static Throwable stackOf(Thread thread) {
        Throwable stack = new Throwable("stack of " + thread);
        stack.setStackTrace(thread.getStackTrace());
        return stack;
    }
}
