package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Waiting;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A run whose source gives nothing, for tests that play the part of the workers of its stage "a" themselves: what they put
 * behind that stage comes out of the next one.
 */
final class RunAtRest implements BeforeEachCallback, AfterEachCallback {
    final Discarded discarded = new Discarded();
    final Queue<Integer> out = new ConcurrentLinkedQueue<>();
    final PipelineRun<?> run;
    final StageRun stage;

    private final BlockingQueue<Integer> in = new LinkedBlockingQueue<>();
    private final boolean isAlone;

    RunAtRest(Consumer<StageOptions<Integer>> options) {
        this(options, false);
    }

    private RunAtRest(Consumer<StageOptions<Integer>> options, boolean isAlone) {
        this.isAlone = isAlone;
        run = Pipeline.fromQueue(in, -1)
                .onDiscard(discarded)
                .stage("a", i -> i, options)
                .forEach("b", out::add)
                .start();
        stage = run.execution.stage("a");
    }

    /** One that all have left but the test: nobody else tells of what is discarded. */
    static RunAtRest alone() {
        return new RunAtRest(s -> {}, true);
    }

    /** A stage that the run does not know of, and whose results go somewhere else. */
    StageRun beside(String name, Consumer<StageOptions<Object>> options, Downstream target, Op... ops) {
        return beside(name, options, new LinkIntake(new LinkStub() {}), target, ops);
    }

    /** The same with inputs of the test's. */
    StageRun beside(String name, Consumer<StageOptions<Object>> options, Intake intake, Downstream target, Op... ops) {
        return beside(name, options, null, intake, target, ops);
    }

    /** The same with a window, if its workers are steps. */
    StageRun beside(
            String name,
            Consumer<StageOptions<Object>> options,
            @Nullable Link input,
            Intake intake,
            Downstream target,
            Op... ops) {
        StageOptions<Object> chosen = new StageOptions<>();
        options.accept(chosen);
        StageDefinition definition = StageDefinition.of(name, chosen.settings(), ops);
        return new StageRun(
                run.execution, 1, name, definition, input, intake, List.of(Way.outOf(definition)), List.of(target));
    }

    /** As its workers do, the test takes part in the run, which does not end before it. */
    @Override
    public void beforeEach(ExtensionContext context) throws InterruptedException {
        assertThat(run.execution.join()).isTrue();
        if (isAlone) {
            in.add(-1);
            Waiting.untilEnded(run.execution.threads());
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    /** Ends the test's part, and the run. */
    void close() {
        if (!run.execution.hasEnded()) {
            run.execution.leave();
        }
        run.close();
    }
}
