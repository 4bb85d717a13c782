package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.pipeline.Link.Side;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who sleeps at a link and was missed by who made the change, which here the test does, in the ring: who finds him. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
@DisplayName("promise 8: nobody sleeps on whom a call has missed")
class RingLinkTest {
    /** Nobody wakes by himself as long as a test lasts. */
    private static final long NO_NAP = TimeUnit.HOURS.toNanos(1);

    private final AtomicInteger calls = new AtomicInteger();

    private static RingLink link(Side putters, Side takers, long nap) {
        RingLink link = new RingLink("next", 1, putters, takers, LinkStub.NOTHING_HAPPENS, nap);
        link.attend();
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

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void takerLooksByItselfWhileSomebodyAttends(ThreadKind kind) throws Exception {
        RingLink link = single(Waiters.FIRST_NAP_NANOS);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = taker(crew, link).awaitParked();
            link.ring().offer("missed");
            assertThat(taker.result()).isEqualTo("missed");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void putterLooksByItself(ThreadKind kind) throws Exception {
        RingLink link = single(Waiters.FIRST_NAP_NANOS);
        link.put("first", new Meter());
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter = putter(crew, link, "next").awaitParked();
            link.ring().poll();
            assertThat(putter.result()).isTrue();
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
    @DisplayName("a ring is used without a lock only by one thread on each side")
    void isSingleWhenEachSideIsOneThread() {
        assertThat(single(NO_NAP).isSingle()).isTrue();
        for (Side other : new Side[] {Side.MANY, Side.STEPS}) {
            assertThat(link(other, Side.ONE, NO_NAP).isSingle()).isFalse();
            assertThat(link(Side.ONE, other, NO_NAP).isSingle()).isFalse();
        }
    }
}
