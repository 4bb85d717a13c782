package dev.sluice.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.internal.RingEnd;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

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

    /** Two that wait for each other in turn; each goes to sleep at about the time at which the other calls. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class Turns {
        private final RingEnd ping = new RingEnd();
        private final RingEnd pong = new RingEnd();
        private final Waiters pinged = waiters();
        private final Waiters ponged = waiters();

        /** Goes first. */
        @Actor
        public void ping(II_Result r) {
            ping.publish(1);
            pinged.call();
            r.r1 = sleepUntilPublished(ponged, pong);
        }

        /** Goes second. */
        @Actor
        public void pong(II_Result r) {
            r.r2 = sleepUntilPublished(pinged, ping);
            pong.publish(1);
            ponged.call();
        }
    }

    /** As {@link Turns}, but each comes back before its change, and calls without a fence after it. */
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
