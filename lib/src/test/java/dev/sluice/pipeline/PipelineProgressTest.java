package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineProgressTest {
    private static final Duration NEVER = Duration.ofDays(1);

    @RegisterExtension
    final Runs runs = new Runs();

    private final ConcurrentLinkedQueue<PipelineStats> told = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void listenerIsToldOfTheEndBeforeTheRunGivesItsResult(Shape shape) throws InterruptedException {
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(List.of(1, 2, 3)))
                .stage("a", i -> i, shape.options())
                .onProgress(NEVER, told::add)
                .forEach("write", i -> {}));
        run.await();
        assertThat(told).hasSize(1);
        PipelineStats last = told.element();
        assertThat(last.elapsed()).isEqualTo(run.stats().elapsed());
        assertThat(last.stages()).extracting(StageStats::completed).containsOnly(3L);
    }

    @Test
    void listenerIsToldWhileTheRunGoesOn() throws InterruptedException {
        CountDownLatch twice = new CountDownLatch(2);
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1))
                .onProgress(Duration.ofMillis(1), stats -> twice.countDown())
                .forEach("write", i -> twice.await()));
        run.await();
        assertThat(twice.getCount()).isZero();
    }

    @Test
    void callsNeverMeet() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch often = new CountDownLatch(20);
        runs.run(Pipeline.from(List.of(1))
                .onProgress(Duration.ofNanos(1), stats -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    Thread.yield();
                    inside.decrementAndGet();
                    often.countDown();
                })
                .forEach("write", i -> often.await()));
        assertThat(most).hasValue(1);
    }

    @Test
    void listenerIsToldOfTheEndOfARunThatFails() {
        PipelineRun<?> run = runs.start(
                Pipeline.from(List.of(1, 2, 3)).onProgress(NEVER, told::add).forEach("write", i -> {
                    throw new IllegalStateException("no");
                }));
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class);
        assertThat(told).hasSize(1);
        assertThat(told.element().stages().get(1).discarded()).isEqualTo(1);
    }

    @Test
    void listenerIsToldOfTheEndOfARunThatIsCancelled() {
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(
                Pipeline.from(List.of(1)).onProgress(NEVER, told::add).forEach("write", i -> never.await()));
        run.close();
        assertThat(told).hasSize(1);
    }

    @Test
    void listenerThatThrowsChangesNothing() throws InterruptedException {
        CountDownLatch often = new CountDownLatch(3);
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1))
                .onProgress(Duration.ofMillis(1), stats -> {
                    often.countDown();
                    Thread.currentThread().interrupt();
                    throw new AssertionError("of the listener");
                })
                .forEach("write", i -> often.await()));
        run.await();
        assertThat(run.stats().stages().get(1).completed()).isEqualTo(1);
    }

    @Test
    void listenerThatWaitsForTheRunIsTold() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<PipelineRun<?>> itself = new AtomicReference<>();
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1))
                .onProgress(Duration.ofMillis(1), stats -> {
                    PipelineRun<?> waitedFor = itself.get();
                    if (waitedFor != null) {
                        try {
                            waitedFor.await();
                        } catch (IllegalStateException e) {
                            thrown.set(e);
                            go.countDown();
                        }
                    }
                })
                .forEach("write", i -> go.await()));
        itself.set(run);
        run.await();
        assertThat(thrown.get()).hasMessageContaining("must not wait for its end");
    }

    @Test
    void eachRunHasAThreadOfItsOwnForIt() throws InterruptedException {
        AtomicReference<String> thread = new AtomicReference<>();
        runs.run(Pipeline.from(List.of(1))
                .name("named")
                .onProgress(NEVER, stats -> thread.set(Thread.currentThread().getName()))
                .forEach("write", i -> {}));
        assertThat(thread).hasValue("named-progress-1");
    }

    @Test
    void badArgumentsAreRefused() {
        PipelineBuilder<Integer> builder = Pipeline.from(List.of(1));
        assertThatThrownBy(() -> builder.onProgress(Duration.ZERO, stats -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("period must be longer than zero but was PT0S");
        assertThatThrownBy(() -> builder.onProgress(Duration.ofSeconds(-1), stats -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
