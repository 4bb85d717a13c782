package dev.sluice.pipeline;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a run ends with, when it does not end well. The first that is recorded stays, unless one of an earlier item of the
 * same ordered stage takes it over; all others are attached to it.
 */
final class FirstFailure {
    private final AtomicReference<@Nullable RuntimeException> first = new AtomicReference<>();

    static {
        // Its methods are linked at their first call, which takes memory: before that may have run out.
        new FirstFailure().recordIfFirst(new CancellationException());
        Failures.isInterrupt(new CancellationException());
    }

    @Nullable
    RuntimeException get() {
        return first.get();
    }

    /** Records a failure that is attached to none if there is one already. */
    void recordIfFirst(RuntimeException failure) {
        first.compareAndSet(null, failure);
    }

    void record(RuntimeException failure) {
        if (!first.compareAndSet(null, failure)) {
            suppress(failure);
        }
    }

    /**
     * Records the failure of an item that is before the one of {@code later}. Whoever calls has seen to it that {@code
     * later} was recorded before: otherwise the two could take each other's place. So he may hold a lock: nothing of the
     * user's is called.
     *
     * @return false when another failure is the first, to which the caller attaches this one, without a lock
     */
    boolean recordBefore(@Nullable RuntimeException later, RuntimeException failure) {
        if (later != null && first.compareAndSet(later, failure)) {
            attach(failure, later);
            return true;
        }
        return first.compareAndSet(null, failure);
    }

    /** Attaches a later failure to the first, unless it only tells that its thread was interrupted. */
    void suppress(Throwable later) {
        Throwable failure = first.get();
        if (failure != null && !Failures.isInterrupt(later)) {
            attach(failure, later);
        }
    }

    private static void attach(Throwable failure, Throwable later) {
        try {
            if (failure != later) {
                failure.addSuppressed(later);
            }
        } catch (OutOfMemoryError e) {
            // The list of them takes memory. The first one tells.
        }
    }
}
