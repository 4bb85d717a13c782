package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterInfo;

/**
 * Starts the runs of a test. After the test each of them is closed, and then none of its threads is alive, its result is
 * there, nothing is in flight or in a queue, and its numbers add up. What the test runs over is closed behind them.
 */
final class Runs implements AfterEachCallback {
    private final List<PipelineRun<?>> runs = Collections.synchronizedList(new ArrayList<>());

    <R> PipelineRun<R> start(Pipeline<R> pipeline) {
        PipelineRun<R> run = pipeline.start();
        runs.add(run);
        return run;
    }

    <R> R run(Pipeline<R> pipeline) throws InterruptedException {
        PipelineRun<R> run = start(pipeline);
        try {
            return run.await();
        } finally {
            settle(run);
        }
    }

    /** Checks a run before the end of the test, so that a loop of many does not keep them all. */
    void settle(PipelineRun<?> run) {
        run.close();
        runs.remove(run);
        assertSettled(run);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        List<PipelineRun<?>> left = List.copyOf(runs);
        left.forEach(PipelineRun::close);
        closeArguments(context);
        left.forEach(Runs::assertSettled);
    }

    /** JUnit does so, too, but after it has been looked whether threads are left. */
    private static void closeArguments(ExtensionContext context) throws Exception {
        Optional<ParameterInfo> info = Optional.ofNullable(ParameterInfo.get(context));
        for (Object argument : info.map(it -> it.getArguments().toArray()).orElse(new Object[0])) {
            if (argument instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private static void assertSettled(PipelineRun<?> run) {
        assertThat(run.execution.threads()).noneMatch(Thread::isAlive);
        assertThat(run.result()).isDone();
        PipelineStats stats = run.stats();
        for (StageStats stage : stats.stages()) {
            assertThat(stage.inFlight())
                    .as("in flight in %s%n%s", stage.name(), stats)
                    .isZero();
            assertThat(stage.queued())
                    .as("queued for %s%n%s", stage.name(), stats)
                    .isZero();
            assertThat(stage.completed()
                            + stage.filtered()
                            + stage.skipped()
                            + stage.deadLettered()
                            + stage.discarded())
                    .as("what became of the inputs of %s%n%s", stage.name(), stats)
                    .isEqualTo(stage.in());
            assertThat(stats.links().stream()
                            .filter(link -> link.to().equals(stage.name()))
                            .mapToLong(LinkStats::items)
                            .sum())
                    .as("what was put into the link of %s%n%s", stage.name(), stats)
                    .isEqualTo(stage.name().startsWith("source") ? 0 : stage.in() + stage.discardedInQueue());
            assertThat(stats.links().stream()
                            .filter(link -> link.from().equals(stage.name()))
                            .mapToLong(LinkStats::items)
                            .sum())
                    .as("what %s handed on%n%s", stage.name(), stats)
                    .isEqualTo(stage.out());
        }
    }
}
