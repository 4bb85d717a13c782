package dev.sluice.checks;

import dev.sluice.internal.Sleepers;
import dev.sluice.internal.SureLock;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/** Who sleeps among some {@link Sleepers}, seen from outside. */
public final class Asleep {
    private final Sleepers sleepers;
    private final SureLock lock;
    private final Condition called;

    /** Those who sleep there. */
    public Asleep(Sleepers sleepers) {
        this.sleepers = sleepers;
        this.lock = CallTurns.field(sleepers, "lock", SureLock.class);
        this.called = CallTurns.field(sleepers, "called", Condition.class);
    }

    /** Whether a call would wake somebody; a moment ago. */
    public boolean areWanted() {
        return sleepers.areWanted();
    }

    /** Under the lock: whether somebody sleeps who has not been called, and {@code sleepsOn}. */
    public boolean isAnybody(BooleanSupplier sleepsOn) {
        lock.lock();
        try {
            return lock.hasWaiters(called) && sleepsOn.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    /** Lets them go on. */
    public void callAll() {
        sleepers.callAll();
    }
}
