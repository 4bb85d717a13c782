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
import org.openjdk.jcstress.infra.results.I_Result;

/** A thread that waits, or is about to, is woken by what it waits for. */
public final class QueueWakeUpChecks {
    private QueueWakeUpChecks() {}

    /** A taker, by a put. */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class TakerByPut {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.take(queue);
        }

        @Actor
        public void wake() {
            queue.offer(7);
        }
    }

    /** A taker, by a transfer of several. */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class TakerByPutAll {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.take(queue);
        }

        @Actor
        public void wake() {
            Awaiting.uninterrupted(() -> queue.putAll(new Integer[] {7, 8}, 0, 2));
        }
    }

    /** A putter, by a poll. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByPoll {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public PutterByPoll() {
            queue.add(element);
        }

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake() {
            queue.poll();
        }
    }

    /** A putter, by a removal. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByRemoval {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public PutterByRemoval() {
            queue.add(element);
        }

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake() {
            queue.remove(element);
        }
    }

    /** A putter, by a clear. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByClear {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public PutterByClear() {
            queue.add(element);
        }

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake() {
            queue.clear();
        }
    }

    /** A putter, by a drain. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByDrain {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public PutterByDrain() {
            queue.add(element);
        }

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake() {
            queue.drainTo(new ArrayList<>());
        }
    }

    /** A putter, by a transfer of several. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByTakeUpTo {

        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public PutterByTakeUpTo() {
            queue.add(element);
        }

        @Actor
        public void sleep(I_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake() {
            Awaiting.uninterrupted(() -> queue.takeUpTo(new Integer[1], 1));
        }
    }

    /** A putter and a taker at the same time, of a queue that is full: neither waits in vain. */
    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class TwoByTwo {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        public TwoByTwo() {
            queue.add(7);
        }

        @Actor
        public void put(II_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void take(II_Result r) {
            r.r2 = Awaiting.take(queue);
        }
    }

    /** Each side sleeps and wakes the other several times. */
    @JCStressTest
    @Outcome(id = "3, 123", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class ThereAndBack {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        @Actor
        public void put(II_Result r) {
            r.r1 = Awaiting.put(queue, 1) + Awaiting.put(queue, 2) + Awaiting.put(queue, 3);
        }

        @Actor
        public void take(II_Result r) {
            r.r2 = 100 * Awaiting.take(queue) + 10 * Awaiting.take(queue) + Awaiting.take(queue);
        }
    }

    /** A putter finds the room there is, whatever a drain beside it moves out and back. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterBesideRefusedDrain {

        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        public PutterBesideRefusedDrain() {
            queue.add(7);
        }

        @Actor
        public void put(I_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void drain() {
            try {
                queue.drainTo(List.of());
            } catch (UnsupportedOperationException e) { // The element is back.
            }
        }
    }
}
