package dev.sluice.gate;

import dev.sluice.internal.Check;
import java.time.Duration;

/**
 * Who of those that want a permit of a {@link Gate} gets it first.
 *
 * <p>Waking a thread takes far longer than most work that a permit is held for. A gate that keeps a free permit for the
 * one it has just called leaves it unused for that time; a gate that gives it to whoever comes lets somebody wait for
 * ever. {@link #bounded} does the second for a limited time and then the first; {@link #strict} always does the first.
 *
 * <p>Whoever lent his permit ({@link Permit#lend}) and wants it back goes before all others in any case.
 */
public final class Fairness {
    private static final Fairness STRICT = new Fairness(0);

    private final long nanos;

    private Fairness(long nanos) {
        this.nanos = nanos;
    }

    /**
     * First come, first served, always: nobody overtakes a waiter, {@code tryAcquire} included, and a waiter with a large
     * weight holds up the small ones behind it.
     *
     * @return this order
     */
    public static Fairness strict() {
        return STRICT;
    }

    /**
     * Newcomers may overtake, for a limited time. As long as the oldest waiter has waited less than {@code bound}, whoever
     * comes takes a permit that is free, and a release wakes those who fit, oldest first, so that a large request is not
     * in the way of small ones. From then until that waiter has been served or has given up, nobody overtakes it.
     *
     * <p>The bound says when overtaking ends, not how long a waiter waits: it still needs permits that others hold. A
     * waiter that has been called and gets no processor is overtaken a few thousand times more, because those who pass
     * do not look at the clock each time.
     *
     * @param bound for how long waiters may be overtaken, more than zero
     * @return this order
     */
    public static Fairness bounded(Duration bound) {
        long nanos = Check.nanos("bound", bound);
        if (nanos == 0) {
            throw new IllegalArgumentException("bound must be > 0 but was " + bound);
        }
        return new Fairness(nanos);
    }

    /** For how long a waiter may be overtaken; 0: not at all. */
    long nanos() {
        return nanos;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fairness fairness && fairness.nanos == nanos;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(nanos);
    }

    @Override
    public String toString() {
        return nanos == 0 ? "strict" : "bounded(" + Duration.ofNanos(nanos) + ")";
    }
}
