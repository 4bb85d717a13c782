package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.pipeline.Downstream.Put;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A link whose sides do not wait but are called; the thread of the test is both of them. */
@Timeout(180)
class LinkStepsTest {
    enum Buffer {
        RING,
        QUEUE
    }

    private final Meter meter = new Meter();
    private final List<Object> discarded = new ArrayList<>();
    private final List<@Nullable Throwable> reasons = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger otherCalls = new AtomicInteger();

    private final Link.Owner owner = new Link.Owner() {
        @Override
        public void broken(Throwable cause) {
            failures.add(cause);
        }

        @Override
        public void discarded(Object item, @Nullable Throwable reason) {
            discarded.add(item);
            reasons.add(reason);
        }
    };

    private Link link(Buffer buffer, int capacity) {
        return switch (buffer) {
            case RING ->
                new RingLink("next", capacity, Link.Side.STEPS, Link.Side.STEPS, owner, Waiters.FIRST_NAP_NANOS);
            case QUEUE -> over(new LinkedBlockingQueue<>(capacity));
        };
    }

    private Link over(BlockingQueue<Object> queue) {
        return new LockedLink(LinkQueue.of("next", Settings.DEFAULT, () -> queue), "next", owner);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("promise 8: who found no room is called once, when there is some")
    void stepIsCalledForRoom(Buffer buffer) {
        Link link = link(buffer, 1);
        assertThat(link.tryPut("a", meter)).isEqualTo(Put.DONE);
        assertThat(link.tryPut("b", meter)).isEqualTo(Put.FULL);
        assertThat(link.watchRoom(calls::incrementAndGet)).isTrue();
        assertThat(calls).hasValue(0);
        assertThat(link.poll(meter)).isEqualTo("a");
        assertThat(calls).hasValue(1);
        assertThat(link.watchRoom(calls::incrementAndGet)).as("there is room").isFalse();
        assertThat(link.tryPut("b", meter)).isEqualTo(Put.DONE);
        assertThat(link.poll(meter)).isEqualTo("b");
        assertThat(calls).hasValue(1);
        assertThat(link.received()).isEqualTo(2);
        assertThat(link.taken()).isEqualTo(2);
        assertThat(meter.position).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("promise 8: who was called for room and does not use it has the next one called")
    void roomIsPassedOn(Buffer buffer) {
        Link link = link(buffer, 1);
        link.put("a", meter);
        assertThat(link.tryPut("b", meter)).isEqualTo(Put.FULL);
        assertThat(link.watchRoom(calls::incrementAndGet)).isTrue();
        assertThat(link.watchRoom(otherCalls::incrementAndGet)).isTrue();
        link.poll(meter);
        assertThat(calls).hasValue(1);
        assertThat(otherCalls).hasValue(0);
        link.passOnRoom();
        assertThat(otherCalls).hasValue(1);
        link.passOnRoom();
        assertThat(calls).hasValue(1);
        assertThat(otherCalls).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("promise 8: who found nothing is called once, when an item comes")
    void stepIsCalledForAnItem(Buffer buffer) {
        Link link = link(buffer, 2);
        assertThat(link.poll(meter)).isNull();
        assertThat(link.watchItems(calls::incrementAndGet)).isTrue();
        assertThat(calls).hasValue(0);
        link.tryPut("a", meter);
        assertThat(calls).hasValue(1);
        assertThat(link.watchItems(calls::incrementAndGet)).as("there is one").isFalse();
        link.put("b", meter);
        assertThat(calls).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void eachItemCallsOneOfThoseWhoFoundNothing(Buffer buffer) {
        Link link = link(buffer, 2);
        link.watchItems(calls::incrementAndGet);
        link.watchItems(otherCalls::incrementAndGet);
        link.put("a", meter);
        assertThat(calls).hasValue(1);
        assertThat(otherCalls).hasValue(0);
        link.put("b", meter);
        assertThat(otherCalls).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("scenario 46: an abort calls everybody, on both sides, and nobody is left to be called after it")
    void abortCallsEverybody(Buffer buffer) {
        Link full = link(buffer, 1);
        full.put("a", meter);
        full.tryPut("b", meter);
        full.watchRoom(calls::incrementAndGet);
        full.watchRoom(otherCalls::incrementAndGet);
        IOException first = new IOException();
        full.abort(first);
        full.abort(new IOException());
        assertThat(calls).hasValue(1);
        assertThat(otherCalls).hasValue(1);
        assertThat(discarded).containsExactly("a");
        assertThat(reasons).containsExactly(first);
        assertThat(full.discarded()).isEqualTo(1);
        assertThat(full.taken()).isZero();
        assertThat(full.tryPut("b", meter)).isEqualTo(Put.REFUSED);
        assertThat(full.watchRoom(calls::incrementAndGet)).isFalse();
        assertThat(full.watchItems(calls::incrementAndGet)).isFalse();
        assertThat(full.poll(meter)).isNull();

        Link empty = link(buffer, 1);
        empty.watchItems(calls::incrementAndGet);
        empty.watchItems(otherCalls::incrementAndGet);
        empty.abort(first);
        assertThat(calls).hasValue(2);
        assertThat(otherCalls).hasValue(2);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("scenario 32: the end calls those who found nothing, and comes behind the last item")
    void endCallsThoseWhoFoundNothing(Buffer buffer) {
        Link link = link(buffer, 1);
        link.watchItems(calls::incrementAndGet);
        link.watchItems(otherCalls::incrementAndGet);
        link.end();
        assertThat(calls).hasValue(1);
        assertThat(otherCalls).hasValue(1);
        assertThat(link.watchItems(calls::incrementAndGet)).isFalse();
        assertThat(link.isOver()).isTrue();
        assertThat(link.hasEnded()).isTrue();
        assertThat(link.tryPut("behind", meter)).isEqualTo(Put.REFUSED);

        Link filled = link(buffer, 1);
        filled.put("last", meter);
        filled.fail();
        assertThat(filled.isOver()).isFalse();
        assertThat(filled.await(meter, Link.NEVER)).isTrue();
        assertThat(filled.poll(meter)).isEqualTo("last");
        assertThat(filled.isOver()).isTrue();
        assertThat(filled.await(meter, Link.NEVER)).isFalse();
        assertThat(filled.hasEnded()).as("it has failed").isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void waitsUntilTheTimeIsUp(Buffer buffer) {
        Link link = link(buffer, 1);
        assertThat(link.await(meter, System.nanoTime() + 1_000_000)).isFalse();
        assertThat(meter.waited(Meter.Wait.STARVED, System.nanoTime())).isPositive();
        link.put("a", meter);
        assertThat(link.await(meter, System.nanoTime() - 1)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("the age of the oldest item is that of what will be taken next")
    void knowsHowLongTheOldestHasWaited(Buffer buffer) {
        Link link = link(buffer, 4);
        long now = System.nanoTime();
        assertThat(link.oldest(now)).isZero();
        link.put("a", meter);
        link.mark(now + 1_000);
        assertThat(link.oldest(now + 1_001_000)).isBetween(1_000_000L, 1_002_000L);
        link.poll(meter);
        assertThat(link.oldest(now + 2_000_000)).isZero();
    }

    @Test
    @DisplayName("promise 8: a queue that holds its elements back is asked again")
    void stepIsCalledWhenAnElementMayNoLongerBeHeldBack() {
        AtomicInteger polls = new AtomicInteger();
        Link link = over(new LinkedBlockingQueue<>() {
            @Override
            public Object poll() {
                return polls.incrementAndGet() == 1 ? null : super.poll();
            }
        });
        link.put("late", meter);
        assertThat(link.poll(meter)).isNull();
        assertThat(link.watchItems(calls::incrementAndGet)).isTrue();
        await().until(() -> calls.get() == 1);
        assertThat(link.poll(meter)).isEqualTo("late");
    }

    @Test
    void whoWaitsAsksAQueueAgainThatHoldsItsElementsBack() {
        AtomicInteger polls = new AtomicInteger();
        Link link = over(new LinkedBlockingQueue<>() {
            @Override
            public Object poll() {
                return polls.incrementAndGet() <= 3 ? null : super.poll();
            }
        });
        link.put("late", meter);
        assertThat(link.take(meter)).isEqualTo("late");
        assertThat(polls).hasValue(4);
    }

    @Test
    @DisplayName("promise 2: what somebody else takes out of a queue counts as discarded by an abort")
    void whatIsNotThereAtAnAbortIsCounted() {
        BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
        Link link = over(queue);
        link.put("a", meter);
        link.put("b", meter);
        queue.poll();
        link.abort(new IOException());
        assertThat(discarded).containsExactly("b");
        assertThat(link.discarded()).isEqualTo(2);
        assertThat(link.waiting()).isZero();
    }

    @Test
    @DisplayName("a queue that throws is a failure of its link, told with no lock held")
    void queueThatThrowsBreaksTheLink() {
        IllegalStateException cause = new IllegalStateException();
        Link link = over(new LinkedBlockingQueue<>() {
            @Override
            public boolean offer(Object item) {
                if (item.equals("bad")) {
                    throw cause;
                }
                return super.offer(item);
            }

            @Override
            public Object poll() {
                throw cause;
            }
        });
        assertThat(link.put("bad", meter)).isFalse();
        assertThat(failures).containsExactly(cause);
        link.put("good", meter);
        assertThat(link.poll(meter)).isNull();
        assertThat(failures).containsExactly(cause, cause);
    }
}
