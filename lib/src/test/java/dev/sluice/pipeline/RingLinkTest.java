package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.pipeline.Link.Side;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who is called at a link over a ring, and by whom. Where a call is to be missed, the test makes the change in the ring
 * itself.
 */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
@DisplayName("promise 8: nobody sleeps on whom a call has missed")
class RingLinkTest {
    /** Nobody wakes by himself as long as a test lasts. */
    private static final long NO_NAP = TimeUnit.HOURS.toNanos(1);

    private final AtomicInteger calls = new AtomicInteger();

    private static RingLink link(Side putters, Side takers, long nap) {
        return link(1, putters, takers, nap);
    }

    private static RingLink link(int capacity, Side putters, Side takers, long nap) {
        RingLink link = new RingLink("next", capacity, putters, takers, LinkStub.NOTHING_HAPPENS, nap);
        link.attend();
        return link;
    }

    private static RingLink full(int capacity, Side putters, Side takers) {
        RingLink link = link(capacity, putters, takers, NO_NAP);
        for (int i = 0; i < capacity; i++) {
            link.put(i, new Meter());
        }
        return link;
    }

    private static RingLink single(long nap) {
        return link(Side.ONE, Side.ONE, nap);
    }

    private static Crew.Member<Object> taker(Crew crew, Link link) {
        return crew.start(() -> link.take(new Meter()));
    }

