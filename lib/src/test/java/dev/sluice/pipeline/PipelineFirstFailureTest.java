package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which failure a run ends with when there are several, and who is told of it. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineFirstFailureTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static PipelineException failureOf(PipelineRun<?> run) throws InterruptedException {
        try {
            run.await();
        } catch (PipelineException e) {
            return e;
        }
        throw new AssertionError("the run has not failed");
    }

    /** Item 0 waits for the latch, item 1 fails. */
    private static PipelineBuilder<Integer> failing(ThreadKind kind, CountDownLatch headMayGo) {
        return Shape.threads(kind, Pipeline.from(upTo(2)))
                .stage(
                        "bad",
                        i -> {
                            if (i == 1) {
                                throw new IOException("1");
                            }
                            headMayGo.await();
                            return i;
                        },
                        s -> s.workers(2).ordered());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void cancelDoesNotReplaceTheFailureOfAnOrderedStageThatHasNotEnded(ThreadKind kind) throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(failing(kind, new CountDownLatch(1))
                .onDiscard((item, stage, reason) -> failed.countDown())
                .forEach("write", i -> {}));
        failed.await();
        run.cancel();
        assertThat(failureOf(run)).hasRootCauseMessage("1");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void failureOfTheDiscardHandlerIsAttachedToThatOfAnOrderedStage(ThreadKind kind) throws InterruptedException {
        CountDownLatch headMayGo = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(failing(kind, headMayGo)
                .onDiscard((item, stage, reason) -> {
                    headMayGo.countDown();
                    throw new IllegalStateException("handler");
                })
                .forEach("write", i -> {}));
        assertThat(failureOf(run).getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e).hasMessage("handler"));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 3: of two failures of an ordered stage the one of the earlier item is the run's")
    void failureOfAnEarlierItemTakesTheLaterOneOver(ThreadKind kind) throws InterruptedException {
        CountDownLatch secondHasFailed = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(2)))
                .stage(
                        "bad",
                        i -> {
                            if (i == 0) {
                                secondHasFailed.await();
                            }
                            throw new IOException("" + i);
                        },
                        s -> s.workers(2).ordered())
                .onDiscard((item, stage, reason) -> secondHasFailed.countDown())
                .forEach("write", i -> {}));
        PipelineException failure = failureOf(run);
        assertThat(failure).hasRootCauseMessage("0");
        assertThat(failure.getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e).hasRootCauseMessage("1"));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 3: the failure of the earliest item is the run's, however many fail at once")
    void failureOfTheEarliestItemIsTheRunsHoweverManyFailAtOnce(ThreadKind kind) throws InterruptedException {
        int failing = 3;
        int rounds = Rounds.of(20_000);
        for (int round = 0; round < rounds; round++) {
            CyclicBarrier allAreIn = new CyclicBarrier(failing);
            PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(failing)))
                    .stage(
                            "bad",
                            i -> {
                                allAreIn.await();
                                throw new IOException("" + i);
                            },
                            s -> s.workers(failing).ordered())
                    .forEach("write", i -> {}));
            PipelineException failure = failureOf(run);
            assertThat(failure).hasRootCauseMessage("0");
            assertThat(messages(failure)).contains("0", "1", "2");
            runs.settle(run);
        }
    }

    /** Of what is attached to a failure, however deep, and of itself. */
    private static List<String> messages(Throwable failure) {
        List<String> all = new ArrayList<>();
        all.add(Objects.requireNonNullElse(failure.getCause(), failure).getMessage());
        for (Throwable each : failure.getSuppressed()) {
            all.addAll(messages(each));
        }
        return all;
    }

    /** A channel whose closing, which the interrupting thread does, waits for what others have to do. */
    private static final class Waiting extends AbstractInterruptibleChannel {
        private final CountDownLatch closing = new CountDownLatch(1);
        private final CountDownLatch mayClose = new CountDownLatch(1);
        private final AtomicBoolean wasAllowed = new AtomicBoolean();

        void block(CountDownLatch in) throws IOException {
            begin();
            try {
                in.countDown();
                // Not ended by the interrupt itself, which comes before the closing: who has left is not closed.
                Uninterruptibly.await(closing);
            } finally {
                end(false);
            }
        }

        @Override
        protected void implCloseChannel() {
            closing.countDown();
            try {
                wasAllowed.set(mayClose.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void interruptThatWaitsForAForeignLockDoesNotHoldTheEarlierItemsUp() throws InterruptedException {
        Waiting channel = new Waiting();
        CountDownLatch lastIsIn = new CountDownLatch(1);
        List<Integer> written = new ArrayList<>();
        PipelineRun<?> run = runs.start(Pipeline.from(upTo(3))
                .stage(
                        "bad",
                        i -> {
                            if (i == 0) {
                                channel.closing.await();
                            } else if (i == 1) {
                                lastIsIn.await();
                                throw new IOException("1");
                            } else {
                                channel.block(lastIsIn);
                            }
                            return i;
                        },
                        s -> s.workers(3).ordered())
                .forEach("write", i -> {
                    written.add(i);
                    channel.mayClose.countDown();
                }));
        assertThat(failureOf(run)).hasRootCauseMessage("1");
        assertThat(written).containsExactly(0);
        assertThat(channel.wasAllowed).isTrue();
    }

    /** A queue that takes two elements and then fails. */
    private static Supplier<BlockingQueue<Object>> failing(Supplier<RuntimeException> failure) {
        return () -> new LinkedBlockingQueue<>() {
            private static final long serialVersionUID = 1L;

            private int offered;

            @Override
            public boolean offer(Object item) {
                if (offered++ == 2) {
                    throw failure.get();
                }
                return super.offer(item);
            }
        };
    }

    private static PipelineException failureSeenBy(ItemIterator<?> reader) {
        try {
            while (reader.hasNext()) {
                reader.next();
            }
        } catch (PipelineException e) {
            return e;
        }
        throw new AssertionError("the run has not failed");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void readerLearnsOfTheFailureOfAQueue(ThreadKind kind) throws InterruptedException {
        Pipeline<ItemIterator<Integer>> pipeline = Shape.threads(kind, Pipeline.from(upTo(10)))
                .stage("a", i -> i, s -> s.queue(failing(() -> new IllegalStateException("offer"))))
                .iterator();
        int rounds = Rounds.of(20_000);
        for (int round = 0; round < rounds; round++) {
            PipelineRun<ItemIterator<Integer>> run = runs.start(pipeline);
            assertThat(failureSeenBy(run.await())).hasRootCauseMessage("offer");
            runs.settle(run);
        }
    }

    @Test
    void readerWaitsForTheFailureOfAQueueUntilItIsRecorded() throws InterruptedException {
        CountDownLatch readerIsGone = new CountDownLatch(1);
        class SlowToTell extends IllegalStateException {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                try {
                    // Whoever is woken before the failure is recorded has left by then; nobody should be.
                    readerIsGone.await(300, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return "offer";
            }
        }
        PipelineRun<ItemIterator<Integer>> run = runs.start(Pipeline.from(upTo(10))
                .stage("a", i -> i, s -> s.queue(failing(SlowToTell::new)))
                .iterator());
        try {
            assertThat(failureSeenBy(run.await()).stage()).isEqualTo("a");
        } finally {
            readerIsGone.countDown();
        }
    }

    @Test
    void readerOfACancelledRunGetsWhatTheRunEndedWith() throws InterruptedException {
        PipelineRun<ItemIterator<Integer>> run =
                runs.start(Pipeline.from(new Endless()).name("numbers").iterator());
        run.cancel();
        assertThatThrownBy(run.await()::hasNext)
                .isInstanceOf(CancellationException.class)
                .hasMessage("the run of numbers was cancelled");
        assertThatThrownBy(run.await()::next)
                .isInstanceOf(CancellationException.class)
                .hasMessage("the run of numbers was cancelled");
    }

    @Test
    void rejectsSizesThatCouldNotBeAllocated() {
        PipelineBuilder<Integer> source = Pipeline.from(upTo(1));
        assertThatThrownBy(() -> source.stage("a", i -> i, s -> s.window(Integer.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("window must be <= 1048576 but was 2147483647");
        assertThatThrownBy(() -> source.stage("a", i -> i, s -> s.capacity((1 << 20) + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity must be <= 1048576 but was 1048577");
        assertThat(source.stage("a", i -> i, s -> s.capacity(1 << 20).window(1 << 20))
                        .collect(Collectors.counting()))
                .isNotNull();
    }

    @Test
    @DisplayName("promise 3: the first failure stays, and those that come later are attached to it")
    void laterFailuresAreAttachedToTheFirst() {
        FirstFailure failure = new FirstFailure();
        IllegalStateException first = new IllegalStateException("first");
        IllegalStateException second = new IllegalStateException("second");
        assertThat(failure.get()).isNull();
        failure.suppress(new IllegalStateException("of no run that has failed"));
        failure.record(first);
        failure.record(second);
        failure.record(first);
        failure.recordIfFirst(new CancellationException());
        failure.suppress(new InterruptedException());
        assertThat(failure.get()).isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(second);
    }

    @Test
    @DisplayName("promise 3: the failure of an earlier item takes over that of a later one, and of no other")
    void failureTakesOverThatOfALaterItemOnly() {
        IllegalStateException first = new IllegalStateException("first");
        IllegalStateException earlier = new IllegalStateException("earlier");
        FirstFailure failure = new FirstFailure();
        assertThat(failure.recordBefore(null, first)).isTrue();
        assertThat(failure.recordBefore(first, earlier)).isTrue();
        assertThat(failure.get()).isSameAs(earlier);
        assertThat(earlier.getSuppressed()).containsExactly(first);
        assertThat(failure.recordBefore(first, new IllegalStateException("of an item of another stage")))
                .isFalse();
        assertThat(failure.recordBefore(null, new IllegalStateException("of another stage")))
                .isFalse();
        assertThat(failure.get()).isSameAs(earlier);
    }
}
