package dev.sluice.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.checks.Awaiting;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The handshake between who goes to sleep and who calls: a full fence on both sides. Without the caller's, {@link Call} and
 * {@link Turns} find lost wake-ups on x86 too. */
public final class SleepersChecks {
    private SleepersChecks() {}

    /** Who publishes a change and calls, wakes who sleeps until he sees it. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class Call {

        private final RingEnd change = new RingEnd();
        private final Sleepers sleepers = new Sleepers();

        @Actor
        public void change() {
            change.publish(1);
            sleepers.callOne();
        }

        @Actor
        public void sleep(I_Result r) {
            r.r1 = SleepersChecks.awaitChange(sleepers, change);
        }
    }

    /** Two that wait for each other, each time anew. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class Turns {

        private final RingEnd ping = new RingEnd();
        private final RingEnd pong = new RingEnd();
        private final Sleepers pinged = new Sleepers();
        private final Sleepers ponged = new Sleepers();

        @Actor
        public void ping(II_Result r) {
            ping.publish(1);
            pinged.callOne();
            r.r1 = SleepersChecks.awaitChange(ponged, pong);
        }

        @Actor
        public void pong(II_Result r) {
            r.r2 = SleepersChecks.awaitChange(pinged, ping);
            pong.publish(1);
            ponged.callOne();
        }
    }

    static int awaitChange(Sleepers sleepers, RingEnd change) {
        return Awaiting.uninterrupted(() ->
                sleepers.sleep(() -> change.seenIndex() == 1, TimeUnit.SECONDS.toNanos(Awaiting.SECONDS)) > 0
                        ? 1
                        : Awaiting.IN_VAIN);
    }
}
