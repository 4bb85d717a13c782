package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A link between one thread and one, at the moments that matter: who sleeps is woken, and nothing is lost. */
// The full number of rounds takes minutes.
@Timeout(1200)
@ExtendWith(NoThreadLeaks.class)
class LinkRaceTest {
    /** Nobody wakes by himself as long as a test lasts: what no call wakes hangs. */
    private static final long NO_NAP = TimeUnit.HOURS.toNanos(1);

    private record Case(ThreadKind kind, int capacity) {}

    private static final class Owner implements Link.Owner {
        private final Queue<Object> discarded = new ConcurrentLinkedQueue<>();

        @Override
        public void broken(Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void discarded(Object item, Throwable reason) {
            discarded.add(item);
        }
    }

    static List<Case> cases() {
        return ThreadKinds.all().stream()
                .flatMap(kind -> List.of(1, 2, 1024).stream().map(capacity -> new Case(kind, capacity)))
                .toList();
    }

    private static RingLink link(int capacity, long nap, Owner owner) {
        RingLink link = new RingLink("next", capacity, Link.Side.ONE, Link.Side.ONE, owner, nap);
        link.attend();
        return link;
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("promise 8: who has handed over has woken the sleeper, without a nap's help")
    void handOverWakesTheTaker(Case given) throws Exception {
        int rounds = Rounds.of(200_000);
        RingLink there = link(given.capacity(), NO_NAP, new Owner());
        RingLink back = link(given.capacity(), NO_NAP, new Owner());
        try (Crew crew = new Crew(given.kind())) {
            crew.run(() -> {
                Meter meter = new Meter();
                for (int i = 0; i < rounds; i++) {
                    assertThat(there.put(i, meter)).isTrue();
                    there.handOver();
                    assertThat(back.take(meter)).isEqualTo(i);
                    there.attend();
                    assertThat(meter.position).isEqualTo(i);
                }
                there.end();
            });
            crew.run(() -> {
                Meter meter = new Meter();
                for (Object item = there.take(meter); item != null; item = there.take(meter)) {
                    assertThat(back.put(item, meter)).isTrue();
                    back.handOver();
                    back.attend();
                }
            });
        }
    }

    /**
     * One item comes and goes; it comes at a random moment, about when the taker falls asleep, and nothing else happens
     * that could make up for a call that is lost.
     */
    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName(
            "promise 8: who falls asleep while the item comes is called, by the hand-over or one of several by the put")
    void whoFallsAsleepWhileTheItemComesIsCalled(ThreadKind kind) throws Exception {
        for (boolean manyTakers : new boolean[] {false, true}) {
            RingLink there = new RingLink(
                    "next", 16, Link.Side.ONE, manyTakers ? Link.Side.MANY : Link.Side.ONE, new Owner(), NO_NAP);
            there.attend();
            Ring back = new Ring(16);
            int rounds = Rounds.of(1_000_000);
            Random random = new Random(1);
            Meter meter = new Meter();
            try (Crew crew = new Crew(kind)) {
                crew.run(() -> {
                    Meter sleepers = new Meter();
                    for (Object item = there.take(sleepers); item != null; item = there.take(sleepers)) {
                        back.offer(item);
                    }
                });
                try {
                    for (int round = 0; round < rounds; round++) {
                        for (int pause = random.nextInt(1000); pause > 0; pause--) {
                            Thread.onSpinWait();
                        }
                        there.put(round, meter);
                        if (!manyTakers) {
                            there.handOver();
                            there.attend();
                        }
                        awaitNext(back);
                    }
                } finally {
                    there.end();
                }
            }
        }
    }

    private static void awaitNext(Ring back) {
        long start = System.nanoTime();
        for (int tries = 1; back.poll() == null; tries++) {
            if (tries % 64 == 0) {
                assertThat(System.nanoTime() - start)
                        .as("nanoseconds of waiting")
                        .isLessThan(10_000_000_000L);
                Thread.yield();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everythingArrivesInOrderWhicheverSideSleeps(Case given) throws Exception {
        int items = Rounds.of(2_000_000);
        RingLink link = link(given.capacity(), NO_NAP, new Owner());
        try (Crew crew = new Crew(given.kind())) {
            crew.run(() -> {
                Meter meter = new Meter();
                for (int i = 0; i < items; i++) {
                    assertThat(link.put(i, meter)).isTrue();
                    if (i % 5000 == 0) {
                        pauseUntil(link.waiting() == 0 ? given.capacity() : 50);
                    }
                    link.handOver();
                    link.attend();
                }
                link.end();
            });
            crew.run(() -> {
                Meter meter = new Meter();
                int next = 0;
                for (Object item = link.take(meter); item != null; item = link.take(meter)) {
                    assertThat(item).isEqualTo(next++);
                    if (next % 7000 == 0) {
                        pauseUntil(50);
                    }
                }
                assertThat(next).isEqualTo(items);
                assertThat(link.hasEnded()).isTrue();
            });
        }
    }

    /** Lets the other side run into its wait. */
    private static void pauseUntil(int yields) {
        for (int i = 0; i < yields; i++) {
            Thread.yield();
        }
    }

    private enum End {
        END,
        FAIL,
        ABORT
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName(
            "scenario 46: the end, a failure and an abort meet sides that are about to sleep; every item has one fate")
    void endMeetsSidesThatFallAsleep(Case given) throws Exception {
        int rounds = Rounds.of(60_000);
        AtomicReference<RingLink> next = new AtomicReference<>();
        AtomicReference<Owner> owner = new AtomicReference<>();
        AtomicInteger put = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        CyclicBarrier barrier = new CyclicBarrier(3);
        try (Crew crew = new Crew(given.kind())) {
            crew.run(() -> {
                for (int round = 0; round < rounds; round++) {
                    End end = End.values()[round % 3];
                    barrier.await();
                    Meter meter = new Meter();
                    int count = 0;
                    for (int i = 0; i < 5 && next.get().put(i, meter); i++) {
                        count++;
                    }
                    put.set(count);
                    if (end == End.END) {
                        next.get().end();
                    } else {
                        next.get().fail();
                    }
                    barrier.await();
                }
            });
            crew.run(() -> {
                for (int round = 0; round < rounds; round++) {
                    barrier.await();
                    Meter meter = new Meter();
                    int count = 0;
                    while (next.get().take(meter) != null) {
                        count++;
                    }
                    taken.set(count);
                    next.get().takersLeave();
                    barrier.await();
                }
            });
            crew.run(() -> {
                for (int round = 0; round < rounds; round++) {
                    End end = End.values()[round % 3];
                    owner.set(new Owner());
                    next.set(link(given.capacity(), NO_NAP, owner.get()));
                    barrier.await();
                    if (end == End.ABORT) {
                        pauseUntil(round % 40);
                        next.get().abort(new IOException());
                    }
                    barrier.await();
                    assertThat(taken.get() + owner.get().discarded.size()).isEqualTo(put.get());
                    assertThat(next.get().received()).isEqualTo(put.get());
                    assertThat(next.get().taken()).isEqualTo(taken.get());
                    assertThat(next.get().waiting()).isZero();
                    if (end != End.ABORT) {
                        assertThat(taken.get()).isEqualTo(5);
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void abortFreesSidesThatSleep(Case given) throws Exception {
        Owner owner = new Owner();
        RingLink full = link(given.capacity(), NO_NAP, owner);
        RingLink empty = link(given.capacity(), NO_NAP, owner);
        for (int i = 0; i < given.capacity(); i++) {
            full.put(i, new Meter());
        }
        try (Crew crew = new Crew(given.kind())) {
            Crew.Member<Boolean> putter = crew.start(() -> full.put("refused", new Meter()));
            Crew.Member<Object> taker = crew.start(() -> empty.take(new Meter()));
            putter.awaitParked();
            taker.awaitParked();
            full.abort(new IOException());
            empty.abort(new IOException());
            assertThat(putter.result()).isFalse();
            assertThat(taker.result()).isNull();
        }
        assertThat(owner.discarded).as("by who owns the end, not by the abort").isEmpty();
        full.takersLeave();
        assertThat(owner.discarded).hasSize(given.capacity());
        assertThat(full.discarded()).isEqualTo(given.capacity());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void sleepingPutterIsCalledWhenHalfIsFree(ThreadKind kind) throws Exception {
        RingLink link = link(8, NO_NAP, new Owner());
        Meter meter = new Meter();
        for (int i = 0; i < 8; i++) {
            link.put(i, meter);
        }
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = crew.start(() -> link.put(8, new Meter()));
            putter.awaitParked();
            for (int i = 0; i < 3; i++) {
                assertThat(link.poll(meter)).isEqualTo(i);
            }
            assertThat(putter.task().isDone()).isFalse();
            assertThat(link.poll(meter)).isEqualTo(3);
            assertThat(putter.result()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void putterThatWasCalledCallsTheNextWhenThereIsRoomForMore(ThreadKind kind) throws Exception {
        RingLink link = new RingLink("next", 8, Link.Side.MANY, Link.Side.ONE, new Owner(), NO_NAP);
        Meter meter = new Meter();
        for (int i = 0; i < 8; i++) {
            link.put(i, meter);
        }
        try (Crew crew = new Crew(kind)) {
            List<Crew.Member<Boolean>> putters = Stream.of("a", "b", "c")
                    .map(item -> crew.start(() -> link.put(item, new Meter())))
                    .toList();
            putters.forEach(Crew.Member::awaitParked);
            // Then the taker is busy with the last of them for long.
            for (int i = 0; i < 4; i++) {
                assertThat(link.poll(meter)).isEqualTo(i);
            }
            for (Crew.Member<Boolean> putter : putters) {
                assertThat(putter.result()).isTrue();
            }
        }
        assertThat(link.waiting()).isEqualTo(7);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void takerThatWasCalledCallsTheNextWhenThereIsMoreToTake(ThreadKind kind) throws Exception {
        RingLink link = new RingLink("next", 8, Link.Side.ONE, Link.Side.MANY, new Owner(), NO_NAP);
        try (Crew crew = new Crew(kind)) {
            List<Crew.Member<Object>> takers = Stream.of(1, 2, 3)
                    .map(i -> crew.start(() -> link.take(new Meter())))
                    .toList();
            takers.forEach(Crew.Member::awaitParked);
            // Quicker than the first to be called gets up.
            for (int i = 0; i < 3; i++) {
                link.put(i, new Meter());
            }
            for (Crew.Member<Object> taker : takers) {
                assertThat(taker.result()).isNotNull();
            }
        }
    }

    @Test
    @DisplayName("promise 2: what an abort discards is at no moment missing from what was taken")
    void discardedItemsAreNotSubtractedBeforeTheyAreAdded() throws Exception {
        for (int round = Rounds.of(5_000); round > 0; round--) {
            RingLink link = link(1024, NO_NAP, new Owner());
            for (int i = 0; i < 1024; i++) {
                link.put(i, new Meter());
            }
            link.abort(new IOException());
            try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
                Crew.Member<Void> taker = crew.run(link::takersLeave);
                while (!taker.task().isDone()) {
                    assertThat(link.taken()).isNotNegative();
                }
            }
            assertThat(link.taken()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void sleepingPutterTakesAnyRoomAfterANap(ThreadKind kind) throws Exception {
        RingLink link = link(1024, Waiters.FIRST_NAP_NANOS, new Owner());
        Meter meter = new Meter();
        for (int i = 0; i < 1024; i++) {
            link.put(i, meter);
        }
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = crew.start(() -> link.put("last", new Meter()));
            putter.awaitParked();
            assertThat(link.poll(meter)).isEqualTo(0);
            assertThat(putter.result()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 8: who fell asleep while nobody was there to put is called by who comes back")
    void putterThatComesBackCallsWhoFellAsleepMeanwhile(ThreadKind kind) throws Exception {
        RingLink link = link(1024, Waiters.FIRST_NAP_NANOS, new Owner());
        link.handOver();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = crew.start(() -> link.take(new Meter()));
            taker.awaitParked();
            link.attend();
            link.put("next", new Meter());
            assertThat(taker.result()).isEqualTo("next");
        }
    }
}
