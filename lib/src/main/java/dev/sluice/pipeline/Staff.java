package dev.sluice.pipeline;

import dev.sluice.internal.SureLock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a stage of one run: who they are, how many there are to be, and how many have not ended.
 *
 * <p>{@code lock} guards every field; nothing is called under it. There are always {@code active >= wanted + surplus}, until the
 * workers end because there is no more to do; so as long as there is, somebody is there to do it. Who is hired counts as
 * active from the moment at which that is decided: the stage cannot end before he comes.
 *
 * <p>Who is one too many is not chosen: a worker that has nothing in hand asks whether it is, and leaves.
 */
// What is volatile is written with the lock held.
@SuppressWarnings("NonAtomicVolatileUpdate")
final class Staff {
    private final SureLock lock = new SureLock();
    /** Cannot be changed, but exchanged: to look through it needs neither the lock nor memory. */
    private volatile List<Hand> hands;

    /** The sums of those that were too many and have left; null when there are none. */
    private @Nullable Meter gone;

    private int wanted;
    // Read without the lock: whether to ask, and whether the stage has ended.
    private volatile int surplus;
    private volatile int active;

    Staff(List<? extends Hand> first) {
        hands = List.copyOf(first);
        wanted = first.size();
        active = wanted;
    }

    /** All that have not left early. */
    List<Hand> hands() {
        return hands;
    }

    /** Those of all workers that there were. */
    List<Meter> meters() {
        lock.lock();
        try {
            List<Meter> meters = new ArrayList<>();
            if (gone != null) {
                meters.add(gone);
            }
            hands.forEach(hand -> meters.add(hand.meter()));
            return meters;
        } finally {
            lock.unlock();
        }
    }

    int wanted() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    boolean hasEnded() {
        return active == 0;
    }

    boolean hasSurplus() {
        return surplus > 0;
    }

    /**
     * There are to be {@code n}: gives the spare ones that are needed for it, which are hired with this. Null, and nothing
     * has changed, when those are too few.
     */
    @Nullable
    List<Hand> resize(int n, List<Hand> spare) {
        lock.lock();
        try {
            int more = n - wanted;
            int hired = hasEnded() ? 0 : Math.max(0, more - surplus);
            if (hired > spare.size()) {
                return null;
            }
            List<Hand> coming = List.copyOf(spare.subList(0, hired));
            List<Hand> all = new ArrayList<>(hands);
            all.addAll(coming);
            hands = List.copyOf(all);
            active += hired;
            surplus = Math.max(0, surplus - more);
            wanted = n;
            return coming;
        } finally {
            lock.unlock();
        }
    }

    /** One of those that are hired will not come; false when nobody is left then. */
    boolean cannotCome() {
        lock.lock();
        try {
            if (surplus > 0) {
                surplus--;
            } else {
                wanted--;
            }
            return wanted > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the worker that asks is one too many; it leaves then. */
    boolean letsGo() {
        if (surplus == 0) {
            return false;
        }
        lock.lock();
        try {
            if (surplus == 0) {
                return false;
            }
            surplus--;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A worker has ended; whether it was the last. */
    boolean ends() {
        lock.lock();
        try {
            active--;
            return active == 0;
        } finally {
            lock.unlock();
        }
    }

    /** One that was too many has ended, and counts no more. */
    void left(Hand hand, long elapsed) {
        lock.lock();
        try {
            List<Hand> others = new ArrayList<>(hands);
            if (others.remove(hand)) {
                gone = Meter.sum(gone, hand.meter(), elapsed);
                hands = List.copyOf(others);
            }
        } finally {
            lock.unlock();
        }
    }
}
