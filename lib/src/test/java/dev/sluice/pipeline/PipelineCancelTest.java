package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
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
class PipelineCancelTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName(
            "promise 4 for pipelines: a cancelled run has ended when its work has ended; every item is accounted for")
    void cancelStopsEverything(Shape shape) throws InterruptedException {
        Discarded discarded = new Discarded();
        Endless source = new Endless();
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(source))
                .stage("a", i -> i, shape.options(s -> s.capacity(3)))
                .onDiscard(discarded)
                .forEach("stuck", i -> {
                    stuck.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                }));
        stuck.await();
        run.cancel();
        run.cancel();
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
        assertThat(run.result()).isCancelled();
        assertThat(interrupted.getCount()).isZero();
        assertThat(discarded.items()).doesNotHaveDuplicates().hasSize(source.count());
        assertThat(discarded.entries())
                .allSatisfy(e -> assertThat(e.reason()).isInstanceOf(CancellationException.class));
    }

    @Test
    void cancelAfterTheEndDoesNothing() throws InterruptedException {
        PipelineRun<List<Integer>> run = runs.start(Pipeline.from(upTo(3)).collect(Collectors.toList()));
        assertThat(run.await()).hasSize(3);
        run.close();
        run.cancel();
        assertThat(run.await()).hasSize(3);
        assertThat(run.toString()).endsWith(", ended]");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 46: cancel against a run in motion, with full queues and many consumers, twice")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void cancelRacesTheRun(Shape shape) throws InterruptedException {
        int rounds = Rounds.of(10_000);
        AtomicReference<Discarded> discarded = new AtomicReference<>();
        Pipeline<?> pipeline = shape.threads(Pipeline.from(upTo(50)))
                .onDiscard((item, stage, reason) -> discarded.get().discarded(item, stage, reason))
                .stage("a", i -> i, shape.options(s -> s.capacity(1).window(5)))
                .stage("b", i -> i, shape.kind().options(s -> s.workers(3).capacity(1)))
                .forEach("c", i -> {}, shape.kind().options(s -> s.workers(2).capacity(1)));
        for (int round = 0; round < rounds; round++) {
            discarded.set(new Discarded());
            PipelineRun<?> run = runs.start(pipeline);
            int spins = round % 100 * 20;
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            run.cancel();
            run.cancel();
            runs.settle(run);
            assertThat(discarded.get().items()).as("each lost item once").doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 45: the caller of run() is interrupted")
    void runIsInterrupted(Kind kind) throws Exception {
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch out = new CountDownLatch(1);
        Pipeline<?> pipeline = kind.threads(Pipeline.from(new Endless()))
                .stage("a", i -> i, kind.options(s -> s.workers(4).ordered()))
                .forEach(
                        "stuck",
                        i -> {
                            in.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } finally {
                                out.countDown();
                            }
                        },
                        kind.options());
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Void> caller = crew.run(() -> {
                assertThatThrownBy(pipeline::run).isInstanceOf(InterruptedException.class);
                assertThat(out.getCount()).as("work in flight is joined").isZero();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            in.await();
            caller.interrupt();
        }
    }

    @Test
    void awaitIsInterruptedAndTheRunGoesOn() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        PipelineRun<List<Integer>> run =
                runs.start(Pipeline.from(upTo(3)).peek(i -> go.await()).collect(Collectors.toList()));
        Thread.currentThread().interrupt();
        assertThatThrownBy(run::await).isInstanceOf(InterruptedException.class);
        go.countDown();
        assertThat(run.await()).hasSize(3);
    }

    @Test
    void closeIsNotInterruptedAndKeepsTheFlag() {
        PipelineRun<?> run = runs.start(Pipeline.from(new Endless()).forEach("a", i -> {}));
        Thread.currentThread().interrupt();
        run.close();
        assertThat(run.result()).isCancelled();
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 7 for pipelines: a thread of the run does not wait for itself")
    void threadOfTheRunDoesNotWaitForItself(ThreadKind kind) throws Exception {
        Endless source = new Endless();
        CompletableFuture<PipelineRun<?>> self = new CompletableFuture<>();
        CompletableFuture<Throwable> awaited = new CompletableFuture<>();
        CompletableFuture<Throwable> closed = new CompletableFuture<>();
        CompletableFuture<Throwable> closedByHandler = new CompletableFuture<>();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(source))
                .onDiscard((item, stage, reason) ->
                        closedByHandler.complete(thrownBy(() -> self.join().close())))
                .forEach("own", i -> {
                    // One more has been read, so there is something to discard.
                    await().until(() -> source.count() > 1);
                    awaited.complete(thrownBy(() -> self.join().await()));
                    closed.complete(thrownBy(() -> self.join().close()));
                }));
        self.complete(run);
        assertThat(awaited.get()).isInstanceOf(IllegalStateException.class);
        assertThat(closed.get()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
        assertThat(closedByHandler.get()).isInstanceOf(IllegalStateException.class);
    }

    private static Throwable thrownBy(Crew.Action action) {
        try {
            action.run();
            return new AssertionError("nothing was thrown");
        } catch (Exception e) {
            return e;
        }
    }

    @Test
    void whatDependsOnTheResultMayCloseTheRun() throws Exception {
        PipelineRun<List<Integer>> run = runs.start(Pipeline.from(upTo(1000)).collect(Collectors.toList()));
        CompletableFuture<?> closed = run.result().whenComplete((r, e) -> run.close());
        assertThat(run.await()).hasSize(1000);
        closed.get();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 43: the consumer walks away")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void readerClosesAfterOneItem(Shape shape) throws InterruptedException {
        int rounds = Rounds.of(1_000);
        for (int round = 0; round < rounds; round++) {
            Discarded discarded = new Discarded();
            Endless source = new Endless();
            PipelineRun<ItemIterator<Integer>> run = runs.start(shape.threads(Pipeline.from(source))
                    .stage("a", i -> i, shape.options(s -> s.capacity(2)))
                    .onDiscard(discarded)
                    .iterator());
            ItemIterator<Integer> items = run.await();
            Integer first = items.next();
            items.close();
            items.close();
            assertThat(items.hasNext()).isFalse();
            assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);
            assertThat(discarded.items())
                    .doesNotContain(first)
                    .hasSize(source.count() - 1)
                    .isSubsetOf(source.read());
            assertThat(discarded.items()).doesNotHaveDuplicates();
            runs.settle(run);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#inOrder")
    void readerGetsEverythingInOrderAndThenTheEnd(Shape shape) throws InterruptedException {
        PipelineRun<ItemIterator<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(1000)))
                .stage("a", i -> i, shape.options())
                .iterator());
        List<Integer> read = new ArrayList<>();
        run.await().forEachRemaining(read::add);
        assertThat(read).isEqualTo(upTo(1000));
        assertThat(run.await().hasNext()).isFalse();
        assertThatThrownBy(() -> run.await().next()).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void readerGetsTheItemsBeforeAFailureAndThenTheFailure() throws InterruptedException {
        PipelineRun<ItemIterator<Integer>> run = runs.start(
                Pipeline.from(new Endless()).stage("bad", i -> 10 / (5 - i)).iterator());
        ItemIterator<Integer> items = run.await();
        for (int i = 0; i < 5; i++) {
            assertThat(items.next()).isEqualTo(10 / (5 - i));
        }
        assertThatThrownBy(items::hasNext)
                .isInstanceOfSatisfying(
                        PipelineException.class, e -> assertThat(e.stage()).isEqualTo("bad"));
        assertThatThrownBy(items::next).isInstanceOf(PipelineException.class);
    }

    @Test
    void readerLearnsOfACancel() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<ItemIterator<Integer>> run = runs.start(Pipeline.from(upTo(1))
                .stage("stuck", i -> {
                    never.await();
                    return i;
                })
                .iterator());
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Throwable> reader =
                    crew.start(() -> thrownBy(() -> run.await().hasNext()));
            reader.awaitParked();
            run.cancel();
            assertThat(reader.result()).isInstanceOf(CancellationException.class);
        }
    }

    @Test
    void interruptedReaderMayGoOn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        PipelineRun<ItemIterator<Integer>> run =
                runs.start(Pipeline.from(upTo(1)).peek(i -> go.await()).iterator());
        ItemIterator<Integer> items = run.await();
        Thread.currentThread().interrupt();
        assertThatThrownBy(items::hasNext)
                .isInstanceOf(CancellationException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        go.countDown();
        assertThat(items.next()).isZero();
        assertThat(items.hasNext()).isFalse();
    }

    @Test
    @DisplayName("scenario 43: the consumer walks away when all else has ended")
    void readerClosesWhenAllThreadsHaveEnded() throws InterruptedException {
        Discarded discarded = new Discarded();
        PipelineRun<ItemIterator<Integer>> run =
                runs.start(Pipeline.from(upTo(10)).onDiscard(discarded).iterator());
        Waiting.untilEnded(run.execution.threads());
        ItemIterator<Integer> items = run.await();
        assertThat(items.next()).isZero();
        items.close();
        assertThat(discarded.items("iterator")).isEqualTo(upTo(10).subList(1, 10));
    }

    @Test
    void runAndCloseOfAnIteratorLeaveNothingBehind() throws InterruptedException {
        try (ItemIterator<Integer> items =
                Pipeline.from(new Endless()).iterator().run()) {
            assertThat(items.next()).isZero();
        }
        PipelineRun<ItemIterator<Integer>> unread =
                runs.start(Pipeline.from(upTo(3)).iterator());
        unread.close();
        assertThatThrownBy(() -> unread.await().hasNext()).isInstanceOf(CancellationException.class);
    }

    @Test
    @DisplayName("promise 2: what is put after the reader has walked away is told of as discarded")
    void whatComesAfterTheReaderHasLeftIsDiscarded() throws InterruptedException {
        Discarded discarded = new Discarded();
        CountDownLatch in = new CountDownLatch(1);
        PipelineRun<ItemIterator<Integer>> run = runs.start(Pipeline.from(upTo(1))
                .stage("late", i -> {
                    in.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        // The interrupt comes after the links have been aborted; the result all the same.
                    }
                    return i;
                })
                .onDiscard(discarded)
                .iterator());
        in.await();
        run.await().close();
        assertThat(discarded.items()).containsExactly(0);
        assertThat(run.stats().links()).extracting(LinkStats::to).contains("iterator");
    }

    @Test
    void runEndsWhenTheReaderHasSeenTheEnd() throws InterruptedException {
        PipelineRun<ItemIterator<Integer>> run =
                runs.start(Pipeline.from(upTo(3)).iterator());
        run.await().forEachRemaining(i -> {});
        await().until(run.execution::hasEnded);
        StageStats reader = run.stats().stages().get(1);
        assertThat(reader.name()).isEqualTo("iterator");
        assertThat(reader.in()).isEqualTo(3);
        assertThat(reader.completed()).isEqualTo(3);
    }
}
