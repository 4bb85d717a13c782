package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collector;
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
class PipelineFailureTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private PipelineException failureOf(PipelineRun<?> run) throws InterruptedException {
        try {
            run.await();
        } catch (PipelineException e) {
            return e;
        }
        throw new AssertionError("the run has not failed");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName(
            "scenario 31: the consumer dies, the producers that wait for room are freed; promise 3: failures are loud")
    void freesTheProducersOfAConsumerThatFails(Shape shape) throws InterruptedException {
        Discarded discarded = new Discarded();
        Endless source = new Endless();
        IOException cause = new IOException("disk full");
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(source))
                .stage("a", i -> i, shape.options(s -> s.capacity(1)))
                .stage("b", i -> i, s -> s.capacity(1))
                .onDiscard(discarded)
                .forEach(
                        "write",
                        i -> {
                            if (i == 5) {
                                throw cause;
                            }
                        },
                        shape.kind().options(s -> s.capacity(1))));
        PipelineException failure = failureOf(run);

        assertThat(failure.stage()).isEqualTo("write");
        assertThat(failure).hasCause(cause);
        assertThat(failure.getSuppressed()).isEmpty();
        if (shape.keepsOrder()) {
            assertThat(failure.position()).isEqualTo(5);
            assertThat(failure).hasMessage("stage 'write' failed on item 5: java.io.IOException: disk full");
        }
        run.close();
        StageStats sink = run.stats().stages().get(3);
        assertThat(discarded.items()).as("each item once").doesNotHaveDuplicates();
        assertThat(sink.completed() + discarded.items().size())
                .as("what was read and not written is discarded")
                .isEqualTo(source.count());
        assertThat(discarded.entries()).anySatisfy(e -> {
            assertThat(e.stage()).isEqualTo("write");
            assertThat(e.reason()).isSameAs(cause);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#inOrder")
    @DisplayName("promise 3: fail() delivers every item before the failed one and none after it")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void deliversWhatIsBeforeTheFailedItemAndNothingAfter(Shape shape) throws InterruptedException {
        int rounds = Rounds.of(3_000);
        for (int round = 0; round < rounds; round++) {
            int bad = round % 50;
            List<Integer> written = new ArrayList<>();
            PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(60)))
                    .stage(
                            "bad",
                            i -> {
                                if (i >= bad && i % 2 == bad % 2) {
                                    throw new IOException("" + i);
                                }
                                return i;
                            },
                            shape.options(s -> s.window(8)))
                    .forEach("write", written::add, shape.kind().options(s -> s.capacity(2))));
            PipelineException failure = failureOf(run);
            assertThat(failure.position()).isEqualTo(bad);
            assertThat(failure).hasRootCauseMessage("" + bad);
            assertThat(written).isEqualTo(upTo(bad));
            runs.settle(run);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    void unorderedStageFinishesWhatOtherWorkersHold(Kind kind) throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        List<Integer> written = new ArrayList<>();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(100)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                held.countDown();
                                failed.await();
                                return i;
                            }
                            held.await();
                            throw new IOException();
                        },
                        kind.options(s -> s.workers(2).capacity(1)))
                .onDiscard((item, stage, reason) -> failed.countDown())
                .forEach("write", written::add));
        assertThat(failureOf(run).stage()).isEqualTo("a");
        assertThat(written).containsExactly(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 37: failNow() does not wait for a slow head and interrupts it")
    void failNowInterruptsASlowHead(Kind kind) throws InterruptedException {
        CountDownLatch headIsIn = new CountDownLatch(1);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        List<Integer> written = Collections.synchronizedList(new ArrayList<>());
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(100)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                headIsIn.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                } catch (InterruptedException e) {
                                    seen.set(e);
                                    throw e;
                                }
                            }
                            headIsIn.await();
                            if (i == 1) {
                                throw new IOException("1");
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(4).ordered().onError(OnError.failNow())))
                .forEach("write", written::add));
        PipelineException failure = failureOf(run);
        assertThat(failure.position()).isEqualTo(1);
        assertThat(failure.getSuppressed()).isEmpty();
        assertThat(seen.get()).isInstanceOf(InterruptedException.class);
        assertThat(written).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 37: fail() delivers a slow head first, and calls off what comes after the failed item")
    void failDeliversASlowHeadFirst(Kind kind) throws InterruptedException {
        CountDownLatch laterIsIn = new CountDownLatch(1);
        CountDownLatch laterIsOut = new CountDownLatch(1);
        List<Integer> written = new ArrayList<>();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(3)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                // The head goes on when the item after the failed one has been called off.
                                laterIsOut.await();
                            } else if (i == 1) {
                                laterIsIn.await();
                                throw new IOException("1");
                            } else {
                                laterIsIn.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                } finally {
                                    laterIsOut.countDown();
                                }
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(3).ordered()))
                .forEach("write", written::add));
        assertThat(failureOf(run).position()).isEqualTo(1);
        assertThat(written).containsExactly(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 35: every item fails under skip()")
    void endsWhenEveryItemIsSkipped(Shape shape) throws InterruptedException {
        int p = shape.workers();
        for (int n : new int[] {1, p, p + 1, 10 * p}) {
            PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(n)))
                    .stage(
                            "bad",
                            i -> {
                                throw new IOException();
                            },
                            shape.options(s -> s.onError(OnError.skip())))
                    .collect(Collectors.toList()));
            assertThat((List<?>) run.await()).isEmpty();
            assertThat(run.stats().stages().get(1).skipped()).isEqualTo(n);
            runs.settle(run);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void errorFailsTheRunUnderSkipToo(Shape shape) throws InterruptedException {
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(10)))
                .stage(
                        "bad",
                        i -> {
                            throw new StackOverflowError();
                        },
                        shape.options(s -> s.onError(OnError.skip())))
                .collect(Collectors.toList()));
        assertThat(failureOf(run)).hasCauseInstanceOf(StackOverflowError.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 36: the last item's failure races the end of the input: always failed, one terminal signal")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void failsWhenTheLastItemFails(Shape shape) throws InterruptedException {
        int rounds = Rounds.of(20_000);
        AtomicInteger ends = new AtomicInteger();
        Pipeline<?> pipeline = shape.threads(Pipeline.from(upTo(4)))
                .stage(
                        "bad",
                        i -> {
                            if (i == 3) {
                                throw new IOException();
                            }
                            return i;
                        },
                        shape.options())
                .collect(Collector.of(ArrayList::new, ArrayList::add, (a, b) -> a, a -> ends.incrementAndGet()));
        for (int round = 0; round < rounds; round++) {
            PipelineRun<?> run = runs.start(pipeline);
            AtomicInteger completions = new AtomicInteger();
            run.result().whenComplete((r, e) -> completions.incrementAndGet());
            assertThat(failureOf(run).stage()).isEqualTo("bad");
            runs.settle(run);
            assertThat(completions).hasValue(1);
        }
        assertThat(ends).as("the finisher of a failed run is not called").hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 49: null items and results name the stage")
    void namesTheStageOfANull(Kind kind) throws InterruptedException {
        List<Integer> withNull = new ArrayList<>();
        withNull.add(1);
        withNull.add(null);
        PipelineException source = failureOf(runs.start(kind.threads(Pipeline.from(withNull))
                .stage("a", i -> i, kind.options())
                .collect(Collectors.toList())));
        assertThat(source.position()).isEqualTo(1);
        assertThat(source.getCause()).isInstanceOf(NullPointerException.class).hasMessageContaining("'source'");

        PipelineBuilder<Integer> ones = kind.threads(Pipeline.from(List.of(1)));
        PipelineBuilder<Integer> same = ones.stage("nil", i -> i, kind.options());
        List<Pipeline<?>> nulls = List.of(
                ones.stage("nil", i -> null, kind.options()).collect(Collectors.toList()),
                same.map(i -> null).collect(Collectors.toList()),
                same.flatMap(i -> null).collect(Collectors.toList()),
                same.flatMap(i -> Collections.singleton(null)).collect(Collectors.toList()));
        for (Pipeline<?> pipeline : nulls) {
            PipelineException failure = failureOf(runs.start(pipeline));
            assertThat(failure.stage()).isEqualTo("nil");
            assertThat(failure.getCause())
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("'nil'");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 50: a discard handler that throws stops nothing and is noted once")
    void notesADiscardHandlerThatThrows(Shape shape) throws InterruptedException {
        AtomicInteger told = new AtomicInteger();
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(100)))
                .stage("a", i -> i, shape.options())
                .onDiscard((item, stage, reason) -> {
                    throw new IllegalStateException("handler " + told.incrementAndGet());
                })
                .forEach(
                        "write",
                        i -> {
                            throw new IOException();
                        },
                        shape.kind().options()));
        PipelineException failure = failureOf(run);
        assertThat(failure).hasCauseInstanceOf(IOException.class);
        assertThat(failure.getSuppressed()).singleElement().isInstanceOf(IllegalStateException.class);
        PipelineStats stats = run.stats();
        long discarded = stats.stages().stream()
                .mapToLong(s -> s.discarded() + s.discardedInQueue())
                .sum();
        assertThat(told).hasValue((int) discarded);
    }

    @Test
    void failureOfTheSourceComesAfterItsItems() throws InterruptedException {
        List<Integer> written = new ArrayList<>();
        Iterator<Integer> source = new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (next == 10) {
                    throw new IllegalStateException("no more");
                }
                return next++;
            }
        };
        PipelineException failure =
                failureOf(runs.start(Pipeline.fromIterator(source).forEach("write", written::add)));
        assertThat(failure).hasMessage("stage 'source' failed on item 10: java.lang.IllegalStateException: no more");
        assertThat(written).isEqualTo(upTo(10));
    }

    @Test
    void failureOfACollectorNamesTheStage() throws InterruptedException {
        Collector<Integer, List<Integer>, Object> bad = Collector.of(ArrayList::new, List::add, (a, b) -> a, a -> {
            throw new IllegalStateException("finisher");
        });
        PipelineException failure = failureOf(runs.start(Pipeline.from(upTo(3)).collect(bad)));
        assertThat(failure).hasMessage("stage 'collect' failed: java.lang.IllegalStateException: finisher");
        assertThat(failure.position()).isEqualTo(-1);
    }

    @Test
    void laterFailuresAreSuppressed() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        PipelineException failure = failureOf(runs.start(Pipeline.from(upTo(2))
                .forEach(
                        "write",
                        i -> {
                            both.countDown();
                            both.await();
                            throw new IOException("" + i);
                        },
                        s -> s.workers(2))));
        assertThat(failure.getSuppressed()).singleElement().isInstanceOf(PipelineException.class);
        assertThat(List.of(
                        failure.getCause().getMessage(),
                        failure.getSuppressed()[0].getCause().getMessage()))
                .containsExactlyInAnyOrder("0", "1");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void interruptsTheSourceAndTheStagesUpstream(ThreadKind kind) throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(2);
        CountDownLatch upstreamIsIn = new CountDownLatch(2);
        Iterator<Integer> source = new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (next == 2) {
                    waitForInterrupt(upstreamIsIn, interrupted);
                }
                return next++;
            }
        };
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.fromIterator(source))
                .stage("a", i -> {
                    if (i == 1) {
                        waitForInterrupt(upstreamIsIn, interrupted);
                    }
                    return i;
                })
                .forEach("write", i -> {
                    upstreamIsIn.await();
                    throw new IOException();
                }));
        PipelineException failure = failureOf(run);
        assertThat(failure.stage()).isEqualTo("write");
        assertThat(failure.getSuppressed())
                .as("what was interrupted has not failed")
                .isEmpty();
        assertThat(interrupted.getCount()).isZero();
    }

    private static void waitForInterrupt(CountDownLatch in, CountDownLatch interrupted) {
        in.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void queueOfTheUsersThatThrowsFailsTheRunAndNamesTheStage() throws InterruptedException {
        Discarded discarded = new Discarded();
        PipelineRun<?> run = runs.start(Pipeline.from(upTo(100))
                .stage("a", i -> i)
                .stage("sorted", i -> (Object) i, s -> s.queue(() -> new PriorityBlockingQueue<>(1, bad())))
                .onDiscard(discarded)
                .collect(Collectors.toList()));
        PipelineException failure = failureOf(run);
        assertThat(failure.stage()).isEqualTo("sorted");
        assertThat(failure).hasRootCauseMessage("comparator");
        assertThat(discarded.items()).doesNotHaveDuplicates();
    }

    private static Comparator<Object> bad() {
        return (a, b) -> {
            throw new IllegalStateException("comparator");
        };
    }

    @Test
    void cancelAfterAFailureDoesNotReplaceIt() throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Pipeline.from(upTo(10))
                .stage("bad", i -> {
                    if (i == 1) {
                        throw new IOException();
                    }
                    return i;
                })
                .onDiscard((item, stage, reason) -> failed.countDown())
                .forEach("write", i -> never.await()));
        failed.await();
        run.cancel();
        assertThat(failureOf(run).stage()).isEqualTo("bad");
    }

    @Test
    void everyThreadOfAFailedRunEndsBeforeItsResult() throws InterruptedException {
        CountDownLatch stubborn = new CountDownLatch(1);
        CountDownLatch in = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Pipeline.from(upTo(10))
                .stage("stubborn", i -> {
                    if (i == 1) {
                        in.countDown();
                        Uninterruptibly.await(stubborn);
                    }
                    return i;
                })
                .forEach("write", i -> {
                    in.await();
                    throw new IOException();
                }));
        await().until(() -> run.stats().stages().get(2).discarded() == 1);
        assertThat(run.result()).isNotDone();
        stubborn.countDown();
        assertThat(failureOf(run).stage()).isEqualTo("write");
        assertThatThrownBy(() -> run.result().join()).hasCauseInstanceOf(PipelineException.class);
        assertThat(run.result()).isCompletedExceptionally().isNotCancelled();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("promise 3: what fails inline behind the source stops the source, too")
    void stopsTheSourceWhenItsInlineStepFails(Shape shape) throws InterruptedException {
        Endless source = new Endless();
        List<Integer> written = Collections.synchronizedList(new ArrayList<>());
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(source))
                .map(i -> {
                    if (i == 5) {
                        throw new IOException("inline");
                    }
                    return i;
                })
                .forEach("write", written::add));
        PipelineException failure = failureOf(run);

        assertThat(failure.stage()).isEqualTo("source");
        assertThat(failure.position()).isEqualTo(5);
        assertThat(written).isEqualTo(upTo(5));
        assertThat(run.stats().stages().get(0).in()).isEqualTo(6);
    }
}
