package dev.sluice.checks;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits that end: a thread waits for {@link #SECONDS} at most, and the checks forbid the outcome that this was in vain; then
 * a wake-up was lost, which would otherwise only be a hang. Who was not woken may look once more when his time is up, and find
 * what he waited for: that was in vain, too.
 */
public final class Awaiting {
    /** How long a check waits for what must come. */
    public static final int SECONDS = 10;

    /** The result of a wait in vain. */
    public static final int IN_VAIN = -1;

    private static final int MOST_LOOKS = 2_000;

    private Awaiting() {}

    /** Takes; gives the element, or {@link #IN_VAIN}. */
    static int take(BlockingQueue<Integer> queue) {
        return inTime(() -> {
            Integer taken = queue.poll(SECONDS, TimeUnit.SECONDS);
            return taken == null ? IN_VAIN : taken;
        });
    }

    /** Puts; gives 1, or {@link #IN_VAIN}. */
    static int put(BlockingQueue<Integer> queue, int element) {
        return inTime(() -> queue.offer(element, SECONDS, TimeUnit.SECONDS) ? 1 : IN_VAIN);
    }

    /** Polls without waiting; 0 for nothing. */
    static int poll(BlockingQueue<Integer> queue) {
        Integer taken = queue.poll();
        return valueOf(taken);
    }

    /** The elements as the digits of a number, for the results of jcstress are numbers. */
    static int digits(Iterable<Integer> elements) {
        int digits = 0;
        for (int element : elements) {
            digits = 10 * digits + element;
        }
        return digits;
    }

    private static int valueOf(@Nullable Integer taken) {
        return taken == null ? 0 : taken;
    }

    /** A call that may wait. */
    public interface Call {
        /** Returns a result of jcstress. */
        int run() throws InterruptedException;
    }

    /** The result of a call that waits for {@link #SECONDS} at most; {@link #IN_VAIN} when it has waited for so long. */
    public static int inTime(Call call) {
        long begun = System.nanoTime();
        int result = uninterrupted(call);
        return System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(SECONDS) ? result : IN_VAIN;
    }

    /** Goes on when it has come about, or at a random moment before: so what follows meets every step of who waits for it. */
    public static void pauseUntil(BooleanSupplier comeAbout) {
        for (int looks = ThreadLocalRandom.current().nextInt(MOST_LOOKS); looks > 0; looks--) {
            if (comeAbout.getAsBoolean()) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    /** Nobody interrupts the threads of jcstress. */
    public static int uninterrupted(Call call) {
        try {
            return call.run();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
