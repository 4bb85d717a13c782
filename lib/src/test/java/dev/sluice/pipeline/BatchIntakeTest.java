package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class BatchIntakeTest {
    private static final long MAX_WAIT = TimeUnit.MILLISECONDS.toNanos(200);

    private final Meter meter = new Meter();

    private final RingLink link = new RingLink(
            "next",
            16,
            Link.Side.ONE,
            Link.Side.ONE,
            new Link.Owner() {
                @Override
                public void broken(Throwable cause) {
                    throw new AssertionError(cause);
                }

                @Override
                public void discarded(Object item, Throwable reason) {
                    throw new AssertionError(item);
                }
            },
            Waiters.FIRST_NAP_NANOS);

    @Test
    @DisplayName("the time of a batch is that of its first item, however many follow")
    void laterItemsDoNotKeepABatchOpen() {
        BatchIntake batches = new BatchIntake(link, 100, MAX_WAIT);
        link.put("first", meter);
        if (batches.poll(meter) == null) { // a machine may be so slow that the time has passed already
            long taken = System.nanoTime();
            await().until(() -> System.nanoTime() - taken > MAX_WAIT);
            link.put("second", meter);
            assertThat(batches.poll(meter)).isEqualTo(List.of("first", "second"));
        }
    }

    @Test
    @DisplayName("a batch is an input when it is full, and the last one when nothing follows")
    void batchIsFullOrTheLast() {
        BatchIntake batches = new BatchIntake(link, 2, TimeUnit.HOURS.toNanos(1));
        assertThat(batches.poll(meter)).isNull();
        assertThat(batches.rest()).isNull();
        link.put("a", meter);
        link.put("b", meter);
        link.put("c", meter);
        Object full = batches.poll(meter);
        assertThat(full).isEqualTo(List.of("a", "b"));
        assertThat(batches.count(full)).isEqualTo(2);
        assertThat(meter.position).isZero();
        assertThat(batches.poll(meter)).as("it is not full").isNull();
        assertThat(batches.rest()).isEqualTo(List.of("c"));
        link.end();
        assertThat(batches.hasEnded()).isFalse();
        assertThat(batches.await(meter)).isTrue();
        assertThat(batches.poll(meter)).isEqualTo(List.of("c"));
        assertThat(meter.position).isEqualTo(2);
        assertThat(batches.await(meter)).isFalse();
        assertThat(batches.poll(meter)).isNull();
        assertThat(batches.hasEnded()).isTrue();
        assertThat(batches.taken()).isEqualTo(3);
    }

    @Test
    void batchThatHasWaitedLongEnoughIsAnInput() {
        BatchIntake batches = new BatchIntake(link, 2, MAX_WAIT);
        link.put("a", meter);
        Object batch = batches.poll(meter);
        while (batch == null) {
            assertThat(batches.await(meter)).isTrue();
            batch = batches.poll(meter);
        }
        assertThat(batch).isEqualTo(List.of("a"));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoHasBegunNoBatchWaitsForAnItemHoweverLong(ThreadKind kind) throws Exception {
        BatchIntake batches = new BatchIntake(link, 1, 0);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> taker = crew.start(() -> batches.await(meter)).awaitParked();
            link.put("a", new Meter());
            assertThat(taker.result()).isTrue();
        }
        assertThat(batches.poll(meter)).isEqualTo(List.of("a"));
    }

    @Test
    @DisplayName("promise 2: who closes the intake leaves the link, which then discards what is left there")
    void closingLeavesTheLink() {
        AtomicInteger left = new AtomicInteger();
        BatchIntake batches = new BatchIntake(
                new LinkStub() {
                    @Override
                    void takersLeave() {
                        left.getAndIncrement();
                    }
                },
                1,
                0);
        batches.close();
        assertThat(left).hasValue(1);
    }
}
