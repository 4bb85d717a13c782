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

@Timeout(60)
class RingBlockingQueueRaceTest {
    private static final int[] COUNTS = {1, 2, 4};

    /** An element says who made it and which one it is; -1 for the producer ends a consumer. */
    private record Element(int producer, int number) {}

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKind#available")
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
    @MethodSource("dev.sluice.testing.ThreadKind#available")
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
        int each = Rounds.of(capacity < 3 ? 100_000 : 2_000_000) / producers;
        List<Crew.Member<List<Element>>> taken = new ArrayList<>();
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < consumers; i++) {
                taken.add(crew.start(() -> bulk ? takeMany(queue) : takeSingly(queue)));
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
                queue.put(new Element(-1, 0));
            }
            check(taken, producers, each);
        }
        assertThat(queue).isEmpty();
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

    private static List<Element> takeSingly(RingBlockingQueue<Element> queue) throws InterruptedException {
        List<Element> mine = new ArrayList<>();
        while (true) {
            Element element = queue.take();
            if (element.producer < 0) {
                return mine;
            }
            mine.add(element);
        }
    }

    private static List<Element> takeMany(RingBlockingQueue<Element> queue) throws InterruptedException {
        List<Element> mine = new ArrayList<>();
        Element[] into = new Element[5];
        while (true) {
            int count = queue.takeUpTo(into, into.length);
            int ends = 0;
            for (int i = 0; i < count; i++) {
                if (into[i].producer < 0) {
                    ends++;
                } else {
                    mine.add(into[i]);
                }
            }
            for (int i = 1; i < ends; i++) {
                queue.put(new Element(-1, 0));
            }
            if (ends > 0) {
                return mine;
            }
        }
    }

    private static void check(List<Crew.Member<List<Element>>> taken, int producers, int each) throws Exception {
        boolean[][] seen = new boolean[producers][each];
        int total = 0;
        for (Crew.Member<List<Element>> consumer : taken) {
            int[] last = new int[producers];
            Arrays.fill(last, -1);
            for (Element element : consumer.result()) {
                assertThat(element.number).isGreaterThan(last[element.producer]);
                last[element.producer] = element.number;
                assertThat(seen[element.producer][element.number]).isFalse();
                seen[element.producer][element.number] = true;
                total++;
            }
        }
        assertThat(total).isEqualTo(producers * each);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKind#available")
    @DisplayName("scenario 30: time-outs and interrupts neither lose nor double, nor swallow a signal")
    void survivesTimeOutsAndInterrupts(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
        AtomicLong put = new AtomicLong();
        AtomicLong taken = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        int rounds = Rounds.of(20_000);
        try (Crew storm = new Crew(kind);
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
    @MethodSource("dev.sluice.testing.ThreadKind#available")
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
    @MethodSource("dev.sluice.testing.ThreadKind#available")
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
