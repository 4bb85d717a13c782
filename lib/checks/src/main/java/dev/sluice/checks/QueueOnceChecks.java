package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two calls at the same time on a queue, for the same thing: exactly one of them gets it. */
public final class QueueOnceChecks {
    private QueueOnceChecks() {}

    /** Of two that want the only element, one gets it. */
    @JCStressTest
    @Outcome(
            id = {"7, 0", "0, 7"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoTakers {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public TwoTakers() {
            queue.add(7);
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = Awaiting.poll(queue);
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = Awaiting.poll(queue);
        }
    }

    /** Of two that want the only place, one gets it. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoPutters {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = queue.offer(1);
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = queue.offer(2);
        }
    }

    /** An element is taken or removed. */
    @JCStressTest
    @Outcome(
            id = {"7, 0", "0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TakeOrRemove {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public TakeOrRemove() {
            queue.add(element);
        }

        @Actor
        public void take(II_Result r) {
            r.r1 = Awaiting.poll(queue);
        }

        @Actor
        public void remove(II_Result r) {
            r.r2 = queue.remove(element) ? 1 : 0;
        }
    }

    /** An element is removed once. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class RemoveOrRemove {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public RemoveOrRemove() {
            queue.add(element);
        }

        @Actor
        public void one(ZZ_Result r) {
            r.r1 = queue.remove(element);
        }

        @Actor
        public void other(ZZ_Result r) {
            r.r2 = queue.removeIf(e -> true);
        }
    }

    /** Between a drain and a poll nothing is lost or doubled, and the order is kept. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "0, 12"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class DrainAndTake {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public DrainAndTake() {
            queue.add(1);
            queue.add(2);
        }

        @Actor
        public void take(II_Result r) {
            r.r1 = Awaiting.poll(queue);
        }

        @Actor
        public void drain(II_Result r) {
            List<Integer> drained = new ArrayList<>();
            queue.drainTo(drained);
            r.r2 = Awaiting.digits(drained);
        }
    }
}
