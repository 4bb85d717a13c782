package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.pipeline.PipelineStats.Bottleneck;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineStatsTest {
    @RegisterExtension
    final Runs runs = new Runs();

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    @DisplayName("promise 2: what became of each input is counted")
    void countsWhatBecameOfEachInput(Shape shape) throws InterruptedException {
        PipelineRun<?> run = runs.start(
                shape.threads(Pipeline.from(IntStream.range(0, 100).boxed().toList()))
                        .filter(i -> i >= 10)
                        .stage(
                                "a",
                                i -> {
                                    if (i < 30) {
                                        throw new IOException();
                                    }
                                    return i;
                                },
                                shape.options(s -> s.onError(OnError.skip())))
                        .filter(i -> i >= 60)
                        .flatMap(i -> i % 2 == 0 ? List.of() : List.of(i, i, i))
                        .batch(7, Duration.ofDays(1))
                        .collect(Collectors.toList()));
        run.await();
        run.close();
        List<StageStats> stages = run.stats().stages();
        assertThat(stages).extracting(StageStats::name).containsExactly("source", "a", "batch", "collect");
        assertThat(stages).extracting(StageStats::in).containsExactly(100L, 90L, 60L, 9L);
        assertThat(stages).extracting(StageStats::filtered).containsExactly(10L, 30L, 0L, 0L);
        assertThat(stages).extracting(StageStats::skipped).containsExactly(0L, 20L, 0L, 0L);
        assertThat(stages).extracting(StageStats::completed).containsExactly(90L, 40L, 60L, 9L);
        assertThat(stages).extracting(StageStats::out).containsExactly(90L, 60L, 9L, 0L);
        assertThat(stages).extracting(StageStats::discarded).containsOnly(0L);
        assertThat(stages).extracting(StageStats::workers).containsExactly(1, shape.workers(), 1, 1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    @DisplayName("promise 2: the numbers add up while the run stands still")
    void numbersAddUpWhileTheRunStandsStill(Shape shape) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(
                shape.threads(Pipeline.from(IntStream.range(0, 1000).boxed().toList()))
                        .stage("a", i -> i, shape.options(s -> s.capacity(5).window(6)))
                        .forEach("stuck", i -> never.await(), s -> s.capacity(5)));
        await().until(() -> run.stats().stages().get(1).queued() == 5
                && run.stats().stages().get(2).queued() == 5);
        Waiting.untilWaiting(run.execution.threads());
        List<StageStats> stages = run.stats().stages();
        for (int i = 0; i < stages.size(); i++) {
            StageStats s = stages.get(i);
            assertThat(s.in()).isEqualTo(s.completed() + s.filtered() + s.skipped() + s.discarded() + s.inFlight());
            if (i > 0) {
                assertThat(stages.get(i - 1).out()).isEqualTo(s.in() + s.queued() + s.discardedInQueue());
            }
        }
        assertThat(stages.get(2).inFlight()).isEqualTo(1);
    }

    @Test
    void namesTheStageThatTheOthersWaitFor() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        PipelineRun<?> run =
                runs.start(Pipeline.from(IntStream.range(0, 1000).boxed().toList())
                        .stage("fast", i -> i, s -> s.capacity(1))
                        .stage(
                                "slow",
                                i -> {
                                    go.await();
                                    return i;
                                },
                                s -> s.capacity(1))
                        .forEach("write", i -> {}, s -> s.capacity(1)));
        await().until(() -> run.stats().bottleneck().map(Bottleneck::stage).equals(java.util.Optional.of("slow")));
        PipelineStats stats = run.stats();
        assertThat(stats.bottleneck().orElseThrow().reason())
                .contains("1 worker was busy")
                .contains("the next slowest");
        assertThat(stats.stages().get(0).blocked()).isPositive();
        assertThat(stats.stages().get(3).starved()).isPositive();
        assertThat(stats.toString().lines().reduce((a, b) -> b).orElseThrow())
                .startsWith("bottleneck: 'slow': its 1 worker was busy");
        go.countDown();
        run.await();
    }

    @Test
    void sourceThatWaitsForItsQueueIsStarvedNotBusy() throws InterruptedException {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        PipelineRun<?> run = runs.start(Pipeline.fromQueue(queue, "end").forEach("write", i -> {}));
        await().until(() -> run.stats().stages().get(0).starved() > 0.5);
        assertThat(run.stats().bottleneck()).isEmpty();
        assertThat(run.stats().toString()).endsWith("bottleneck: none stands out");
        queue.add("end");
    }

    @Test
    void tableIsAligned() throws InterruptedException {
        PipelineRun<?> run =
                runs.start(Pipeline.from(IntStream.range(0, 12_345).boxed().toList())
                        .stage("a stage with a long name", i -> i)
                        .forEach("w", i -> {}));
        run.await();
        run.close();
        List<String> lines = run.stats().toString().lines().toList();
        assertThat(lines).hasSize(5);
        assertThat(lines.subList(0, 4).stream().map(String::length).distinct()).hasSize(1);
        assertThat(lines.get(0)).startsWith("stage ").endsWith("blocked");
        assertThat(lines.get(2)).startsWith("a stage with a long name  ").contains("12345");
        assertThat(run.stats().elapsed()).isPositive().isEqualTo(run.stats().elapsed());
    }

    @Test
    @DisplayName("the links are those between the stages: behind a sink there is none")
    void linksAreThoseBetweenTheStages() throws InterruptedException {
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1, 2))
                .stage("a", i -> i)
                .filter(i -> i > 1)
                .forEach("write", i -> {}));
        run.await();
        assertThat(run.stats().links())
                .containsExactly(new LinkStats("source", "a", 2), new LinkStats("a", "write", 1));
    }
}
