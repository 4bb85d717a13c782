package dev.sluice.gate;

import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Somebody in the line of a gate. */
abstract class Waiter {
    /**
     * What becomes of a waiter; written under the lock of the line. WAITING and CALLED alternate, the others are final.
     *
     * <p>CALLED: it has been woken to try for itself; it is still in the line, and at most one is. GRANTED: the permits
     * were taken for it. REFUSED: it will not get them. GONE: it gave up.
     */
    enum Fate {
        WAITING("waiting"),
        CALLED("called"),
        GRANTED("granted"),
        REFUSED("refused"),
        GONE("gone");

        final String text;

        Fate(String text) {
            this.text = text;
        }
    }

    final int weight;
    final long arrived = System.nanoTime();

    /** Read by the waiter without the lock; whoever sees it decided sees all that led to it. */
    volatile Fate fate = Fate.WAITING;

    /** Written before the fate. */
    private @Nullable Function<? super Waiter, ? extends RuntimeException> refusal;

    /** How often this one's gate had been overtaken in when the bar went up for it; -1 as long as it has not. */
    long overtakesAtBar = -1;

    /** The links of WaiterQueue, guarded by the lock of the line. */
    @Nullable
    WaiterQueue queue;

    @Nullable
    Waiter previous;

    @Nullable
    Waiter next;

    Waiter(int weight) {
        this.weight = weight;
    }

    /** Whether it can be called, and take for itself; else the permits have to be taken for it. */
    boolean canTake() {
        return false;
    }

    /** Whether it wants back what it lent. */
    boolean returns() {
        return false;
    }

    /** It has been added to the line. Under the lock. */
    void linedUp(int before, boolean isHandedOver) {}

    /** The permits have been taken for it. Under the lock; allocates nothing. */
    void granted() {
        fate = Fate.GRANTED;
    }

    /** It will get none. Under the lock. */
    void refuse(Function<? super Waiter, ? extends RuntimeException> reason) {
        refusal = reason;
        fate = Fate.REFUSED;
    }

    /** Made where it is thrown, so that it has the stack of the one who waited. */
    RuntimeException refusal() {
        return refusal == null ? new RejectedExecutionException() : refusal.apply(this);
    }

    /** Tells it that its fate has changed, without the lock; false when it did not want the permits, which are free then. */
    abstract boolean tell();
}
