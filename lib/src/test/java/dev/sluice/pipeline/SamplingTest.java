package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class SamplingTest {
    private static final long MILLI = 1_000_000;

    @RegisterExtension
    final Runs runs = new Runs();

    @Test
    void marksTellWhenAnItemWasPut() {
        Marks marks = new Marks(0);
        marks.add(10, 100);
        marks.add(10, 500);
        marks.add(11, 600);
        assertThat(marks.timeOf(0)).isEqualTo(5);
        assertThat(marks.timeOf(9)).isEqualTo(95);
        assertThat(marks.timeOf(10)).isEqualTo(550);
        assertThat(marks.timeOf(11)).as("nothing is known of it yet").isEqualTo(600);
    }

    @Test
    void marksForgetTheOldOnesFirst() {
        Marks marks = new Marks(0);
        for (int i = 1; i <= 100_000; i++) {
            marks.add(i, 1000L * i);
        }
        for (int i : new int[] {10, 1000, 50_000, 99_000, 99_900, 99_990}) {
            long age = 1000L * (100_000 - i);
            assertThat(marks.timeOf(i)).as("of item " + i).isBetween(1000L * i - age / 8, 1000L * i + age / 8 + 1000);
        }
    }

    @Test
    void marksForgetEverySecondAndNotTheNew() {
        Marks marks = new Marks(0);
        // Items come ever more slowly, so what is between two marks that are far apart is not as if they were close.
        for (long i = 1; i <= 10_000; i++) {
            marks.add(i, 1000 * i * i);
        }
        for (long i : new long[] {9900, 9950, 9990}) {
            long put = 1000 * i * i;
            long age = 1000 * 10_000L * 10_000L - put;
            assertThat(marks.timeOf(i)).as("of item " + i).isBetween(put - age / 8, put + age / 8 + 20_000_000);
        }
    }

    @Test
    void marksHeedNoOneWhoIsLate() {
        Marks marks = new Marks(0);
        marks.add(10, 100);
        marks.add(9, 101);
        marks.add(20, 99);
        assertThat(marks.timeOf(15)).isEqualTo(100);
    }

    @Test
    void marksOfAnIdleLinkTakeNoRoom() {
        Marks marks = new Marks(0);
        marks.add(2, 100);
        for (int i = 0; i < 1000; i++) {
            marks.add(2, 200 + i);
        }
        marks.add(3, 2000);
        assertThat(marks.timeOf(1)).isEqualTo(75);
        assertThat(marks.timeOf(2)).isBetween(1199L, 2000L);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 63, 64, 100, 1000, 123_456, 999_999_999, 3_600_000_000_000L, Long.MAX_VALUE / 2})
    void histogramGivesBackWhatItGot(long nanos) {
        Histogram histogram = new Histogram();
        assertThat(histogram.timing()).isEqualTo(Timing.NONE);
        histogram.add(nanos);
        Timing timing = histogram.timing();
        assertThat(timing.samples()).isEqualTo(1);
        assertThat(timing.mean()).isEqualTo(Duration.ofNanos(nanos));
        assertThat(timing.max()).isEqualTo(Duration.ofNanos(nanos));
        assertThat(timing.median().toNanos()).isLessThanOrEqualTo(nanos);
        if (nanos >= 64 && nanos < 1L << 42) {
            assertThat((double) timing.p99().toNanos()).isBetween(0.875 * nanos, 1.0 * nanos);
        }
    }

    @Test
    void histogramTellsTheRareFromTheUsual() {
        Histogram histogram = new Histogram();
        for (int i = 0; i < 985; i++) {
            histogram.add(MILLI);
        }
        for (int i = 0; i < 15; i++) {
            histogram.add(100 * MILLI);
        }
        Timing timing = histogram.timing();
        assertThat((double) timing.median().toNanos()).isBetween(0.875 * MILLI, 1.125 * MILLI);
        assertThat((double) timing.p99().toNanos()).isBetween(87.5 * MILLI, 100.0 * MILLI);
        assertThat(timing.mean()).isEqualTo(Duration.ofNanos((985 * MILLI + 15 * 100 * MILLI) / 1000));
    }

    @Test
    void slowItemsAreAllMeasured() {
        // Of 10 ms each.
        Meter meter = new Meter();
        Timings timings = Timings.none();
        Sampler sampler = new Sampler(meter, null, timings, false);
        int looks = 0;
        for (int i = 0; i < 100; i++) {
            if (meter.isSampleDue()) {
                sampler.look(i * 10 * MILLI);
                looks++;
            }
            meter.position++;
        }
        assertThat(looks).isEqualTo(100);
        assertThat(timings.serviceTime().timing().samples()).isEqualTo(99);
        assertThat(timings.serviceTime().timing().mean()).isEqualTo(Duration.ofMillis(10));
    }

    @Test
    void fastItemsAreMeasuredSeldom() {
        // Items of 100 ns: the clock is not read for one in a hundred of them.
        Meter meter = new Meter();
        Timings timings = Timings.none();
        Sampler sampler = new Sampler(meter, null, timings, false);
        int looks = 0;
        for (int i = 0; i < 1_000_000; i++) {
            if (meter.isSampleDue()) {
                sampler.look(i * 100L);
                looks++;
            }
            meter.position++;
        }
        assertThat(looks).isBetween(200, 10_000);
        assertThat(timings.serviceTime().timing().mean()).isEqualTo(Duration.ofNanos(100));
    }

    @Test
    void whatHasBecomeSlowIsMeasuredWhenSomebodyAsks() {
        Meter meter = new Meter();
        Timings timings = Timings.none();
        Sampler sampler = new Sampler(meter, null, timings, false);
        long now = 0;
        for (int i = 0; i < 100_000; i++) {
            now += 100;
            if (meter.isSampleDue()) {
                sampler.look(now);
            }
            meter.position++;
        }
        meter.sampleSoon();
        for (int i = 0; i < 3; i++) {
            now += 1000 * MILLI;
            if (meter.isSampleDue()) {
                sampler.look(now);
            }
            meter.position++;
        }
        assertThat(timings.serviceTime().timing().max()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aLookWithoutAnItemMeasuresNothing() {
        Meter meter = new Meter();
        Timings timings = Timings.none();
        Sampler sampler = new Sampler(meter, null, timings, false);
        for (int i = 0; i < 10; i++) {
            sampler.look(i * MILLI);
        }
        assertThat(timings.serviceTime().timing().samples()).isZero();
        meter.position++;
        sampler.look(10 * MILLI);
        assertThat(timings.serviceTime().timing().mean())
                .as("since the last look")
                .isEqualTo(Duration.ofMillis(1));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void runIsMeasured(Shape shape) throws InterruptedException {
        PipelineRun<?> run = runs.start(
                shape.threads(Pipeline.from(IntStream.range(0, 1000).boxed().toList()))
                        .stage("a", i -> i, shape.options())
                        .forEach("write", i -> {}));
        run.await();
        for (StageStats stage : run.stats().stages()) {
            assertThat(stage.serviceTime().samples()).as(stage.name()).isPositive();
            assertThat(stage.rate()).as(stage.name()).isPositive();
            assertThat(stage.oldest()).as(stage.name()).isZero();
        }
    }

    @Test
    void itemThatWaitsGrowsOld() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        Semaphore taken = new Semaphore(0);
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1, 2, 3)).forEach("write", i -> {
            taken.release();
            go.await();
        }));
        taken.acquire();
        await().until(() -> run.stats().stages().get(1).queued() == 2);
        Duration young = run.stats().stages().get(1).oldest();
        await().until(() -> run.stats().stages().get(1).oldest().compareTo(young.plusMillis(10)) > 0);
        go.countDown();
        run.await();
        // The last of them has waited for as long as that at least.
        assertThat(run.stats().stages().get(1).waitTime().max()).isGreaterThan(young);
    }
}
