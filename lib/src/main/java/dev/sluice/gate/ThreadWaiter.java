package dev.sluice.gate;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A thread that is parked in the line. */
final class ThreadWaiter extends Waiter {
    private static final int MOST_SPINS = 255;
    private static final int MOST_YIELDS = 16;

    private final Thread thread = Thread.currentThread();
    /** What it lent and wants back; null for one that wants a first permit. */
    private final @Nullable Permit lent;

    private int spins;
    private int yields;

    ThreadWaiter(int weight) {
        super(weight);
        this.lent = null;
    }

    ThreadWaiter(Permit lent) {
        super(lent.weight());
        this.lent = lent;
    }

    @Override
    boolean canTake() {
        return lent == null;
    }

    @Override
    boolean returns() {
        return lent != null;
    }

    boolean wantsBack(Permit permit) {
        return lent == permit;
    }

    @Override
    void granted() {
        if (lent != null) {
            lent.takenBack();
        }
        super.granted();
    }

    @Override
    boolean tell() {
        LockSupport.unpark(thread);
        return true;
    }

    /** In a short line in which each permit is handed to the next one, its way is shorter if that one is not asleep yet. */
    @Override
    void linedUp(int before, boolean isHandedOver) {
        yields = isHandedOver && before < MOST_YIELDS ? MOST_YIELDS : 0;
    }

    /** Whether to let others go first once more before it sleeps. */
    boolean yields() {
        return yields-- > 0;
    }

    /** How often to look at a permit that others have just taken before it is worth to sleep again. */
    int nextSpins() {
        int now = spins;
        spins = Math.min(MOST_SPINS, 2 * spins + 1);
        return now;
    }
}
