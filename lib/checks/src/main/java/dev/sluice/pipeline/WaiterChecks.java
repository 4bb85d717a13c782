package dev.sluice.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.internal.RingEnd;
import dev.sluice.internal.SureMonitor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** jcstress tests of how a link's {@link Waiters} sleep and are called, without the yields and the naps around it. */
public final class WaiterChecks {
    private WaiterChecks() {}

    static Waiters waiters() {
        return new Waiters(TimeUnit.HOURS.toNanos(1));
    }

    static int sleepUntilPublished(Waiters waiters, RingEnd end) {
        try {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
            return waiters.sleep(() -> end.seenIndex() == 1, deadline) ? 1 : -1;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * One goes to sleep at about the time at which the other makes the change that he sleeps for, many times. Each has
     * in his own cache, as it was, what the other is about to write: so a look may overtake a change.
     *
     * <p>Who slept and was missed would find the change after his nap, and say nothing. Therefore it is the caller who
     * looks: after his call, under the lock that the other holds from saying that he sleeps until he does, nobody sleeps
     * for this change who is still to be called.
     */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class CallTurns {
        private static final int TURNS = 5;
        private static final int MOST_SPINS = 10_000;
        private static final VarHandle LOCK;

        static {
            try {
                LOCK = MethodHandles.privateLookupIn(Waiters.class, MethodHandles.lookup())
                        .findVarHandle(Waiters.class, "lock", SureMonitor.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final RingEnd change = new RingEnd();
        private final RingEnd seen = new RingEnd();
        private final Waiters waiters = waiters();
        private final SureMonitor lock = (SureMonitor) LOCK.get(waiters);
        private int seed = ThreadLocalRandom.current().nextInt();

        /** Makes the changes, and counts how often he was not seen and saw nobody. */
        @Actor
        public void call(I_Result r) {
            int missed = 0;
            for (int turn = 1; turn <= TURNS; turn++) {
                awaitSeen(turn - 1);
                pauseSomewhat();
                change.publish(turn);
                waiters.call();
                missed += freeWhoMisses(turn);
            }
            r.r1 = missed;
        }

        /** Sleeps until he sees each. */
        @Actor
        public void sleep() {
            try {
                for (int turn = 1; turn <= TURNS; turn++) {
                    int next = turn;
                    waiters.sleep(() -> change.seenIndex() == next, Link.NEVER);
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
            while (looks > 0 && !waiters.areSeen()) {
                looks--;
            }
        }

        private int freeWhoMisses(int turn) {
            lock.lock();
            boolean missed = waiters.areSeen() && seen.seenIndex() != turn;
            lock.unlock();
            if (missed) {
                waiters.callAll();
            }
            return missed ? 1 : 0;
        }
    }

    /** Two that wait for each other in turn; each comes back before its change, and calls without a fence after it. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class ReturnTurns {
        private final RingEnd ping = new RingEnd();
        private final RingEnd pong = new RingEnd();
        private final Waiters pinged = new Waiters(Waiters.FIRST_NAP_NANOS);
        private final Waiters ponged = new Waiters(Waiters.FIRST_NAP_NANOS);

        /** Goes first. */
        @Actor
        public void ping(II_Result r) {
            pinged.callerComes();
            ping.publish(1);
            pinged.callIfSeen();
            r.r1 = sleepUntilPublished(ponged, pong);
        }

        /** Goes second. */
        @Actor
        public void pong(II_Result r) {
            r.r2 = sleepUntilPublished(pinged, ping);
            ponged.callerComes();
            pong.publish(1);
            ponged.callIfSeen();
        }
    }

    /** One who sleeps beside a watcher that watches again at each call: of two calls at least one is for him. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "he saw the change before he lay down")
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class BesideAWatcher {
        private final RingEnd end = new RingEnd();
        private final Waiters waiters = waiters();
        private int calls;

        public BesideAWatcher() {
            waiters.watch(this::called, () -> false);
        }

        private void called() {
            calls++;
            waiters.watch(this::called, () -> false);
        }

        @Actor
        public void sleep(II_Result r) {
            r.r1 = sleepUntilPublished(waiters, end);
        }

        @Actor
        public void call(II_Result r) {
            end.publish(1);
            waiters.call();
            waiters.call();
            r.r2 = calls;
        }
    }
}
