package dev.sluice.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.checks.CallTurns;
import dev.sluice.internal.SureMonitor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.AbstractQueuedSynchronizer.ConditionObject;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** jcstress tests of how a link's {@link Waiters} sleep and are called, without the yields and the naps around it. */
public final class WaiterChecks {
    private WaiterChecks() {}

    static Waiters waiters() {
        return new Waiters(TimeUnit.HOURS.toNanos(1));
    }

    /** Who sleeps among some waiters, seen from outside. */
    static final class Asleep {
        private final SureMonitor lock;
        private final ConditionObject called;

        Asleep(Waiters waiters) {
            this.lock = CallTurns.field(waiters, "lock", SureMonitor.class);
            this.called = (ConditionObject) CallTurns.field(waiters, "called", Condition.class);
        }

        /** Under the lock: whether somebody sleeps who has not been called, and {@code sleepsOn}. */
        boolean isAnybody(BooleanSupplier sleepsOn) {
            lock.lock();
            try {
                return lock.hasWaiters(called) && sleepsOn.getAsBoolean();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Turns at some waiters; whoever is missed of them sleeps for an hour. */
    private abstract static class WaiterTurns extends CallTurns {
        final Waiters waiters;
        private final Asleep asleep;

        WaiterTurns(Waiters waiters) {
            this.waiters = waiters;
            this.asleep = new Asleep(waiters);
        }

        @Override
        protected final boolean isSeen() {
            return waiters.areSeen();
        }

        @Override
        protected final void sleep(BooleanSupplier ready) throws InterruptedException {
            waiters.sleep(ready, Link.NEVER);
        }

        @Override
        protected boolean isAsleep(BooleanSupplier sleepsOn) {
            return asleep.isAnybody(sleepsOn);
        }

        @Override
        protected final void free() {
            waiters.callAll();
        }
    }

    /** Each change is followed by a call that misses nobody. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class FencedTurns extends WaiterTurns {
        public FencedTurns() {
            super(waiters());
        }

        @Actor
        public void change(I_Result r) {
            r.r1 = makeChanges();
        }

        @Actor
        public void see() {
            seeChanges();
        }

        @Override
        protected void call() {
            waiters.call();
        }
    }

    /**
     * The caller comes before each change, and then calls without a fence. He may miss who knows that he is there; that one
     * looks again after a nap, which has no length here. Who has seen no caller, and sleeps long, is not missed.
     */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class ReturnTurns extends WaiterTurns {
        private static final long PATIENCE_NANOS = 10_000_000_000L;

        public ReturnTurns() {
            super(new Waiters(1));
        }

        @Actor
        public void change(I_Result r) {
            r.r1 = makeChanges();
        }

        @Actor
        public void see() {
            seeChanges();
        }

        @Override
        protected void come() {
            waiters.callerComes();
        }

        @Override
        protected void call() {
            waiters.callIfSeen();
        }

        @Override
        protected void go() {
            waiters.callerGoes();
        }

        /** Who naps for no time comes back while the other looks. */
        @Override
        protected boolean isAsleep(BooleanSupplier sleepsOn) {
            long start = System.nanoTime();
            while (super.isAsleep(sleepsOn)) {
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    return true;
                }
                Thread.yield();
            }
            return false;
        }
    }

    /** One who sleeps beside a watcher that watches again at each call: of two calls one is for him. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class TurnsBesideAWatcher extends WaiterTurns {
        public TurnsBesideAWatcher() {
            super(waiters());
            watch();
        }

        private void watch() {
            waiters.watch(this::watch, () -> false);
        }

        @Actor
        public void change(I_Result r) {
            r.r1 = makeChanges();
        }

        @Actor
        public void see() {
            seeChanges();
        }

        @Override
        protected void call() {
            waiters.call();
            waiters.call();
        }
    }
}
