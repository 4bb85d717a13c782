package dev.sluice.checks;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * jcstress tests of {@link RingBlockingQueue}: two threads at a time, each with one call or two. Wherever a thread has to
 * wait it does so for ten seconds at most, and the outcome that this was in vain is forbidden: then a wake-up was lost.
 */
public final class QueueChecks {
    private static final int IN_VAIN = -1;

    private QueueChecks() {}

    /** An element whose fields are plain: they are seen only if the queue publishes them. */
    static final class Element {
        int first;
        int second;

        Element() {
            first = 1;
            second = 2;
        }
    }

    static int valueOf(@Nullable Integer taken) {
        return taken == null ? 0 : taken;
    }

    /** A sleeper must be woken: for the time in which jcstress would otherwise only see a hang. */
    static int await(RingBlockingQueue<Integer> queue) {
        try {
            Integer taken = queue.poll(10, TimeUnit.SECONDS);
            return taken == null ? IN_VAIN : taken;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static int await(RingBlockingQueue<Integer> queue, int element) {
        try {
            return queue.offer(element, 10, TimeUnit.SECONDS) ? 1 : IN_VAIN;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** What was written before an element was put is seen by who takes it. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "whole")
    @State
    public static class Publication {
        private final RingBlockingQueue<Element> queue = new RingBlockingQueue<>(2);

        /** Puts an element. */
        @Actor
        public void put() {
            queue.offer(new Element());
        }

        /** Takes it. */
        @Actor
        public void take(II_Result r) {
            Element taken = queue.poll();
            r.r1 = taken == null ? 0 : taken.first;
            r.r2 = taken == null ? 0 : taken.second;
        }
    }

    /** Of two that want the only element, one gets it. */
    @JCStressTest
    @Outcome(
            id = {"7, 0", "0, 7"},
            expect = ACCEPTABLE)
    @State
    public static class TwoTakers {
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        /** Fills the queue. */
        public TwoTakers() {
            queue.add(7);
        }

        /** Takes. */
        @Actor
        public void one(II_Result r) {
            r.r1 = valueOf(queue.poll());
        }

        /** Takes. */
        @Actor
        public void other(II_Result r) {
            r.r2 = valueOf(queue.poll());
        }
    }

    /** Of two that want the only place, one gets it. */
    @JCStressTest
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE)
    @State
    public static class TwoPutters {
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        /** Puts. */
        @Actor
        public void one(ZZ_Result r) {
            r.r1 = queue.offer(1);
        }

        /** Puts. */
        @Actor
        public void other(ZZ_Result r) {
            r.r2 = queue.offer(2);
        }
    }

    /** An element is taken or removed, not both, not neither. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE)
    @State
    public static class TakeOrRemove {
        private final Integer element = 1;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        /** Puts the element. */
        public TakeOrRemove() {
            queue.add(element);
        }

        /** Takes. */
        @Actor
        public void take(II_Result r) {
            r.r1 = valueOf(queue.poll());
        }

        /** Removes. */
        @Actor
        public void remove(II_Result r) {
            r.r2 = queue.remove(element) ? 1 : 0;
        }
    }

    /** What is put while another element is removed from the middle is there afterwards. */
    @JCStressTest
    @Outcome(id = "13", expect = ACCEPTABLE)
    @State
    public static class PutWhileRemoving {
        private final Integer second = 2;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(4);

        /** Puts two elements. */
        public PutWhileRemoving() {
            queue.add(1);
            queue.add(second);
        }

        /** Puts a third. */
        @Actor
        public void put() {
            queue.add(3);
        }

        /** Removes the second. */
        @Actor
        public void remove() {
            queue.remove(second);
        }

        /** Looks what is left. */
        @Arbiter
        public void look(I_Result r) {
            r.r1 = 10 * valueOf(queue.poll()) + valueOf(queue.poll());
        }
    }

    /** Between a drain and a poll nothing is lost or doubled, and the order is kept. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "0, 12"},
            expect = ACCEPTABLE)
    @State
    public static class DrainAndTake {
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        /** Puts two elements. */
        public DrainAndTake() {
            queue.add(1);
            queue.add(2);
        }

        /** Takes. */
        @Actor
        public void take(II_Result r) {
            r.r1 = valueOf(queue.poll());
        }

        /** Drains. */
        @Actor
        public void drain(II_Result r) {
            List<Integer> drained = new ArrayList<>();
            queue.drainTo(drained);
            r.r2 = drained.stream().reduce(0, (sum, element) -> 10 * sum + element);
        }
    }

    /** A taker that waits, or is about to, is woken by a put. */
    @JCStressTest
    @Outcome(id = "7", expect = ACCEPTABLE)
    @Outcome(id = "-1", expect = FORBIDDEN, desc = "the wake-up was lost")
    @State
    public static class TakerIsWoken {
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        /** Puts. */
        @Actor
        public void put() {
            queue.offer(7);
        }

        /** Waits. */
        @Actor
        public void take(I_Result r) {
            r.r1 = await(queue);
        }
    }

    /** A putter that waits, or is about to, is woken by a take. */
    @JCStressTest
    @Outcome(id = "1, 7", expect = ACCEPTABLE)
    @Outcome(id = "-1, 7", expect = FORBIDDEN, desc = "the wake-up was lost")
    @State
    public static class PutterIsWoken {
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        /** Fills the queue. */
        public PutterIsWoken() {
            queue.add(7);
        }

        /** Waits. */
        @Actor
        public void put(II_Result r) {
            r.r1 = await(queue, 8);
        }

        /** Takes. */
        @Actor
        public void take(II_Result r) {
            r.r2 = valueOf(queue.poll());
        }
    }

    /** A putter that waits is woken by a removal. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE)
    @Outcome(id = "-1", expect = FORBIDDEN, desc = "the wake-up was lost")
    @State
    public static class PutterIsWokenByRemoval {
        private final Integer element = 7;
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);

        /** Fills the queue. */
        public PutterIsWokenByRemoval() {
            queue.add(element);
        }

        /** Waits. */
        @Actor
        public void put(I_Result r) {
            r.r1 = await(queue, 8);
        }

        /** Removes. */
        @Actor
        public void remove() {
            queue.remove(element);
        }
    }

    /** Two takers that wait are both woken by one transfer of two elements. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a wake-up was lost")
    @State
    public static class OnePutWakesTwo {
        private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

        /** Waits. */
        @Actor
        public void one(II_Result r) {
            r.r1 = await(queue);
        }

        /** Waits. */
        @Actor
        public void other(II_Result r) {
            r.r2 = await(queue);
        }

        /** Puts both. */
        @Actor
        public void put() {
            try {
                queue.putAll(new Integer[] {1, 2}, 0, 2);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
