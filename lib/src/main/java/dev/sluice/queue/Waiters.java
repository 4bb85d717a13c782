package dev.sluice.queue;

import dev.sluice.internal.Sleepers;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * How the threads of one end of a queue wait for what they need, elements or places: for moments awake, and then asleep.
 *
 * <p>Two threads on neighbouring cells hand cache lines to and fro for each element, at ten times the cost of the work.
 * So who has caught up with the other end does not run after it, but lets some gather, for as long as more come: a few
 * microseconds at most, and a tenth of one when none come.
 *
 * <p>A sleeper's last look, after it has said that it sleeps, takes the locks of both ends; and every change is made under
 * one of them. So a change comes before that look, which sees it, or after it, and then who makes it has taken a lock
 * that the sleeper has released, and sees that somebody sleeps. The locks stand for the full fence that {@link Sleepers}
 * asks for otherwise, at no cost for who finds nobody asleep. See there for why no call is lost in between.
 */
final class Waiters {
    /** About a microsecond. */
    private static final int SPINS = 40;

    private static final int YIELDS = 16;
    private static final int SHORTEST_PAUSE = 4;
    private static final int LONGEST_PAUSE = 64;
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final Sleepers sleepers = new Sleepers();
    private final int worthwhile;
    private final IntSupplier seen;
    private final BooleanSupplier ready;

    /**
     * @param worthwhile how many are worth looking at the other end for
     * @param seen about how many there are, without a lock
     * @param ready whether there is one; takes the locks of both ends, so it is asked by who holds none
     */
    Waiters(int worthwhile, IntSupplier seen, BooleanSupplier ready) {
        this.worthwhile = worthwhile;
        this.seen = seen;
        this.ready = ready;
    }

    /** How many are worth taking without having waited. */
    int worthwhile(long nanos) {
        return nanos > 0 ? worthwhile : 1;
    }

    /** To be called after there is more of what they wait for, by who made it so under a lock of the ring and has released it. */
    void callOne() {
        sleepers.callOneUnfenced();
    }

    /** To be called at the end of every wait, however it ends: for those whose call has been left to this thread. */
    void passOn() {
        if (ready.getAsBoolean()) {
            sleepers.callOne();
        }
    }

    static long deadline(long nanos) {
        return nanos == FOR_EVER ? FOR_EVER : System.nanoTime() + nanos;
    }

    private static long left(long deadline) {
        return deadline == FOR_EVER ? FOR_EVER : deadline - System.nanoTime();
    }

    /** Stays awake for a short while, or until there is something. */
    void awaitAwake(long deadline) {
        for (int spins = 0; spins < SPINS && seen.getAsInt() <= 0; spins++) {
            Thread.onSpinWait();
        }
        // Yielding may take long when the cores are busy: hence the clock.
        for (int yields = 0; yields < YIELDS && seen.getAsInt() <= 0 && left(deadline) > 0; yields++) {
            Thread.yield();
        }
        letGather();
    }

    /** Looks seldom, for each look slows the other end down, and not again when nothing has come since the last. */
    private void letGather() {
        int last = 0;
        int count = seen.getAsInt();
        for (int pauses = SHORTEST_PAUSE; pauses <= LONGEST_PAUSE && last < count && count < worthwhile; pauses *= 2) {
            for (int i = 0; i < pauses; i++) {
                Thread.onSpinWait();
            }
            last = count;
            count = seen.getAsInt();
        }
    }

    /** Sleeps until there may be something; false when the time has passed and there is nothing. */
    boolean awaitAsleep(long deadline) throws InterruptedException {
        return sleepers.sleep(ready, left(deadline)) > 0;
    }
}
