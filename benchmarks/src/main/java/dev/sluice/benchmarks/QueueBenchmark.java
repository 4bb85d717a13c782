package dev.sluice.benchmarks;

import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Moves elements from one thread to another through a bounded queue: {@link RingBlockingQueue} and {@link ArrayBlockingQueue}
 * (not fair, the default) of the same capacity.
 *
 * <p>{@link #single} is {@code put} and {@code take} of one element at a time for both. In {@link #batched} the consumer takes up
 * to 64 at a time: ours with {@code putAll} and {@code takeUpTo}; the JDK's queue has no bulk insertion, so there it is
 * {@code put} for each, and {@code take}, then {@code drainTo} into a list that is used again.
 *
 * <p>An invocation starts both threads with a new queue, moves 262,144 elements and an end, and joins them. The consumer
 * checks that each element came once and in order, and that the queue is empty at the end.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class QueueBenchmark {
    private static final int ELEMENTS = 1 << 18;

    /** Divides the length of the sequence, so that a batch is a range of its array. */
    private static final int BATCH = 64;

    /** The queues that are compared. */
    public enum Kind {
        /** Ours. */
        SLUICE_RING {
            @Override
            BlockingQueue<Integer> queue(int capacity) {
                return new RingBlockingQueue<>(capacity);
            }

            @Override
            Batches batches(int capacity) {
                return new RingBatches(capacity);
            }
        },
        /** The JDK's. */
        JDK_ARRAY {
            @Override
            BlockingQueue<Integer> queue(int capacity) {
                return new ArrayBlockingQueue<>(capacity);
            }

            @Override
            Batches batches(int capacity) {
                return new DrainedBatches(capacity);
            }
        };

        abstract BlockingQueue<Integer> queue(int capacity);

        abstract Batches batches(int capacity);
    }

    /** Which queue. */
    @Param
    public Kind queue;

    /** Its capacity. */
    @Param({"1024", "16"})
    public int capacity;

    /**
     * Element by element.
     *
     * @throws Exception when an element was lost
     */
    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public void single() throws Exception {
        BlockingQueue<Integer> link = queue.queue(capacity);
        Sequence received = new Sequence();
        Crew crew = new Crew();
        crew.start(() -> {
            while (!received.ended()) {
                received.accept(link.take());
            }
        });
        crew.start(() -> {
            for (int i = 0; i < ELEMENTS; i++) {
                link.put(Sequence.element(i));
            }
            link.put(Sequence.END);
        });
        crew.join();
        received.expect(ELEMENTS);
        expectEmpty(link.size());
    }

    /**
     * Up to 64 elements at a time.
     *
     * @throws Exception when an element was lost
     */
    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public void batched() throws Exception {
        Batches link = queue.batches(capacity);
        Sequence received = new Sequence();
        Crew crew = new Crew();
        crew.start(() -> {
            while (!received.ended()) {
                link.take(received);
            }
        });
        crew.start(() -> {
            for (int i = 0; i < ELEMENTS; i += BATCH) {
                int from = i & (Sequence.LENGTH - 1);
                link.put(Sequence.elements(), from, from + BATCH);
            }
            link.put(new Integer[] {Sequence.END}, 0, 1);
        });
        crew.join();
        received.expect(ELEMENTS);
        expectEmpty(link.size());
    }

    private static void expectEmpty(int size) {
        if (size != 0) {
            throw new IllegalStateException("elements left in the queue must be 0 but were " + size);
        }
    }

    /** A queue by way of its transfers of many elements. */
    private interface Batches {
        void put(Integer[] elements, int from, int to) throws InterruptedException;

        /** Takes at least one element, and hands each to the receiver from where the queue left it. */
        void take(Sequence receiver) throws InterruptedException;

        int size();
    }

    private static final class RingBatches implements Batches {
        private final RingBlockingQueue<Integer> queue;
        private final Integer[] taken = new Integer[BATCH];

        RingBatches(int capacity) {
            queue = new RingBlockingQueue<>(capacity);
        }

        @Override
        public void put(Integer[] elements, int from, int to) throws InterruptedException {
            queue.putAll(elements, from, to);
        }

        @Override
        public void take(Sequence receiver) throws InterruptedException {
            int count = queue.takeUpTo(taken, BATCH);
            for (int i = 0; i < count; i++) {
                receiver.accept(taken[i]);
            }
        }

        @Override
        public int size() {
            return queue.size();
        }
    }

    private static final class DrainedBatches implements Batches {
        private final ArrayBlockingQueue<Integer> queue;
        private final List<Integer> taken = new ArrayList<>(BATCH);

        DrainedBatches(int capacity) {
            queue = new ArrayBlockingQueue<>(capacity);
        }

        @Override
        public void put(Integer[] elements, int from, int to) throws InterruptedException {
            for (int i = from; i < to; i++) {
                queue.put(elements[i]);
            }
        }

        @Override
        public void take(Sequence receiver) throws InterruptedException {
            receiver.accept(queue.take());
            queue.drainTo(taken, BATCH - 1);
            for (int i = 0; i < taken.size(); i++) {
                receiver.accept(taken.get(i));
            }
            taken.clear();
        }

        @Override
        public int size() {
            return queue.size();
        }
    }
}
