package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.pipeline.Meter.Wait;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A thread waits at a link: what ends the wait, and what its meter says of it. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class LinkWaitsTest {
    enum Buffer {
        RING,
        SHARED_RING,
        QUEUE;

        /** Has room for one item; nobody who waits looks by himself. */
        Link link() {
            return switch (this) {
                case RING -> ring(Link.Side.ONE);
                case SHARED_RING -> ring(Link.Side.MANY);
                case QUEUE ->
                    new LockedLink(
                            LinkQueue.of("next", Settings.DEFAULT, () -> new ArrayBlockingQueue<>(1)),
                            "next",
                            LinkStub.NOTHING_HAPPENS);
            };
        }

        private static Link ring(Link.Side sides) {
            Link link = new RingLink("next", 1, sides, sides, LinkStub.NOTHING_HAPPENS, TimeUnit.HOURS.toNanos(1));
            link.attend();
            return link;
        }
    }

    private final Meter meter = new Meter();

    static Stream<Arguments> cases() {
        return Stream.of(Buffer.values())
                .flatMap(buffer -> ThreadKinds.all().stream().map(kind -> Arguments.of(buffer, kind)));
    }

    private void assertThatItHasWaited(Wait what) {
        long now = System.nanoTime();
        assertThat(meter.waited(what, now)).isPositive();
        assertThat(meter.waited(what, now + 1_000_000_000))
                .as("it waits no more")
                .isEqualTo(meter.waited(what, now));
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("promise 1: who puts waits until there is room, and is blocked for so long")
    void putWaitsForRoom(Buffer buffer, ThreadKind kind) throws Exception {
        Link link = buffer.link();
        assertThat(link.put("first", meter)).isTrue();
        assertThat(meter.waited(Wait.BLOCKED, System.nanoTime())).isZero();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter =
                    crew.start(() -> link.put("second", meter)).awaitParked();
            assertThat(link.poll(new Meter())).isEqualTo("first");
            assertThat(putter.result()).isTrue();
        }
        assertThatItHasWaited(Wait.BLOCKED);
        assertThat(link.poll(new Meter())).isEqualTo("second");
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("scenario 46: who waits to put and is woken because it is over has not put")
    void putterSeesThatItsItemIsNotWanted(Buffer buffer, ThreadKind kind) throws Exception {
        Link link = buffer.link();
        assertThat(link.capacity()).isEqualTo(1);
        link.put("first", new Meter());
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter =
                    crew.start(() -> link.put("refused", meter)).awaitParked();
            link.fail();
            link.wakePutters();
            assertThat(putter.result()).isFalse();
        }
        assertThatItHasWaited(Wait.BLOCKED);
        assertThat(link.received()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void takeWaitsForAnItem(Buffer buffer, ThreadKind kind) throws Exception {
        Link link = buffer.link();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Object> taker = crew.start(() -> link.take(meter)).awaitParked();
            link.put("first", new Meter());
            assertThat(taker.result()).isEqualTo("first");
        }
        assertThatItHasWaited(Wait.STARVED);
        assertThat(meter.position).isZero();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readerWaitsForAnItemAndLeavesItThere(Buffer buffer, ThreadKind kind) throws Exception {
        Link link = buffer.link();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> reader =
                    crew.start(() -> link.awaitItem(meter)).awaitParked();
            link.put("first", new Meter());
            assertThat(reader.result()).isTrue();
        }
        assertThatItHasWaited(Wait.STARVED);
        assertThat(link.awaitItem(meter)).isTrue();
        assertThat(link.poll(meter)).isEqualTo("first");
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("promise 4: an interrupt ends the wait of a reader")
    void interruptEndsTheWaitOfAReader(Buffer buffer, ThreadKind kind) throws Exception {
        Link link = buffer.link();
        try (Crew crew = new Crew(kind)) {
            crew.run(() -> assertThatThrownBy(() -> link.awaitItem(meter)).isInstanceOf(InterruptedException.class))
                    .awaitParked()
                    .interrupt();
        }
        assertThatItHasWaited(Wait.STARVED);
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("promise 4: an interrupt ends no wait of a worker")
    void interruptEndsNoWaitOfAWorker(Buffer buffer, ThreadKind kind) throws Exception {
        Link full = buffer.link();
        full.put("first", meter);
        Link empty = buffer.link();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> putter =
                    crew.start(() -> full.put("second", new Meter())).awaitParked();
            Crew.Member<Object> taker =
                    crew.start(() -> empty.take(new Meter())).awaitParked();
            putter.interrupt();
            taker.interrupt();
            full.poll(meter);
            empty.put("first", meter);
            assertThat(putter.result()).isTrue();
            assertThat(taker.result()).isEqualTo("first");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    @DisplayName("scenario 32: the end, a failure and an abort end the wait of a reader")
    void readerSeesThatThereIsNoMore(Buffer buffer, ThreadKind kind) throws Exception {
        Link ended = buffer.link();
        Link failed = buffer.link();
        Link aborted = buffer.link();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> one =
                    crew.start(() -> ended.awaitItem(new Meter())).awaitParked();
            Crew.Member<Boolean> another =
                    crew.start(() -> failed.awaitItem(new Meter())).awaitParked();
            Crew.Member<Boolean> third =
                    crew.start(() -> aborted.awaitItem(new Meter())).awaitParked();
            ended.end();
            failed.fail();
            aborted.abort(new IOException());
            assertThat(one.result()).isFalse();
            assertThat(another.result()).isFalse();
            assertThat(third.result()).isFalse();
        }
        assertThat(ended.awaitItem(meter)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whoMayLeaveNowWaitsNoLonger(Buffer buffer, ThreadKind kind) throws Exception {
        Link link = buffer.link();
        AtomicBoolean tooMany = new AtomicBoolean();
        link.dismissesTakers(tooMany::get);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> taker =
                    crew.start(() -> link.await(meter, Link.NEVER)).awaitParked();
            tooMany.set(true);
            link.wakeTakers();
            assertThat(taker.result()).isTrue();
        }
        assertThatItHasWaited(Wait.STARVED);
        assertThat(link.poll(meter)).isNull();
    }
}