    private static Crew.Member<Boolean> putter(Crew crew, Link link, Object item) {
        return crew.start(() -> link.put(item, new Meter()));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoHandsOverCallsTheTaker(ThreadKind kind) throws Exception {
        RingLink link = single(NO_NAP);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = taker(crew, link).awaitParked();
            link.ring().offer("missed");
            link.handOver();
            assertThat(taker.result()).isEqualTo("missed");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoFindsNoRoomCallsTheTaker(ThreadKind kind) throws Exception {
        RingLink link = single(NO_NAP);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = taker(crew, link).awaitParked();
            link.ring().offer("missed");
            Crew.Member<Boolean> putter = putter(crew, link, "next");
            assertThat(taker.result()).isEqualTo("missed");
            assertThat(putter.result()).isTrue();
        }
        assertThat(link.poll(new Meter())).isEqualTo("next");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void stepThatFindsNoRoomCallsTheTaker(ThreadKind kind) throws Exception {
        RingLink link = link(Side.STEPS, Side.ONE, NO_NAP);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = taker(crew, link).awaitParked();
            link.ring().offer("missed");
            link.watchRoom(calls::incrementAndGet);
            assertThat(taker.result()).isEqualTo("missed");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoFindsNoItemCallsThePutter(ThreadKind kind) throws Exception {
        RingLink link = single(NO_NAP);
        link.put("first", new Meter());
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = putter(crew, link, "next").awaitParked();
            link.ring().poll();
            Crew.Member<Object> taker = taker(crew, link);
            assertThat(putter.result()).isTrue();
            assertThat(taker.result()).isEqualTo("next");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void readerThatFindsNoItemCallsThePutter(ThreadKind kind) throws Exception {
        RingLink link = single(NO_NAP);
        link.put("first", new Meter());
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = putter(crew, link, "next").awaitParked();
            link.ring().poll();
            Crew.Member<Boolean> reader = crew.start(() -> link.awaitItem(new Meter()));
            assertThat(putter.result()).isTrue();
            assertThat(reader.result()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void stepThatFindsNoItemCallsThePutter(ThreadKind kind) throws Exception {
        RingLink link = link(Side.ONE, Side.STEPS, NO_NAP);
        link.put("first", new Meter());
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = putter(crew, link, "next").awaitParked();
            link.ring().poll();
            link.watchItems(calls::incrementAndGet);
            assertThat(putter.result()).isTrue();
        }
    }

    /** A nap is eight times as long as the one before, so no longer than eight times what has passed since the first began. */
    private static <T> T afterItsNap(Crew.Member<T> member, long begun) throws Exception {
        long longest = TimeUnit.SECONDS.toNanos(30) + 8 * (System.nanoTime() - begun);
        return member.task().get(longest, TimeUnit.NANOSECONDS);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void takerLooksByItselfWhileSomebodyAttends(ThreadKind kind) throws Exception {
        RingLink link = single(Waiters.FIRST_NAP_NANOS);
        long begun = System.nanoTime();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = taker(crew, link).awaitParked();
            link.ring().offer("missed");
            assertThat(afterItsNap(taker, begun)).isEqualTo("missed");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void putterLooksByItself(ThreadKind kind) throws Exception {
        RingLink link = single(Waiters.FIRST_NAP_NANOS);
        long begun = System.nanoTime();
        link.put("first", new Meter());
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = putter(crew, link, "next").awaitParked();
            link.ring().poll();
            assertThat(afterItsNap(putter, begun)).isTrue();
        }
    }

    @Test
    @DisplayName("room that is not there is not passed on")
    void nobodyIsCalledWhenThereIsNoRoomToPassOn() {
        RingLink link = link(Side.STEPS, Side.STEPS, NO_NAP);
        Meter meter = new Meter();
        link.put("first", meter);
        link.watchRoom(calls::incrementAndGet);
        link.passOnRoom();
        assertThat(calls).hasValue(0);
        link.poll(meter);
        assertThat(calls).hasValue(1);
    }

    @Test
    void singlePutterIsCalledWhenHalfIsFree() {
        RingLink link = full(8, Side.ONE, Side.ONE);
        link.watchRoom(calls::incrementAndGet);
        for (int i = 0; i < 3; i++) {
            link.poll(new Meter());
        }
        assertThat(calls).hasValue(0);
        link.poll(new Meter());
        assertThat(calls).hasValue(1);
    }

    @Test
    void stepIsCalledForEachPlace() {
        RingLink link = full(8, Side.STEPS, Side.ONE);
        link.watchRoom(calls::incrementAndGet);
        link.poll(new Meter());
        assertThat(calls).hasValue(1);
    }

    @Test
    void oneOfSeveralTakersCallsTheNextWhenThereIsMore() {
        RingLink link = link(8, Side.ONE, Side.MANY, NO_NAP);
        link.watchItems(calls::incrementAndGet);
        link.watchItems(calls::incrementAndGet);
        link.ring().offer("first");
        link.ring().offer("second");
        link.poll(new Meter());
        assertThat(calls).hasValue(1);
        link.poll(new Meter());
        assertThat(calls).as("there are no more").hasValue(1);
        link.takers().callAll();
        assertThat(calls).hasValue(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void oneOfSeveralPuttersCallsTheNextWhenThereIsMoreRoom(ThreadKind kind) throws Exception {
        for (int places : new int[] {1, 2}) {
            calls.set(0);
            RingLink link = full(8, Side.MANY, Side.ONE);
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Boolean> putter = putter(crew, link, "next").awaitParked();
                link.watchRoom(calls::incrementAndGet);
                link.watchRoom(calls::incrementAndGet);
                for (int i = 0; i < places; i++) {
                    link.ring().poll();
                }
                // Calls go to those who watch and to those who sleep in turn.
                link.putters().call();
                assertThat(calls).hasValue(1);
                link.putters().call();
                assertThat(putter.result()).isTrue();
            }
            assertThat(calls).hasValue(places);
        }
    }

    @Test
    @DisplayName("promise 2: what an abort leaves in a ring is discarded by the side that leaves last")
    void whatIsLeftIsDiscardedByWhoLeavesLast() {
        for (boolean takersFirst : new boolean[] {false, true}) {
            List<Object> discarded = new ArrayList<>();
            RingLink link = new RingLink("next", 4, Side.ONE, Side.ONE, discardingInto(discarded), NO_NAP);
            link.put("a", new Meter());
            link.abort(new IOException());
            assertThat(discarded).as("by who owns the end, not by the abort").isEmpty();
            if (takersFirst) {
                link.takersLeave();
                assertThat(discarded).containsExactly("a");
                link.put("b", new Meter());
                link.fail();
            } else {
                link.put("b", new Meter());
                link.fail();
                assertThat(discarded).isEmpty();
                link.takersLeave();
            }
            assertThat(discarded).containsExactly("a", "b");
            assertThat(link.waiting()).isZero();
        }
    }

    private static Link.Owner discardingInto(List<Object> discarded) {
        return new Link.Owner() {
            @Override
            public void broken(Throwable cause) {
                throw new AssertionError(cause);
            }

            @Override
            public void discarded(Object item, @Nullable Throwable reason) {
                discarded.add(item);
            }
        };
    }

    @Test
    @DisplayName("a ring is used without a lock only by one thread on each side")
    void isSingleWhenEachSideIsOneThread() {
        assertThat(single(NO_NAP).isSingle()).isTrue();
        for (Side other : new Side[] {Side.MANY, Side.STEPS}) {
            assertThat(link(other, Side.ONE, NO_NAP).isSingle()).isFalse();
            assertThat(link(Side.ONE, other, NO_NAP).isSingle()).isFalse();
        }
    }

    @Test
    @DisplayName("a queue of the user's is behind a lock, and without one there is a ring")
    void linkIsOverARingUnlessThereIsAQueue() {
        Link ring = Link.of("next", Settings.DEFAULT, Side.ONE, Side.ONE, LinkStub.NOTHING_HAPPENS);
        assertThat(ring).isInstanceOf(RingLink.class);
        assertThat(ring.capacity()).isEqualTo(Settings.DEFAULT_CAPACITY);
        assertThat(ring.stage()).isEqualTo("next");
        Settings own =
                new StageOptions<>().queue(() -> new ArrayBlockingQueue<>(3)).settings();
        Link locked = Link.of("next", own, Side.ONE, Side.ONE, LinkStub.NOTHING_HAPPENS);
        assertThat(locked).isInstanceOf(LockedLink.class);
        assertThat(locked.capacity()).isEqualTo(3);
    }

    @Test
    void sidesTogetherAreManyOrSteps() {
        assertThat(Side.ONE.and(Side.ONE)).isEqualTo(Side.MANY);
        assertThat(Side.MANY.and(Side.ONE)).isEqualTo(Side.MANY);
        assertThat(Side.STEPS.and(Side.ONE)).isEqualTo(Side.STEPS);
        assertThat(Side.ONE.and(Side.STEPS)).isEqualTo(Side.STEPS);
        assertThat(Side.STEPS.and(Side.STEPS)).isEqualTo(Side.STEPS);
    }
}
