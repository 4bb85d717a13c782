package dev.sluice.checks;

import dev.sluice.internal.RingEnd;
import java.lang.reflect.Field;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * One goes to sleep at about the time at which the other makes the change that he sleeps for, some times. Each has in his
 * own cache, as it was, what the other is about to write: so a look may overtake a change.
 *
 * <p>Who slept and was missed would find the change when his time is up, and say nothing. Therefore it is the caller who
 * looks: after his call, under the lock that the other holds from saying that he sleeps until he does, nobody waits at
 * the condition, unless he has been called.
 */
public abstract class CallTurns {
    private static final int TURNS = 5;
    private static final int MOST_SPINS = 10_000;

    private final RingEnd change = new RingEnd();
    private final RingEnd seen = new RingEnd();
    private int seed = ThreadLocalRandom.current().nextInt();

    /** For the subclass. */
    protected CallTurns() {}

    /** Calls one who sleeps. */
    protected abstract void call();

    /** Whether somebody sleeps, as far as can be seen. */
    protected abstract boolean isSeen();

    /** Sleeps until it is ready. */
    protected abstract void sleep(BooleanSupplier ready) throws InterruptedException;

    /** Under the lock: whether somebody waits at the condition who has not been called, and {@code sleepsOn}. */
    protected abstract boolean isAsleep(BooleanSupplier sleepsOn);

    /** Lets one go on who was missed. */
    protected abstract void free();

    /** Makes the change that the other sleeps for. */
    protected void makeChange(int turn) {
        change.publish(turn);
    }

    /** By who has seen the change; does nothing. */
    protected void useChange() {}

    /** Before a change; does nothing. */
    protected void come() {}

    /** After a change; does nothing. */
    protected void go() {}

    /** Makes the changes, and returns how often the other saw none and was not called. */
    protected final int makeChanges() {
        int missed = 0;
        for (int turn = 1; turn <= TURNS; turn++) {
            awaitSeen(turn - 1);
            pauseSomewhat();
            come();
            makeChange(turn);
            call();
            int last = turn; // who has seen it may sleep for the next one already
            if (isAsleep(() -> seen.seenIndex() != last)) {
                missed++;
                free();
            }
            go();
        }
        return missed;
    }

    /** Sleeps until it sees each. */
    protected final void seeChanges() {
        try {
            for (int turn = 1; turn <= TURNS; turn++) {
                int next = turn;
                sleep(() -> change.seenIndex() == next);
                useChange();
                seen.publish(turn);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void awaitSeen(int turn) {
        for (int spins = 0; seen.seenIndex() != turn; spins++) {
            if (spins < MOST_SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /** Looks at whether somebody sleeps, so that it is in the cache. */
    private void pauseSomewhat() {
        seed = seed * 1_103_515_245 + 12_345;
        int looks = seed >>> 25;
        while (looks > 0 && !isSeen()) {
            looks--;
        }
    }

    /** A private field of where the threads sleep. */
    public static <T> T field(Object place, String name, Class<T> type) {
        try {
            Field field = place.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return type.cast(field.get(place));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name, e);
        }
    }
}
