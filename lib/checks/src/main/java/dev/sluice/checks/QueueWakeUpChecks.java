package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.internal.Sleepers;
import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A thread that waits, or is about to, is woken by what it waits for. Who makes the change comes when the other has gone to
 * sleep, or before, and then looks whether he has left him asleep.
 */
public final class QueueWakeUpChecks {
    private QueueWakeUpChecks() {}

    /** A queue, and those who sleep at one of its ends. */
    private abstract static class Sleeping {
        final RingBlockingQueue<Integer> queue;
        private final Asleep asleep;

        Sleeping(int capacity, String end) {
            queue = new RingBlockingQueue<>(capacity);
            Object waiters = CallTurns.field(queue, end, Object.class);
            asleep = new Asleep(CallTurns.field(waiters, "sleepers", Sleepers.class));
        }

        /** Whether somebody sleeps on beside the change. */
        final int leavesAsleep(Runnable change) {
            Awaiting.pauseUntil(asleep::areWanted);
            change.run();
            if (asleep.isAnybody(() -> true)) {
                asleep.callAll();
                return 1;
            }
            return 0;
        }
    }

    /** An empty queue, and one who wants to take. */
    private abstract static class Taking extends Sleeping {
        Taking() {
            super(2, "takers");
        }
    }

    /** A full queue of one place, and one who wants to put. */
    private abstract static class Putting extends Sleeping {
        final Integer element = 7;

        Putting() {
            super(1, "putters");
            queue.add(element);
        }
    }

    /** A taker, by a put. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class TakerByPut extends Taking {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.take(queue);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(() -> queue.offer(7));
        }
    }

    /** A taker, by a transfer of several. */
    @JCStressTest
    @Outcome(id = "7, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class TakerByPutAll extends Taking {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.take(queue);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(() -> Awaiting.uninterrupted(() -> queue.putAll(new Integer[] {7, 8}, 0, 2)));
        }
    }

    /** A putter, by a poll. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByPoll extends Putting {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(queue::poll);
        }
    }

    /** A putter, by a removal. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByRemoval extends Putting {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(() -> queue.remove(element));
        }
    }

    /** A putter, by a clear. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByClear extends Putting {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(queue::clear);
        }
    }

    /** A putter, by a drain. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByDrain extends Putting {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(() -> queue.drainTo(new ArrayList<>()));
        }
    }

    /** A putter, by a transfer of several. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class PutterByTakeUpTo extends Putting {
        @Actor
        public void sleep(II_Result r) {
            r.r1 = Awaiting.put(queue, 8);
        }

        @Actor
        public void wake(II_Result r) {
            r.r2 = leavesAsleep(() -> Awaiting.uninterrupted(() -> queue.takeUpTo(new Integer[1], 1)));
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
