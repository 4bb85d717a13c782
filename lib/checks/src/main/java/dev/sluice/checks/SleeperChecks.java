package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.internal.RingEnd;
import dev.sluice.internal.Sleepers;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * jcstress tests of {@link Sleepers} by itself, without what a queue does before it lets a thread sleep: here the change
 * and the last look before the sleep meet. Who is not called sleeps for half a second, and that is forbidden.
 */
public final class SleeperChecks {
    private SleeperChecks() {}

    static int sleepUntilPublished(Sleepers sleepers, RingEnd end) {
        try {
            return sleepers.sleep(() -> end.seenIndex() == 1, TimeUnit.MILLISECONDS.toNanos(500)) > 0 ? 1 : -1;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Either the sleeper sees what was published, or it is called. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(id = "-1", expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class SeenOrCalled {
        private final RingEnd end = new RingEnd();
        private final Sleepers sleepers = new Sleepers();
        /** The sleeper takes a lock first; now and then the two shall meet all the same. */
        private final int delay = ThreadLocalRandom.current().nextInt(100);

        /** Publishes and calls. */
        @Actor
        public void publish() {
            for (int i = 0; i < delay; i++) {
                end.seenIndex();
            }
            end.publish(1);
            sleepers.callOne();
        }

        /** Sleeps. */
        @Actor
        public void sleep(I_Result r) {
            r.r1 = sleepUntilPublished(sleepers, end);
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
        private final Sleepers pinged = new Sleepers();
        private final Sleepers ponged = new Sleepers();

        /** Goes first. */
        @Actor
        public void ping(II_Result r) {
            ping.publish(1);
            pinged.callOne();
            r.r1 = sleepUntilPublished(ponged, pong);
        }

        /** Goes second. */
        @Actor
        public void pong(II_Result r) {
            r.r2 = sleepUntilPublished(pinged, ping);
            pong.publish(1);
            ponged.callOne();
        }
    }
}
