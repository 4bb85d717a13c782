package dev.sluice.queue;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.checks.Asleep;
import dev.sluice.checks.CallTurns;
import dev.sluice.internal.Sleepers;
import java.util.function.BooleanSupplier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * jcstress tests of a {@link Ring} and those who wait for it, without what a queue does before it lets a thread sleep:
 * here the change and the last look before the sleep meet.
 */
public final class RingChecks {
    private RingChecks() {}

    /** The change is one of the ring, and the look that of its waiters. */
    private abstract static class RingTurns extends CallTurns {
        final Ring<Integer> ring;
        private final Waiters waiters;
        private final Asleep asleep;

        RingTurns(Ring<Integer> ring, Waiters waiters) {
            this.ring = ring;
            this.waiters = waiters;
            this.asleep = new Asleep(field(waiters, "sleepers", Sleepers.class));
        }

        @Override
        protected final void call() {
            waiters.callOne();
        }

        @Override
        protected final boolean isSeen() {
            return asleep.areWanted();
        }

        @Override
        protected final void sleep(BooleanSupplier ready) throws InterruptedException {
            waiters.awaitAsleep(Long.MAX_VALUE);
        }

        @Override
        protected final boolean isAsleep(BooleanSupplier sleepsOn) {
            return asleep.isAnybody(sleepsOn);
        }

        @Override
        protected final void free() {
            asleep.callAll();
        }
    }

    /** One sleeps for an element, and takes it. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class ElementTurns extends RingTurns {
        public ElementTurns() {
            this(new Ring<>(1));
        }

        private ElementTurns(Ring<Integer> ring) {
            super(ring, new Waiters(1, ring::seenCount, ring::hasElements));
        }

        /** Adds. */
        @Actor
        public void change(I_Result r) {
            r.r1 = makeChanges();
        }

        /** Sleeps. */
        @Actor
        public void see() {
            seeChanges();
        }

        @Override
        protected void makeChange(int turn) {
            ring.add(turn, 1);
        }

        @Override
        protected void useChange() {
            ring.poll(1);
        }
    }

    /** One sleeps for room, and uses it. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "neither seen nor called")
    @State
    public static class RoomTurns extends RingTurns {
        public RoomTurns() {
            this(new Ring<>(1));
        }

        private RoomTurns(Ring<Integer> ring) {
            super(ring, new Waiters(1, ring::seenRoom, ring::hasRoom));
            ring.add(0, 1);
        }

        /** Removes. */
        @Actor
        public void change(I_Result r) {
            r.r1 = makeChanges();
        }

        /** Sleeps. */
        @Actor
        public void see() {
            seeChanges();
        }

        @Override
        protected void makeChange(int turn) {
            ring.poll(1);
        }

        @Override
        protected void useChange() {
            ring.add(0, 1);
        }
    }
}
