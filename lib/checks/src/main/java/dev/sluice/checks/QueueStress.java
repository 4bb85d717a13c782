package dev.sluice.checks;

import dev.sluice.checks.Laps.Element;
import dev.sluice.queue.RingBlockingQueue;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many elements between many threads: none lost, none doubled, those of each producer in their order. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "Several producers against several consumers, at capacities 1024, 2 and 1.")
final class QueueStress implements Callable<Integer> {
    @Option(
            names = "--elements",
            defaultValue = "1000000000",
            description = "of each combination at capacity 1024; default 10^9")
    private long elements;

    @Option(
            names = "--few",
            defaultValue = "1000000",
            description = "of each combination at capacities 2 and 1; default 10^6")
    private long few;

    @Option(
            names = "--batch",
            defaultValue = "1",
            description = "how many at a time, by putAll and takeUpTo; default 1: put and take")
    private int batch;

    @Option(names = "--producers", split = ",", defaultValue = "1,2,4", description = "default 1,2,4")
    private int[] producers;

    @Option(names = "--consumers", split = ",", defaultValue = "1,2,4", description = "default 1,2,4")
    private int[] consumers;

    @Override
    public Integer call() throws InterruptedException {
        for (int capacity : new int[] {1024, 2, 1}) {
            for (int putting : producers) {
                for (int taking : consumers) {
                    new Run(capacity, putting, taking, batch).run(capacity == 1024 ? elements : few);
                }
            }
        }
        return 0;
    }

    /** One combination. */
    private static final class Run {
        private final RingBlockingQueue<Element> queue;
        private final AtomicLongArray[] counts;
        private final Laps[] producers;
        /** For each consumer what it has taken of each producer: the sum of the numbers and of their squares. */
        private final long[][] sums;

        private final String name;
        private final int batch;

        Run(int capacity, int producers, int consumers, int batch) {
            this.queue = new RingBlockingQueue<>(capacity);
            this.batch = batch;
            this.name = "capacity " + capacity + ", " + producers + " -> " + consumers;
            // Longer than needed, so that no two consumers write to one cache line.
            this.counts = Stream.generate(() -> new AtomicLongArray(2 * producers + 32))
                    .limit(consumers)
                    .toArray(AtomicLongArray[]::new);
            this.producers = new Laps[producers];
            Arrays.setAll(this.producers, p -> new Laps(p, counts));
            this.sums = new long[consumers][2 * producers];
        }

        void run(long total) throws InterruptedException {
            long each = Math.max(1, total / (producers.length * counts.length)) * counts.length;
            long share = each * producers.length / counts.length;
            Watch watch = new Watch(name);
            long begun = System.nanoTime();
            for (Laps laps : producers) {
                watch.start("producer", () -> produce(laps, each));
            }
            for (int c = 0; c < counts.length; c++) {
                int me = c;
                watch.start("consumer", () -> consume(me, share));
            }
            watch.awaitAll(
                    () -> Arrays.stream(producers).mapToLong(Laps::counted).sum());
            long nanos = System.nanoTime() - begun;
            for (int p = 0; p < producers.length; p++) {
                check(p, each);
            }
            require(queue.isEmpty(), "left over: " + queue.size());
            System.out.printf(
                    "%s, %d at a time: %d elements, none lost, none doubled, in order; %.1f M/s%n",
                    name, batch, each * producers.length, each * producers.length * 1e3 / nanos);
        }

        private void produce(Laps laps, long each) throws InterruptedException {
            Element[] elements = laps.elements();
            long next = 0;
            while (next < each) {
                laps.begin(next);
                int from = (int) (next % elements.length);
                int count = (int) Math.min(Math.min(batch, each - next), Laps.LENGTH - next % Laps.LENGTH);
                if (batch == 1) {
                    queue.put(elements[from]);
                } else {
                    require(queue.putAll(elements, from, from + count) == count, "putAll stopped half-way");
                }
                next += count;
            }
        }

        private void consume(int me, long share) throws InterruptedException {
            long[] last = new long[producers.length];
            Arrays.fill(last, -1);
            Element[] taken = new Element[batch];
            long left = share;
            while (left > 0) {
                int count = 1;
                if (batch == 1) {
                    taken[0] = queue.take();
                } else {
                    count = queue.takeUpTo(taken, (int) Math.min(batch, left));
                }
                for (int i = 0; i < count; i++) {
                    count(me, taken[i], last);
                }
                left -= count;
            }
        }

        /** Alone, a consumer must see every number; among several, those of each producer in a rising order. */
        private void count(int me, Element element, long[] last) {
            int producer = element.producer();
            long number = element.number();
            long step = number - last[producer];
            require(counts.length == 1 ? step == 1 : step > 0, number, last[producer]);
            last[producer] = number;
            sums[me][2 * producer] += number;
            sums[me][2 * producer + 1] += number * number;
            counts[me].lazySet(element.cell(), counts[me].getPlain(element.cell()) + 1);
        }

        private void check(int producer, long each) {
            long sum = 0;
            long squares = 0;
            for (long[] consumer : sums) {
                sum += consumer[2 * producer];
                squares += consumer[2 * producer + 1];
            }
            for (long number = 0; number < each; number++) {
                sum -= number;
                squares -= number * number;
            }
            long counted = producers[producer].counted();
            require(
                    counted == each && sum == 0 && squares == 0,
                    "of producer " + producer + " came " + counted + " of " + each + ", not each of them once");
        }
    }

    private static void require(boolean condition, long number, long after) {
        if (!condition) {
            throw new AssertionError("out of order: " + number + " after " + after);
        }
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
