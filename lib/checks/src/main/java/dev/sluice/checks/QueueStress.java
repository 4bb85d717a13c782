package dev.sluice.checks;

import dev.sluice.queue.RingBlockingQueue;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLongArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many elements between many threads: none lost, none doubled, those of each producer in their order. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "1, 2 and 4 producers against 1, 2 and 4 consumers, at capacities 1024, 2 and 1.")
final class QueueStress implements Callable<Integer> {
    @Option(names = "--elements", defaultValue = "1000000000", description = "at capacity 1024; default 10^9")
    private long elements;

    @Option(names = "--few", defaultValue = "1000000", description = "at capacities 2 and 1; default 10^6")
    private long few;

    /** The {@code number} counts what its producer has put before. */
    private record Element(int producer, long number) {}

    @Override
    public Integer call() throws InterruptedException {
        for (int capacity : new int[] {1024, 2, 1}) {
            for (int producers : new int[] {1, 2, 4}) {
                for (int consumers : new int[] {1, 2, 4}) {
                    run(capacity, producers, consumers, capacity == 1024 ? elements : few);
                }
            }
        }
        return 0;
    }

    private static void run(int capacity, int producers, int consumers, long total) throws InterruptedException {
        long each = total / (producers * consumers) * consumers;
        RingBlockingQueue<Element> queue = new RingBlockingQueue<>(capacity);
        AtomicLongArray taken = new AtomicLongArray(consumers * 16);
        long[][] counts = new long[consumers][producers];
        Watch watch = new Watch();
        long begun = System.nanoTime();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            watch.start("producer-" + p, () -> {
                for (long i = 0; i < each; i++) {
                    queue.put(new Element(producer, i));
                }
            });
        }
        for (int c = 0; c < consumers; c++) {
            int me = c;
            watch.start(
                    "consumer-" + c, () -> consume(queue, each * producers / consumers, counts[me], taken, me * 16));
        }
        watch.awaitAll(() -> sum(taken));
        for (int p = 0; p < producers; p++) {
            long of = 0;
            for (long[] count : counts) {
                of += count[p];
            }
            require(of == each, "of producer " + p + " came " + of + " of " + each);
        }
        require(queue.isEmpty(), "left over: " + queue.size());
        long nanos = System.nanoTime() - begun;
        System.out.printf(
                "capacity %d, %d -> %d: %d elements, none lost, none doubled, in order; %.1f M/s%n",
                capacity, producers, consumers, each * producers, each * producers * 1e3 / nanos);
    }

    /** Alone, it must see every number of each producer; among several, those of each producer in a rising order. */
    private static void consume(
            RingBlockingQueue<Element> queue, long expected, long[] counts, AtomicLongArray taken, int cell)
            throws InterruptedException {
        long[] last = new long[counts.length];
        Arrays.fill(last, -1);
        boolean alone = taken.length() == 16;
        for (long i = 0; i < expected; i++) {
            Element element = queue.take();
            long step = element.number - last[element.producer];
            require(alone ? step == 1 : step > 0, "out of order: " + element + " after " + last[element.producer]);
            last[element.producer] = element.number;
            counts[element.producer]++;
            taken.lazySet(cell, i);
        }
    }

    private static long sum(AtomicLongArray taken) {
        long sum = 0;
        for (int i = 0; i < taken.length(); i += 16) {
            sum += taken.get(i);
        }
        return sum;
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
