package dev.sluice.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * Moves elements from one or two threads to one or two others through a queue; see {@link QueueKind} for which.
 *
 * <p>{@link #single} is {@code put} and {@code take} of one element at a time. In {@link #batched} the producers put 64 at
 * a time and the consumers take up to 64, with what the queue has for that; most have {@code drainTo}, and no bulk
 * insertion.
 *
 * <p>An invocation starts its threads with a new queue, moves 2,097,152 elements, and joins them. Count and sum of what came
 * out must be those of what went in; one consumer of one producer also checks the order.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class QueueBenchmark {
    private static final int ELEMENTS = 1 << 21;

    /** Divides the length of the sequence, so that a batch is a range of its array. */
    private static final int BATCH = 64;

    /** How many threads put and take. */
    public enum Flow {
        /** One puts, one takes. */
        ONE_TO_ONE(1, 1),
        /** One puts, two take. */
        ONE_TO_TWO(1, 2),
        /** Two put, one takes. */
        TWO_TO_ONE(2, 1),
        /** Two put, two take. */
        TWO_TO_TWO(2, 2);

        private final int producers;
        private final int consumers;

        Flow(int producers, int consumers) {
            this.producers = producers;
            this.consumers = consumers;
        }
    }

    /** Which queue. */
    @Param
    public QueueKind queue;

    /** Its capacity. */
    @Param({"1024", "16"})
    public int capacity;

    /** Between how many. */
    @Param
    public Flow flow;

    /**
     * Element by element.
     *
     * @throws Exception when an element was lost
     */
    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public void single() throws Exception {
        move(
                (link, count) -> {
                    for (int i = 0; i < count; i++) {
                        link.put(Sequence.element(i));
                    }
                },
                (link, count, received) -> {
                    for (int i = 0; i < count; i++) {
                        received.accept(link.take());
                    }
                });
    }

    /**
     * Up to 64 elements at a time.
     *
     * @throws Exception when an element was lost
     */
    @Benchmark
    @OperationsPerInvocation(ELEMENTS)
    public void batched() throws Exception {
        move(
                (link, count) -> {
                    for (int i = 0; i < count; i += BATCH) {
                        int from = i & (Sequence.LENGTH - 1);
                        link.put(Sequence.elements(), from, from + BATCH);
                    }
                },
                (link, count, received) -> {
                    Integer[] batch = new Integer[BATCH];
                    int left = count;
                    while (left > 0) {
                        Integer[] into = left < BATCH ? new Integer[left] : batch; // not more than one's share
                        int taken = link.take(into);
                        for (int i = 0; i < taken; i++) {
                            received.accept(into[i]);
                        }
                        left -= taken;
                    }
                });
    }

    private interface Producer {
        void put(QueueKind.Transfer link, int count) throws InterruptedException;
    }

    private interface Consumer {
        void take(QueueKind.Transfer link, int count, Received received) throws InterruptedException;
    }

    /** What one consumer got. */
    private static final class Received {
        private final boolean inOrder;
        private long count;
        private long sum;

        Received(boolean inOrder) {
            this.inOrder = inOrder;
        }

        void accept(Integer element) {
            if (inOrder && element != (count & (Sequence.LENGTH - 1))) {
                throw new IllegalStateException("element " + count + " was " + element);
            }
            count++;
            sum += element;
        }
    }

    private void move(Producer producer, Consumer consumer) throws Exception {
        boolean oneToOne = flow == Flow.ONE_TO_ONE;
        QueueKind.Transfer link = queue.transfer(capacity, oneToOne);
        AtomicLong count = new AtomicLong();
        AtomicLong sum = new AtomicLong();
        Crew crew = new Crew();
        for (int i = 0; i < flow.consumers; i++) {
            crew.start(() -> {
                Received received = new Received(oneToOne);
                consumer.take(link, ELEMENTS / flow.consumers, received);
                count.addAndGet(received.count);
                sum.addAndGet(received.sum);
            });
        }
        for (int i = 0; i < flow.producers; i++) {
            crew.start(() -> producer.put(link, ELEMENTS / flow.producers));
        }
        crew.join();
        expect("elements", ELEMENTS, count.get());
        expect("sum", (long) (ELEMENTS / Sequence.LENGTH) * Sequence.LENGTH * (Sequence.LENGTH - 1) / 2, sum.get());
        expect("elements left in the queue", 0, link.size());
    }

    private static void expect(String what, long expected, long actual) {
        if (actual != expected) {
            throw new IllegalStateException(what + " must be " + expected + " but were " + actual);
        }
    }
}
