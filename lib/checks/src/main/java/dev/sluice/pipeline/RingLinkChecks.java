package dev.sluice.pipeline;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.checks.Awaiting;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A link between stages: nothing is lost or seen half, and nobody waits in vain. Naps last for an hour, so nobody finds by
 * himself what he was not called for.
 */
public final class RingLinkChecks {
    private RingLinkChecks() {}

    /** An item whose field is plain. */
    static final class Item {
        int value;

        Item(int value) {
            this.value = value;
        }
    }

    /** Takes the next; 0 when there is no more, or a negative number when there should be. */
    static int take(RingLink link) {
        return Awaiting.inTime(() -> takeOrLeave(link));
    }

    private static int takeOrLeave(RingLink link) {
        Meter meter = new Meter();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Awaiting.SECONDS);
        Object item = link.poll(meter);
        while (item == null && link.await(meter, deadline)) {
            item = link.poll(meter);
        }
        if (item != null) {
            return ((Item) item).value;
        }
        return link.isOver() ? 0 : Awaiting.IN_VAIN;
    }

    static RingLink link(int capacity, boolean manyPutters, boolean manyTakers) {
        RingLink link = new RingLink(
                "next",
                capacity,
                manyPutters ? Link.Side.MANY : Link.Side.ONE,
                manyTakers ? Link.Side.MANY : Link.Side.ONE,
                NOBODY,
                TimeUnit.HOURS.toNanos(1));
        link.attend();
        return link;
    }

    private static final Link.Owner NOBODY = new Link.Owner() {
        @Override
        public void broken(Throwable cause) {
            throw new IllegalStateException(cause);
        }

        @Override
        public void discarded(Object item, @Nullable Throwable reason) {}
    };

    static int put(RingLink link, int value) {
        return link.put(new Item(value), new Meter()) ? 1 : 0;
    }

    /** Who puts the last one calls whom he may have missed. */
    static int putLast(RingLink link, int value) {
        Awaiting.pauseUntil(link.takers()::areSeen);
        int put = put(link, value);
        link.handOver();
        return put;
    }

    /** A taker gets what is put, whole; unlocked ends. */
    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutAndTake {

        private final RingLink link = RingLinkChecks.link(1, false, false);

        @Actor
        public void put(II_Result r) {
            r.r1 = RingLinkChecks.putLast(link, 7);
        }

        @Actor
        public void take(II_Result r) {
            r.r2 = RingLinkChecks.take(link);
        }
    }

    /** A taker gets what is put, whole; locked ends. */
    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class SharedPutAndTake {

        private final RingLink link = RingLinkChecks.link(1, true, true);

        @Actor
        public void put(II_Result r) {
            Awaiting.pauseUntil(link.takers()::areSeen);
            r.r1 = RingLinkChecks.put(link, 7);
        }

        @Actor
        public void take(II_Result r) {
            r.r2 = RingLinkChecks.take(link);
        }
    }

    /** The item put just before the end is seen, then the end. */
    @JCStressTest
    @Outcome(id = "70", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class LastBeforeTheEnd {

        private final RingLink link = RingLinkChecks.link(1, false, false);

        @Actor
        public void putAndEnd() {
            Awaiting.pauseUntil(link.takers()::areSeen);
            RingLinkChecks.put(link, 7);
            link.end();
        }

        @Actor
        public void take(I_Result r) {
            r.r1 = 10 * RingLinkChecks.take(link) + RingLinkChecks.take(link);
        }
    }

    /** Each side waits for the other, several times. */
    @JCStressTest
    @Outcome(id = "3, 123", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class InTurns {

        private final RingLink link = RingLinkChecks.link(1, false, false);

        @Actor
        public void put(II_Result r) {
            r.r1 = RingLinkChecks.put(link, 1) + RingLinkChecks.put(link, 2) + RingLinkChecks.putLast(link, 3);
        }

        @Actor
        public void take(II_Result r) {
            r.r2 = 100 * RingLinkChecks.take(link) + 10 * RingLinkChecks.take(link) + RingLinkChecks.take(link);
        }
    }

    /** Of two takers and one item, one gets it and the other the end. */
    @JCStressTest
    @Outcome(
            id = {"7, 0", "0, 7"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoTakers {

        private final RingLink link = RingLinkChecks.link(2, false, true);

        public TwoTakers() {
            RingLinkChecks.put(link, 7);
            link.end();
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = RingLinkChecks.take(link);
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = RingLinkChecks.take(link);
        }
    }

    /** Of two putters both items arrive. */
    @JCStressTest
    @Outcome(
            id = {"12", "21"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoPutters {

        private final RingLink link = RingLinkChecks.link(2, true, false);

        @Actor
        public void one() {
            RingLinkChecks.put(link, 1);
        }

        @Actor
        public void other() {
            RingLinkChecks.put(link, 2);
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = 10 * RingLinkChecks.take(link) + RingLinkChecks.take(link);
        }
    }

    /** A putter for whom there is no room goes when the link is aborted. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class AbortFreesThePutter {

        private final RingLink link = RingLinkChecks.link(1, false, false);
        private final WaiterChecks.Asleep asleep = new WaiterChecks.Asleep(link.putters());

        public AbortFreesThePutter() {
            RingLinkChecks.put(link, 7);
        }

        @Actor
        public void put(II_Result r) {
            r.r1 = RingLinkChecks.put(link, 8);
        }

        /** Looks whether it has left somebody asleep, for a putter waits without a limit. */
        @Actor
        public void abort(II_Result r) {
            Awaiting.pauseUntil(link.putters()::areSeen);
            link.abort(new IllegalStateException());
            if (asleep.isAnybody(() -> true)) {
                r.r2 = 1;
                link.putters().callAll();
            }
        }
    }

    /** A taker goes when the link is aborted. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class AbortFreesTheTaker {

        private final RingLink link = RingLinkChecks.link(1, false, false);

        @Actor
        public void take(I_Result r) {
            r.r1 = RingLinkChecks.take(link);
        }

        @Actor
        public void abort() {
            Awaiting.pauseUntil(link.takers()::areSeen);
            link.abort(new IllegalStateException());
        }
    }
}
