package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Time is what the test says it is. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class StallTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @RegisterExtension
    final Runs runs = new Runs();

    private final CountDownLatch go = new CountDownLatch(1);

    /** Before the runs are closed, which wait for those who hang. */
    @AfterEach
    void letGo() {
        go.countDown();
    }

    private <T> T hang(T item) throws InterruptedException {
        go.await();
        return item;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void stageInTheWayIsToldOnceWithItsWorkersStack(Shape shape) throws InterruptedException {
        PipelineRun<?> run = runs.start(
                shape.threads(Pipeline.from(IntStream.range(0, 1000).boxed().toList()))
                        .name("run")
                        .stage("before", i -> i, s -> s.capacity(1))
                        .stage("hangs", this::hang, shape.options(s -> s.capacity(7)))
                        .forEach("write", i -> {}));
        // All are where they will stay: the two before it, blocked, and those who hang.
        await().until(() -> run.stats().stages().get(1).queued() == 1
                && run.stats().stages().get(2).queued() == 7
                && run.stats().stages().get(2).inFlight() == shape.workers());
        await().until(() -> blocked(run, 0) && blocked(run, 1));
        Lookout lookout = new Lookout(run.execution);
        assertThat(lookout.look(0)).isEmpty();
        assertThat(lookout.look(29 * SECOND)).isEmpty();
        List<Stall> stalls = lookout.look(31 * SECOND);
        assertThat(stalls).hasSize(1);
        assertThat(stalls.get(0).toString())
                .startsWith("stage 'hangs' has made no progress for 31 s; 7 items wait for it; run-hangs-")
                .contains("StallTest.hang(");
        assertThat(lookout.look(100 * SECOND)).as("told already").isEmpty();
        go.countDown();
        run.await();
        assertThat(lookout.look(200 * SECOND)).isEmpty();
    }

    private static boolean blocked(PipelineRun<?> run, int stage) {
        return run.stats().stages().get(stage).inFlight() == 1
                && run.stats().stages().get(stage).blocked() > 0;
    }

    @Test
    void whoHasNothingToDoIsNotInTheWay() throws InterruptedException {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        PipelineRun<?> run = runs.start(Pipeline.fromQueue(queue, "end").forEach("write", i -> {}));
        await().until(() -> run.stats().stages().stream().allMatch(stage -> stage.starved() > 0));
        Lookout lookout = new Lookout(run.execution);
        assertThat(lookout.look(0)).isEmpty();
        assertThat(lookout.look(100 * SECOND)).isEmpty();
        queue.add("end");
        run.await();
    }

    @Test
    void sourceThatHangsIsToldAsASource() throws InterruptedException {
        PipelineRun<?> run = runs.start(Pipeline.from(() -> {
                    hangQuietly();
                    return List.<Integer>of().iterator();
                })
                .forEach("write", i -> {}));
        await().until(() -> run.stats().stages().get(0).busy() > 0);
        Lookout lookout = new Lookout(run.execution);
        assertThat(lookout.look(0)).isEmpty();
        List<Stall> stalls = lookout.look(31 * SECOND);
        assertThat(stalls).hasSize(1);
        assertThat(stalls.get(0).isOfSource()).isTrue();
        assertThat(stalls.get(0).toString()).startsWith("stage 'source' has made no progress for 31 s; pipeline-");
        go.countDown();
        run.await();
    }

    private void hangQuietly() {
        Uninterruptibly.await(go);
    }

    @Test
    void progressBeginsTheTimeAnew() {
        Stall.Suspicion suspicion = new Stall.Suspicion();
        Thread here = Thread.currentThread();
        assertThat(suspicion.look("a", 5, 0, here, 0)).isNull();
        assertThat(suspicion.look("a", 6, 0, here, 20 * SECOND)).isNull();
        assertThat(suspicion.look("a", 6, 0, here, 40 * SECOND)).isNull();
        assertThat(suspicion.look("a", 6, 0, null, 45 * SECOND))
                .as("a wait of its own")
                .isNull();
        assertThat(suspicion.look("a", 6, 0, here, 70 * SECOND)).isNull();
        assertThat(suspicion.look("a", 6, 0, here, 75 * SECOND)).isNotNull();
        assertThat(suspicion.look("a", 7, 0, here, 80 * SECOND)).isNull();
        Stall again = suspicion.look("a", 7, 1, here, 110 * SECOND);
        assertThat(again.toString()).startsWith("stage 'a' has made no progress for 30 s; 1 item waits for it; ");
    }

    @Test
    void runIsWatchedUntilItEnds() throws InterruptedException {
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1)).forEach("write", i -> hang(i)));
        assertThat(StallWatch.watches(run.execution)).isTrue();
        go.countDown();
        run.await();
        assertThat(StallWatch.watches(run.execution)).isFalse();
    }

    @Test
    void queueOfTheUsersThatBlocksHoldsUpNeitherTheAlarmNorTheOtherLooks() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        LinkedBlockingQueue<Object> silent = new LinkedBlockingQueue<>() {
            private static final long serialVersionUID = 1L;

            @Override
            public boolean offer(Object item) {
                asked.countDown();
                hangQuietly();
                return super.offer(item);
            }
        };
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1))
                .stage("a", i -> i, s -> s.queue(() -> silent))
                .forEach("b", i -> {}));
        assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
        Lookout lookout = new Lookout(run.execution);
        Thread held = ThreadKind.PLATFORM.start("test-held", () -> lookout.look(0));
        Waiting.untilWaiting(held);
        assertThat(lookout.look(31 * SECOND)).isEmpty();
        // At all runs, this one among them.
        ThreadKind.PLATFORM.start("test-alarm", StallWatch::wake).join(10_000);
        assertThat(held.isAlive()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("test-alarm"));
    }

    @Test
    void runWhoseReaderDoesNotComeIsQuiet() {
        PipelineRun<ItemIterator<Integer>> run =
                runs.start(Pipeline.from(List.of(1)).iterator());
        await().until(run.execution::isQuiet);
        assertThat(run.execution.hasEnded()).isFalse();
    }
}
