package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Puts beside looks, polls, drains and removals: nothing is lost, doubled, out of order, or seen half. */
public final class QueueHandOverChecks {
    private QueueHandOverChecks() {}

    /** An element whose fields are plain: they are seen only if the queue publishes them. */
    static final class Element {
        int first;
        int second;

        Element() {
            first = 1;
            second = 2;
        }
    }

    /** What was written before an element was put is seen by who takes it. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "whole")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class Publication {

        private final RingBlockingQueue<Element> queue = new RingBlockingQueue<>(2);

        @Actor
        public void put() {
            queue.offer(new Element());
        }

        @Actor
        public void take(II_Result r) {
            Element taken = queue.poll();
            r.r1 = taken == null ? 0 : taken.first;
            r.r2 = taken == null ? 0 : taken.second;
        }
    }

    /** The same for a transfer of several, which may be seen all at once only. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "whole")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class BatchPublication {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(3);

        @Actor
        public void put() {
            Awaiting.uninterrupted(() -> queue.putAll(new Integer[] {1, 2}, 0, 2));
        }

        @Actor
        public void take(II_Result r) {
            List<Integer> drained = new ArrayList<>();
            queue.drainTo(drained);
            r.r1 = drained.isEmpty() ? 0 : drained.get(0);
            r.r2 = drained.size() < 2 ? 0 : drained.get(1);
        }
    }

    /** The size is one that the queue had. */
    @JCStressTest
    @Outcome(
            id = {"0", "1", "2"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class Size {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public Size() {
            queue.add(1);
        }

        @Actor
        public void change() {
            queue.add(2);
            queue.poll();
            queue.poll();
        }

        @Actor
        public void look(I_Result r) {
            r.r1 = queue.size();
        }
    }

    /** A queue that is never empty never seems so. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(id = "2, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class NeverEmpty {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public NeverEmpty() {
            queue.add(1);
        }

        @Actor
        public void change() {
            queue.add(2);
            queue.poll();
        }

        @Actor
        public void look(II_Result r) {
            r.r1 = queue.size();
            r.r2 = queue.toArray().length == 0 ? 1 : 0;
        }
    }

    /** At capacity 1, an offer beside a poll of what is there. */
    @JCStressTest
    @Outcome(id = "1, 7, 8", expect = ACCEPTABLE, desc = "the offer came second")
    @Outcome(id = "0, 7, 0", expect = ACCEPTABLE, desc = "the offer came first")
    @Outcome(expect = FORBIDDEN)
    @State
    public static class OfferAndPoll {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public OfferAndPoll() {
            queue.add(7);
        }

        @Actor
        public void offer(III_Result r) {
            r.r1 = queue.offer(8) ? 1 : 0;
        }

        @Actor
        public void poll(III_Result r) {
            r.r2 = Awaiting.poll(queue);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Awaiting.poll(queue);
        }
    }

    /** An offer to a full queue beside a drain: it is refused, or its element comes last. */
    @JCStressTest
    @Outcome(
            id = {"0, 12, 0", "1, 12, 3", "1, 123, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class OfferAndDrain {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public OfferAndDrain() {
            queue.add(1);
            queue.add(2);
        }

        @Actor
        public void offer(III_Result r) {
            r.r1 = queue.offer(3) ? 1 : 0;
        }

        @Actor
        public void drain(III_Result r) {
            List<Integer> drained = new ArrayList<>();
            queue.drainTo(drained);
            r.r2 = Awaiting.digits(drained);
        }

        @Arbiter
        public void rest(III_Result r) {
            r.r3 = Awaiting.poll(queue);
        }
    }

    /** What is put while another element is removed from the middle is there afterwards. */
    @JCStressTest
    @Outcome(id = "13", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class PutAndRemove {

        private final Integer second = 2;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(4);

        public PutAndRemove() {
            queue.add(1);
            queue.add(second);
        }

        @Actor
        public void put() {
            queue.add(3);
        }

        @Actor
        public void remove() {
            queue.remove(second);
        }

        @Arbiter
        public void look(I_Result r) {
            r.r1 = Awaiting.digits(queue);
        }
    }
}
