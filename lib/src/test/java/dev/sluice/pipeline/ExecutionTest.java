package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.internal.Threads;
import dev.sluice.testing.Logged;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How a run ends, in which the test takes part: it is the last to leave. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ExecutionTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();
    private final LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    private @Nullable Execution joined;

    /** Before the runs are closed, which wait for the test. */
    @AfterEach
    void leave() {
        Thread.interrupted();
        if (joined != null && !joined.hasEnded()) {
            joined.leave();
        }
    }

    private Execution joined(PipelineRun<?> run) {
        assertThat(run.execution.join()).isTrue();
        joined = run.execution;
        return run.execution;
    }

    private PipelineBuilder<Integer> source() {
        return Pipeline.fromQueue(queue, -1).name("run").onDiscard(discarded);
    }

    private PipelineBuilder<Integer> source(String without) {
        return new PipelineBuilder<>(source().definition().threads(prefix -> threads(prefix, without)));
    }

    /** There are no threads with that in their name. */
    private static ThreadFactory threads(String prefix, String without) {
        ThreadFactory threads = Threads.platform(prefix, true);
        return task -> {
            if (prefix.contains(without)) {
                throw new OutOfMemoryError("no more threads");
            }
            return threads.newThread(task);
        };
    }

    private static void untilAllHaveLeft(Execution execution) throws InterruptedException {
        Waiting.untilEnded(execution.threads());
    }

    @Test
    @DisplayName("promise 8: a run has ended when the last party has left, and nobody joins it then")
    void endsWithTheLastParty() throws Exception {
        long before = System.nanoTime();
        PipelineRun<?> run = runs.start(source().forEach("a", i -> {}));
        Execution execution = joined(run);
        assertThat(execution).hasToString("PipelineRun[run, running]");
        assertThat(execution.elapsed()).isBetween(0L, System.nanoTime() - before);
        run.cancel();
        assertThat(execution).hasToString("PipelineRun[run, ending]");
        untilAllHaveLeft(execution);
        assertThat(execution.hasEnded()).isFalse();
        assertThat(execution.isQuiet()).isTrue();
        assertThat(run.result()).isNotDone();
        execution.leave();
        assertThat(execution.hasEnded()).isTrue();
        assertThat(run.result()).isCompletedExceptionally();
        assertThat(execution).hasToString("PipelineRun[run, ended]");
        assertThat(execution.join()).isFalse();
        long elapsed = execution.elapsed();
        assertThat(elapsed).isPositive();
        assertThat(execution.elapsed()).isEqualTo(elapsed);
        assertThat(run.stats().elapsed()).isEqualTo(Duration.ofNanos(elapsed));
    }

    @Test
    void runThatGoesOnIsNotQuiet() {
        PipelineRun<?> run = runs.start(source().forEach("a", i -> {}));
        assertThat(run.execution.isQuiet()).isFalse();
    }

    @Test
    @DisplayName("promise 7 for pipelines: a thread belongs to the run once, however often it enters")
    void threadBelongsToTheRunOnce() {
        Execution execution = joined(runs.start(source().forEach("a", i -> {})));
        assertThat(execution.isMember()).isFalse();
        assertThat(execution.enter()).isTrue();
        assertThat(execution.enter()).isFalse();
        assertThat(execution.isMember()).isTrue();
        execution.exit();
        assertThat(execution.isMember()).isFalse();
    }

    @Test
    @DisplayName("promise 7 for pipelines: who tells of discarded items when he leaves belongs to the run meanwhile")
    void whoLeavesBelongsToTheRun() throws Exception {
        List<Boolean> members = new ArrayList<>();
        PipelineRun<?> run = runs.start(Pipeline.fromQueue(queue, -1)
                .onDiscard((item, stage, reason) -> members.add(joined.isMember()))
                .forEach("a", i -> {}));
        Execution execution = joined(run);
        run.result().whenComplete((nothing, failure) -> members.add(execution.isMember()));
        queue.add(-1);
        untilAllHaveLeft(execution);
        execution.discard(1, "a", new IOException());
        assertThat(members).isEmpty();
        execution.leave();
        assertThat(members).containsExactly(true, true);
        assertThat(execution.isMember()).isFalse();
    }

    @Test
    @DisplayName("promise 2: while there is no other reason, what is discarded is told that the run is being stopped")
    void reasonWhenThereIsNone() {
        Execution execution = joined(runs.start(source().forEach("a", i -> {})));
        assertThat(execution.stopReason()).isInstanceOf(CancellationException.class);
        PipelineException failure = new PipelineException("a", 0, new IOException());
        execution.fail(failure, 1);
        assertThat(execution.stopReason()).isEqualTo(failure);
    }

    @Test
    @DisplayName("promise 2: a run that cannot tell of a discarded item for want of memory fails, unless it has")
    void wantOfMemoryFailsTheRunOnce() {
        Execution execution = joined(runs.start(source().forEach("a", i -> {})));
        OutOfMemoryError cause = new OutOfMemoryError("planned");
        assertThatThrownBy(() -> execution.untold(cause)).isEqualTo(cause);
        execution.fail(new PipelineException("a", 0, cause), 1);
        assertThatCode(() -> execution.untold(cause)).doesNotThrowAnyException();
    }

    /** Has no items, ends when it may, and notes whether it is closed by an interrupted thread. */
    private static final class Closing implements Source<Integer> {
        final CountDownLatch mayEnd = new CountDownLatch(1);
        final List<Boolean> interrupted = new ArrayList<>();

        @Override
        public @Nullable Integer next() throws InterruptedException {
            mayEnd.await();
            return null;
        }

        @Override
        public void close() throws IOException {
            interrupted.add(Thread.currentThread().isInterrupted());
            throw new IOException("close");
        }
    }

    @Test
    @DisplayName("promise 4: the end of a source is not for others to interrupt, and its failure is the run's")
    void endOfASourceIsNotInterrupted() throws Exception {
        Closing source = new Closing();
        PipelineRun<?> run = runs.start(Pipeline.fromSource(source).forEach("a", i -> {}));
        Execution execution = joined(run);
        source.mayEnd.countDown();
        untilAllHaveLeft(execution);
        assertThat(source.interrupted).isEmpty();
        Thread.currentThread().interrupt();
        execution.leave();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(source.interrupted).containsExactly(false);
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("'source'")
                .hasRootCauseMessage("close");
    }

    @Test
    void endOfASourceLeavesTheThreadAsItWas() throws Exception {
        Closing source = new Closing();
        Execution execution = joined(runs.start(Pipeline.fromSource(source).forEach("a", i -> {})));
        source.mayEnd.countDown();
        untilAllHaveLeft(execution);
        execution.leave();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 8: a run whose listener gets no thread goes on without it")
    void runGoesOnWithoutItsListener() throws Exception {
        List<PipelineStats> told = new ArrayList<>();
        String log = Logged.during(() -> {
            PipelineRun<?> run = runs.start(source("-progress-")
                    .onProgress(Duration.ofMillis(1), told::add)
                    .forEach("a", i -> {}));
            queue.add(-1);
            run.await();
        });
        assertThat(log).contains("there is no thread for the listener");
        assertThat(told).isEmpty();
    }

    @Test
    @DisplayName("promise 8: what gets no thread of its own is done by who wanted it to have one")
    void whatGetsNoThreadIsDoneHere() throws Exception {
        Execution execution = joined(runs.start(source("-end-").forEach("a", i -> {})));
        List<Thread> ran = new ArrayList<>();
        execution.startThread("a", () -> ran.add(Thread.currentThread()));
        assertThat(ran).containsExactly(Thread.currentThread());
    }

    @Test
    @DisplayName("promise 8: what gets a thread of its own is done there only")
    void whatGetsAThreadIsDoneThere() {
        Execution execution = joined(runs.start(source().forEach("a", i -> {})));
        Queue<String> ran = new ConcurrentLinkedQueue<>();
        execution.startThread("a", () -> ran.add(Thread.currentThread().getName()));
        await().until(() -> !ran.isEmpty());
        assertThat(ran).containsExactly("run-a-end-1");
    }

    @Test
    @DisplayName("promise 8: a stage that gets no thread fails the run, whose threads end")
    void stageWithoutAThreadFailsTheRun() {
        PipelineRun<?> run = runs.start(source("-b-").stage("a", i -> i).forEach("b", i -> {}, s -> s.workers(2)));
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("'b'")
                .hasRootCauseMessage("no more threads");
    }

    @Test
    @DisplayName(
            "promise 3: a failure stops what is before it and empties the queues, and leaves the rest to end by itself")
    void failureStopsWhatIsBeforeIt() {
        PipelineRun<?> run =
                runs.start(source().stage("a", i -> i).stage("b", i -> i).forEach("c", i -> {}));
        Execution execution = joined(run);
        PipelineException failure = new PipelineException("b", 0, new IOException());
        execution.fail(failure, 2);
        assertThat(execution.stages().stream().map(StageRun::isAborted)).containsExactly(true, true, false, false);
        PipelineException second = new PipelineException("c", 0, new IOException());
        execution.failNow(second);
        assertThat(execution.stages()).allMatch(StageRun::isAborted);
        assertThat(execution.failure()).isEqualTo(failure);
        assertThat(failure.getSuppressed()).containsExactly(second);
    }

    @Test
    @DisplayName("promise 7 for pipelines: a thread of the run neither closes nor drains it while it goes on")
    void threadOfTheRunDoesNotWaitForIt() throws Exception {
        PipelineRun<?> run = runs.start(source().forEach("a", i -> {}));
        Execution execution = joined(run);
        execution.enter();
        assertThatThrownBy(() -> execution.drain(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run");
        assertThat(execution.failure()).isNull();
        assertThatThrownBy(execution::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("run");
        untilAllHaveLeft(execution);
        execution.leave();
        assertThatCode(execution::close).doesNotThrowAnyException();
        execution.exit();
    }

    @Test
    @DisplayName("scenario 47: a drain that takes too long cancels the run, and says who was in the way")
    void drainThatTakesTooLongCancelsTheRun() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Execution execution = joined(runs.start(source().forEach("a", i -> {
            begun.countDown();
            Uninterruptibly.await(end);
        })));
        try {
            queue.add(1);
            begun.await();
            DrainReport report = execution.drain(1);
            assertThat(report.completed()).isFalse();
            // The source may be listed, too: it ends when it is interrupted.
            assertThat(report.stillRunning())
                    .extracting(DrainReport.StillRunning::stage)
                    .contains("a");
            assertThat(execution.failure()).isInstanceOf(CancellationException.class);
        } finally {
            end.countDown();
        }
        untilAllHaveLeft(execution);
        execution.leave();
        assertThat(execution.drain(1).completed()).as("it was cancelled").isFalse();
    }

    @Test
    @DisplayName("promise 3: a failure of which nobody has been told is logged when the run is closed, once")
    void failureThatNobodyHasSeenIsLogged() throws Exception {
        PipelineRun<?> run = runs.start(source().forEach("a", i -> {}));
        run.execution.failNow(new PipelineException("a", 0, new IOException("unseen")));
        String log = Logged.during(() -> {
            run.close();
            run.close();
        });
        assertThat(log)
                .containsOnlyOnce("was closed and nobody asked how it ended")
                .contains("unseen");
    }

    @Test
    void failureThatSomebodyHasSeenIsNotLogged() throws Exception {
        PipelineRun<?> run = runs.start(source().forEach("a", i -> {}));
        run.execution.failNow(new PipelineException("a", 0, new IOException()));
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class);
        PipelineRun<?> cancelled = runs.start(source().forEach("a", i -> {}));
        cancelled.cancel();
        assertThat(Logged.during(() -> {
                    run.close();
                    cancelled.close();
                }))
                .doesNotContain("nobody asked");
    }

    @Test
    @DisplayName(
            "promise 2: what is discarded when the links are emptied is told why, though the run has failed before")
    void whatIsInALinkIsToldWhyItIsDiscarded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(source().forEach("a", i -> {
            begun.countDown();
            new CountDownLatch(1).await();
        }));
        Execution execution = joined(run);
        queue.addAll(List.of(1, 2, 3));
        begun.await();
        await().until(() -> run.stats().stages().get(1).queued() == 2);
        execution.recordBefore(null, new PipelineException("b", 0, new IOException()));
        PipelineException second = new PipelineException("a", 0, new IOException());
        execution.failNow(second);
        untilAllHaveLeft(execution);
        assertThat(discarded.entries())
                .contains(new Discarded.Entry(2, "a", second), new Discarded.Entry(3, "a", second));
    }
}
