package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The limit is for the full number of rounds; the crew reports a hang sooner in the ordinary build. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class RingBlockingQueueRaceTest {
    private static final int[] COUNTS = {1, 2, 4};

    private static final int COMBINATIONS = COUNTS.length * COUNTS.length * 2;

    private record Element(int producer, int number) {}

    private static final Element END = new Element(-1, 0);

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 30: one by one: none lost, none doubled, per-producer order kept")
    void singleTransfers(ThreadKind kind) throws Exception {
        for (int capacity : new int[] {1, 2, 1024}) {
            for (int producers : COUNTS) {
                for (int consumers : COUNTS) {
                    transfer(kind, capacity, producers, consumers, false);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 30: by putAll and takeUpTo: none lost, none doubled, per-producer order kept")
    void bulkTransfers(ThreadKind kind) throws Exception {
        for (int capacity : new int[] {1, 2, 1024}) {
            for (int producers : COUNTS) {
                for (int consumers : COUNTS) {
                    transfer(kind, capacity, producers, consumers, true);
                }
            }
        }
    }

    private static void transfer(ThreadKind kind, int capacity, int producers, int consumers, boolean bulk)
            throws Exception {
        RingBlockingQueue<Element> queue = new RingBlockingQueue<>(capacity);
        // Full rounds are 10^9 elements in all at capacity 1024, and 10^6 at each of the small ones.
        int each = Rounds.of((capacity < 3 ? 1_000_000 : 1_000_000_000) / COMBINATIONS) / producers;
        List<Crew.Member<Tally>> tallies = new ArrayList<>();
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < consumers; i++) {
                tallies.add(crew.start(() -> bulk ? takeMany(queue, producers) : takeSingly(queue, producers)));
            }
            List<Crew.Member<Void>> puts = new ArrayList<>();
            for (int i = 0; i < producers; i++) {
                int producer = i;
                puts.add(crew.run(() -> put(queue, producer, each, bulk)));
            }
            for (Crew.Member<Void> put : puts) {
                put.result();
            }
            for (int i = 0; i < consumers; i++) {
                queue.put(END);
            }
            Tally all = new Tally(producers);
            for (Crew.Member<Tally> tally : tallies) {
                all.add(tally.result());
            }
            Tally expected = new Tally(producers);
            for (int producer = 0; producer < producers; producer++) {
                for (int number = 0; number < each; number++) {
                    expected.count(producer, number);
                }
            }
            assertThat(all.counts).isEqualTo(expected.counts);
            assertThat(all.sums).isEqualTo(expected.sums);
        }
        assertThat(queue).isEmpty();
    }

    /**
     * What a consumer has seen. The numbers of a producer rise, so no consumer sees one twice; that two have not, and that
     * none is missing, is told by how many there are and by a sum of hashes.
     */
    private static final class Tally {
        private final int[] last;
        private final long[] counts;
        private final long[] sums;

        Tally(int producers) {
            last = new int[producers];
            Arrays.fill(last, -1);
            counts = new long[producers];
            sums = new long[producers];
        }

        void count(int producer, int number) {
            if (number <= last[producer]) {
                throw new AssertionError(number + " after " + last[producer] + " of producer " + producer);
            }
            last[producer] = number;
            counts[producer]++;
            long hash = (number + 1) * 0x9E3779B97F4A7C15L;
            sums[producer] += hash ^ hash >>> 32;
        }

        void add(Tally other) {
            for (int i = 0; i < counts.length; i++) {
                counts[i] += other.counts[i];
                sums[i] += other.sums[i];
            }
        }
    }

    private static void put(RingBlockingQueue<Element> queue, int producer, int each, boolean bulk)
            throws InterruptedException {
        Element[] batch = new Element[7];
        for (int number = 0; number < each; ) {
            if (bulk) {
                int count = Math.min(batch.length, each - number);
                for (int i = 0; i < count; i++) {
                    batch[i] = new Element(producer, number + i);
                }
                number += queue.putAll(batch, 0, count);
            } else {
                queue.put(new Element(producer, number));
                number++;
            }
        }
    }

    private static Tally takeSingly(RingBlockingQueue<Element> queue, int producers) throws InterruptedException {
        Tally tally = new Tally(producers);
        for (Element element = queue.take(); element != END; element = queue.take()) {
            tally.count(element.producer, element.number);
        }
        return tally;
    }

    private static Tally takeMany(RingBlockingQueue<Element> queue, int producers) throws InterruptedException {
        Tally tally = new Tally(producers);
        Element[] into = new Element[5];
        int ends = 0;
        while (ends == 0) {
            int count = queue.takeUpTo(into, into.length);
            for (int i = 0; i < count; i++) {
                if (into[i] == END) {
                    ends++;
                } else {
                    tally.count(into[i].producer, into[i].number);
                }
            }
        }
        for (int i = 1; i < ends; i++) {
            queue.put(END);
        }
        return tally;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 30: time-outs and interrupts neither lose nor double, nor swallow a signal")
    void survivesTimeOutsAndInterrupts(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
        AtomicLong put = new AtomicLong();
        AtomicLong taken = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        int rounds = Rounds.of(20_000);
        try (Crew storm = new Crew(ThreadKind.PLATFORM); // a virtual one could keep the only carrier to itself
                Crew crew = new Crew(kind)) {
            List<Crew.Member<Void>> victims = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int seed = i;
                victims.add(crew.run(() -> putSomehow(queue, put, rounds, new Random(seed))));
                victims.add(crew.run(() -> takeSomehow(queue, taken, rounds, new Random(seed))));
            }
            storm.run(() -> {
                Random random = new Random(1);
                while (!over.get()) {
                    victims.get(random.nextInt(victims.size())).interrupt();
                    Thread.yield();
                }
            });
            try {
                for (Crew.Member<Void> victim : victims) {
                    victim.result();
                }
            } finally {
                over.set(true);
            }
        }
        assertThat(taken.get() + queue.size()).isEqualTo(put.get());
    }

    private static void putSomehow(RingBlockingQueue<Integer> queue, AtomicLong put, int rounds, Random random) {
        Integer[] three = {1, 2, 3};
        for (int i = 0; i < rounds; i++) {
            try {
                if (random.nextBoolean()) {
                    put.addAndGet(queue.offer(1, random.nextInt(50_000), TimeUnit.NANOSECONDS) ? 1 : 0);
                } else if (queue.remainingCapacity() > 0) {
                    put.addAndGet(queue.putAll(three, 0, queue.remainingCapacity()));
                }
            } catch (InterruptedException e) {
                Thread.yield();
            }
        }
    }

    private static void takeSomehow(RingBlockingQueue<Integer> queue, AtomicLong taken, int rounds, Random random) {
        Integer[] into = new Integer[2];
        for (int i = 0; i < rounds; i++) {
            try {
                if (random.nextBoolean()) {
                    taken.addAndGet(queue.poll(random.nextInt(50_000), TimeUnit.NANOSECONDS) == null ? 0 : 1);
                } else {
                    taken.addAndGet(queue.takeUpTo(into, 2, Duration.ofNanos(random.nextInt(50_000))));
                }
            } catch (InterruptedException e) {
                Thread.yield();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 30a: with the head stuck, put and remove(Object) never block and the heap stays flat")
    void putAndRemoveBehindAStuckHead(ThreadKind kind) throws Exception {
        RingBlockingQueue<Object> queue = new RingBlockingQueue<>(8);
        queue.put("head");
        int rounds = Rounds.of(1_000_000);
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 2; i++) {
                crew.run(() -> {
                    for (int round = 0; round < rounds / 2; round++) {
                        byte[] element = new byte[1024];
                        queue.put(element);
                        assertThat(queue.remove(element)).isTrue();
                    }
                });
            }
        }
        assertThat(queue).containsExactly("head");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void snapshotsAreWholeWhileTheQueueChanges(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(16);
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = new Crew(kind)) {
            crew.run(() -> {
                for (int i = 0; !over.get(); i++) {
                    if (!queue.offer(i)) {
                        queue.drainTo(new ArrayList<>(), 1 + i % 16);
                    }
                }
            });
            try {
                for (int round = 0; round < Rounds.of(100_000); round++) {
                    assertThat(queue.stream().toList()).isSorted().doesNotContainNull();
                    assertThat(queue.toArray(new Integer[4])).hasSizeLessThanOrEqualTo(16);
                }
            } finally {
                over.set(true);
            }
        }
    }
}
