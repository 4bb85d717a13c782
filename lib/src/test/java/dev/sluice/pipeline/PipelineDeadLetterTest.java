package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineDeadLetterTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();
    private final Queue<DeadLetter> letters = new ConcurrentLinkedQueue<>();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static int oddOnly(int i) throws IOException {
        if (i % 2 == 0) {
            throw new IOException("" + i);
        }
        return i;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void sendsWhatFailsElsewhereAndGoesOn(Shape shape) throws InterruptedException {
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(1000)))
                .onDiscard(discarded)
                .stage(
                        "a",
                        PipelineDeadLetterTest::oddOnly,
                        shape.options(s -> s.onError(OnError.deadLetter(letters::add))))
                .collect(Collectors.toList()));
        List<Integer> odd = upTo(1000).stream().filter(i -> i % 2 == 1).toList();
        if (shape.keepsOrder()) {
            assertThat(run.await()).isEqualTo(odd);
        } else {
            assertThat(run.await()).containsExactlyInAnyOrderElementsOf(odd);
        }
        assertThat(letters)
                .extracting(DeadLetter::item)
                .containsExactlyInAnyOrderElementsOf(
                        upTo(1000).stream().filter(i -> i % 2 == 0).toList());
        assertThat(letters).allSatisfy(letter -> {
            assertThat(letter.stage()).isEqualTo("a");
            assertThat(letter.cause()).isInstanceOf(IOException.class).hasMessage("" + letter.item());
        });
        StageStats stats = run.stats().stages().get(1);
        assertThat(stats.deadLettered()).isEqualTo(500);
        assertThat(stats.completed()).isEqualTo(500);
        assertThat(discarded.items()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#tryingOnce")
    @DisplayName("scenario 50: a dead-letter sink that throws: the item is discarded, at once, and the run goes on")
    void sinkThatThrowsLosesTheItemButNotTheRun(Shape shape) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(100)))
                .onDiscard((item, stage, reason) -> {
                    discarded.discarded(item, stage, reason);
                    told.countDown();
                })
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                throw new IOException("0");
                            }
                            if (i == 99) {
                                // Not told at the end, but now.
                                told.await();
                            }
                            return i;
                        },
                        shape.options(s -> s.onError(OnError.deadLetter(letter -> {
                            throw new AssertionError("the sink is broken");
                        }))))
                .collect(Collectors.toList()));
        assertThat(run.await()).hasSize(99);
        assertThat(discarded.entries()).singleElement().satisfies(entry -> {
            assertThat(entry.item()).isEqualTo(0);
            assertThat(entry.stage()).isEqualTo("a");
            assertThat(entry.reason()).hasMessage("0");
            assertThat(entry.reason().getSuppressed()).singleElement().isInstanceOf(AssertionError.class);
        });
        assertThat(run.stats().stages().get(1).discarded()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void itemThatWasLostInAWindowIsNotDiscardedOnceMoreWhenTheRunIsStopped(ThreadKind kind)
            throws InterruptedException {
        CountDownLatch lost = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(2)))
                .onDiscard((item, stage, reason) -> {
                    discarded.discarded(item, stage, reason);
                    lost.countDown();
                })
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                never.await();
                            }
                            throw new IOException("" + i);
                        },
                        s -> s.workers(2).ordered().onError(OnError.deadLetter(letter -> {
                            throw new IOException("the sink is broken");
                        })))
                .forEach("write", i -> {}));
        lost.await();
        run.cancel();
        runs.settle(run);
        assertThat(discarded.items()).containsExactlyInAnyOrder(0, 1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName(
            "promise 3: what was dead-lettered or filtered in a window is not discarded, too, when the run is stopped")
    void fateThatWasMetInAWindowIsKeptWhenTheRunIsStopped(Kind kind) throws InterruptedException {
        fateThatWasMetInAWindowIsKept(kind, false);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("promise 3: what was dead-lettered or filtered in a window is not discarded, too, when the head fails")
    void fateThatWasMetInAWindowIsKeptWhenTheHeadFails(Kind kind) throws InterruptedException {
        fateThatWasMetInAWindowIsKept(kind, true);
    }

    private void fateThatWasMetInAWindowIsKept(Kind kind, boolean headFails) throws InterruptedException {
        CountDownLatch lettered = new CountDownLatch(1);
        CountDownLatch passed = new CountDownLatch(1);
        CountDownLatch mayFail = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        // One worker stays at 0, the other is done with 1, which may be tried twice, and with 2 when it begins with 3.
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(4)))
                .onDiscard(discarded)
                .peek(i -> {
                    if (i == 3) {
                        lettered.await();
                    }
                })
                .stage(
                        "a",
                        i -> {
                            switch (i) {
                                case 0 -> {
                                    mayFail.await();
                                    throw new AssertionError("0");
                                }
                                case 1 -> throw new IOException("1");
                                case 3 -> {
                                    passed.countDown();
                                    never.await();
                                }
                                default -> {}
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(2).ordered().onError(OnError.deadLetter(letter -> {
                            letters.add(letter);
                            lettered.countDown();
                        }))))
                .filter(i -> i != 2)
                .forEach("write", i -> {}));
        passed.await();
        if (headFails) {
            mayFail.countDown();
        } else {
            run.cancel();
        }
        runs.settle(run);
        assertThat(letters).extracting(DeadLetter::item).containsExactly(1);
        assertThat(discarded.items()).containsExactlyInAnyOrder(0, 3);
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.deadLettered()).isEqualTo(1);
        assertThat(stage.filtered()).isEqualTo(1);
        assertThat(stage.discarded()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    @DisplayName("promise 2: an item whose sink fails is discarded once, though its failure cannot be logged")
    void sinkWhoseFailureCannotBeLoggedLosesTheItemOnce(Shape shape) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(3)))
                .onDiscard((item, stage, reason) -> {
                    discarded.discarded(item, stage, reason);
                    told.countDown();
                })
                .stage(
                        "a",
                        i -> {
                            if (i == 1) {
                                throw new IOException("1");
                            }
                            if (i == 2) {
                                // Not told at the end, but now.
                                told.await();
                            }
                            return i;
                        },
                        shape.options(s -> s.onError(OnError.deadLetter(letter -> {
                            throw new Unspeakable();
                        }))))
                .collect(Collectors.toList()));
        assertThat(run.await()).containsExactlyInAnyOrder(0, 2);
        assertThat(discarded.items()).containsExactly(1);
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.discarded()).isEqualTo(1);
        assertThat(stage.inFlight()).isZero();
    }

    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("unspeakable");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void errorFailsTheRunAllTheSame(Shape shape) {
        AtomicInteger calls = new AtomicInteger();
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(10)))
                .stage(
                        "a",
                        i -> {
                            throw new AssertionError("" + i);
                        },
                        shape.options(s -> s.onError(OnError.deadLetter(letter -> calls.incrementAndGet()))))
                .forEach("write", i -> {}));
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class).hasCauseInstanceOf(AssertionError.class);
        assertThat(calls).hasValue(0);
    }
}
