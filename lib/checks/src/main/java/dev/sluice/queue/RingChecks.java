package dev.sluice.queue;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * jcstress tests of a {@link Ring} and those who wait for it, without what a queue does before it lets a thread sleep:
 * here the change and the last look before the sleep meet. Who is not called sleeps for half a second, and that is forbidden.
 */
public final class RingChecks {
    private RingChecks() {}

    static int sleepUntilReady(Waiters waiters) {
        try {
            return waiters.awaitAsleep(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500)) ? 1 : -1;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Two that wait for each other's element in turn; each goes to sleep at about the time at which the other calls. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class ElementTurns {
        private final Ring<Integer> ping = new Ring<>(1);
        private final Ring<Integer> pong = new Ring<>(1);
        private final Waiters pinged = new Waiters(1, ping::seenCount, ping::hasElements);
        private final Waiters ponged = new Waiters(1, pong::seenCount, pong::hasElements);

        /** Goes first. */
        @Actor
        public void ping(II_Result r) {
            ping.add(1, 1);
            pinged.callOne();
            r.r1 = sleepUntilReady(ponged);
        }

        /** Goes second. */
        @Actor
        public void pong(II_Result r) {
            r.r2 = sleepUntilReady(pinged);
            pong.add(1, 1);
            ponged.callOne();
        }
    }

    /** As {@link ElementTurns}, with room. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class RoomTurns {
        private final Ring<Integer> ping = full();
        private final Ring<Integer> pong = full();
        private final Waiters pinged = new Waiters(1, ping::seenRoom, ping::hasRoom);
        private final Waiters ponged = new Waiters(1, pong::seenRoom, pong::hasRoom);

        private static Ring<Integer> full() {
            Ring<Integer> ring = new Ring<>(1);
            ring.add(1, 1);
            return ring;
        }

        /** Goes first. */
        @Actor
        public void ping(II_Result r) {
            ping.poll(1);
            pinged.callOne();
            r.r1 = sleepUntilReady(ponged);
        }

        /** Goes second. */
        @Actor
        public void pong(II_Result r) {
            r.r2 = sleepUntilReady(pinged);
            pong.poll(1);
            ponged.callOne();
        }
    }
}
