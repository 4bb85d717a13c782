package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineRetryTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /** Fails the first attempts of each seventh item. */
    private static final class Flaky implements StageFunction<Integer, Integer> {
        private final Map<Integer, Integer> attempts = new ConcurrentHashMap<>();
        private final int failures;

        Flaky(int failures) {
            this.failures = failures;
        }

        @Override
        public Integer apply(Integer i) throws IOException {
            if (attempts.merge(i, 1, Integer::sum) <= failures && i % 7 == 0) {
                throw new IOException("" + i);
            }
            return i;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void triesAgainAndKeepsTheOrder(Shape shape) throws InterruptedException {
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(700)))
                .stage(
                        "a",
                        new Flaky(2),
                        shape.options(s -> s.retry(
                                Retry.times(2).backoff(Duration.ofMillis(1)).jitter(1))))
                .collect(Collectors.toList()));
        if (shape.keepsOrder()) {
            assertThat(run.await()).isEqualTo(upTo(700));
        } else {
            assertThat(run.await()).containsExactlyInAnyOrderElementsOf(upTo(700));
        }
        assertThat(run.stats().stages().get(1).retried()).isEqualTo(200);
        assertThat(run.stats().stages().get(1).completed()).isEqualTo(700);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void lastFailureIsWhatTheStageMakesOfIt(Shape shape) throws InterruptedException {
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(70)))
                .stage(
                        "a",
                        new Flaky(3),
                        shape.options(s -> s.retry(Retry.times(2)).onError(OnError.skip())))
                .collect(Collectors.toList()));
        assertThat(run.await()).hasSize(60);
        assertThat(run.stats().stages().get(1).skipped()).isEqualTo(10);
        assertThat(run.stats().stages().get(1).retried()).isEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName("scenario 42: items that back off hold no worker: healthy items flow")
    void backoffHoldsNoWorker(Kind kind) throws InterruptedException {
        AtomicInteger healthy = new AtomicInteger();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(10_000)))
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (i < 100) {
                                throw new IOException("" + i);
                            }
                            return i;
                        },
                        kind.options(s ->
                                s.workers(2).retry(Retry.times(1).backoff(HOUR)).window(103)))
                .forEach("b", i -> healthy.incrementAndGet()));
        await().until(() -> healthy.get() == 9900);
        assertThat(run.stats().stages().get(1).inFlight()).isEqualTo(100);
        run.cancel();
        runs.settle(run);
        assertThat(discarded.items("a")).containsExactlyInAnyOrderElementsOf(upTo(100));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#withoutKeys")
    @DisplayName("promise 1: what waits for its next attempt counts towards the bound")
    void retriesAreBounded(Shape shape) throws InterruptedException {
        Endless source = new Endless();
        AtomicInteger attempts = new AtomicInteger();
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(source))
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            attempts.incrementAndGet();
                            throw new IOException("" + i);
                        },
                        shape.options(s ->
                                s.retry(Retry.times(1).backoff(HOUR)).window(20).capacity(10)))
                .forEach("b", i -> {}));
        await().until(() -> source.count() == 20 + 10 + 1);
        await().until(() -> attempts.get() == 20);
        assertThat(run.stats().stages().get(1).inFlight()).isEqualTo(20);
        run.cancel();
        runs.settle(run);
        assertThat(discarded.items()).containsExactlyInAnyOrderElementsOf(source.read());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void itemsOfAKeyWaitForTheOneThatIsTriedAgain(ThreadKind kind) throws InterruptedException {
        List<Integer> calls = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch othersSeen = new CountDownLatch(50);
        runs.run(Shape.threads(kind, Pipeline.from(upTo(100)))
                .forEach(
                        "a",
                        i -> {
                            if (i % 2 == 1) {
                                othersSeen.countDown();
                                return;
                            }
                            calls.add(i);
                            if (i == 0 && attempts.incrementAndGet() < 3) {
                                othersSeen.await();
                                throw new IOException("0");
                            }
                        },
                        s -> s.workers(2)
                                .orderedBy(i -> i % 2)
                                .retry(Retry.times(2).backoff(Duration.ofMillis(1)))));
        List<Integer> expected = new ArrayList<>(List.of(0, 0));
        expected.addAll(upTo(100).stream().filter(i -> i % 2 == 0).toList());
        assertThat(calls).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void orderedSinkWaitsForTheItemThatIsTriedAgain(ThreadKind kind) throws InterruptedException {
        List<Integer> done = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger failures = new AtomicInteger();
        runs.run(Shape.threads(kind, Pipeline.from(upTo(100)))
                .forEach(
                        "a",
                        i -> {
                            if (i == 10 && failures.incrementAndGet() < 3) {
                                throw new IOException("10");
                            }
                            done.add(i);
                        },
                        s -> s.ordered().retry(Retry.times(3).backoff(Duration.ofMillis(1)))));
        assertThat(done).isEqualTo(upTo(100));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName(
            "promise 3: an ordered stage delivers what is before the failed item, what is to be tried again included")
    void itemsBeforeAFailureAreStillTriedAgain(ThreadKind kind) throws InterruptedException {
        CountDownLatch failed = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        List<Integer> written = Collections.synchronizedList(new ArrayList<>());
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(100)))
                .onDiscard((item, stage, reason) -> {
                    discarded.discarded(item, stage, reason);
                })
                .stage(
                        "a",
                        i -> {
                            if (i == 3 && attempts.incrementAndGet() < 20) {
                                throw new IOException("again");
                            }
                            if (i == 8) {
                                failed.countDown();
                                throw new AssertionError("8");
                            }
                            return i;
                        },
                        s -> s.workers(2)
                                .ordered()
                                .window(10)
                                .retry(Retry.times(20).backoff(Duration.ofMillis(2), Duration.ofMillis(2))))
                .forEach("b", written::add));
        assertThatThrownBy(run::await)
                .isInstanceOfSatisfying(
                        PipelineException.class, e -> assertThat(e.position()).isEqualTo(8));
        assertThat(written).isEqualTo(upTo(8));
        runs.settle(run);
        assertThat(discarded.items("a")).contains(8).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void failuresInlineBehindTheStageAreNotTriedAgain(Shape shape) throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(10)))
                .stage(
                        "a",
                        i -> {
                            calls.incrementAndGet();
                            return i;
                        },
                        shape.options(s -> s.retry(Retry.times(5)).onError(OnError.skip())))
                .map(i -> {
                    throw new IOException("inline");
                })
                .map(i -> 1)
                .collect(Collectors.toList()));
        assertThat(run.await()).isEmpty();
        assertThat(calls).hasValue(10);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#all")
    void failNowDoesNotWaitForRetries(Shape shape) {
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(10)))
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (i == 9) {
                                throw new AssertionError("9");
                            }
                            throw new IOException("" + i);
                        },
                        shape.options(s -> s.retry(Retry.times(1).backoff(HOUR)).onError(OnError.failNow())))
                .forEach("b", i -> {}));
        assertThatThrownBy(run::await).hasRootCauseMessage("9");
        runs.settle(run);
        assertThat(discarded.items()).containsExactlyInAnyOrderElementsOf(upTo(10));
    }

    @Test
    void pausesGrowUpToALimitAndJitterMakesThemShorter() {
        Retry retry = Retry.times(10).backoff(Duration.ofNanos(100), Duration.ofNanos(1000));
        assertThat(IntStream.rangeClosed(1, 6).mapToLong(retry::delayNanos).toArray())
                .containsExactly(100, 200, 400, 800, 1000, 1000);
        assertThat(retry.delayNanos(5000)).isEqualTo(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(retry.jitter(0.5).delayNanos(4)).isBetween(400L, 800L);
        }
        assertThat(retry.jitter(0.5).jitter(0).delayNanos(4)).isEqualTo(800);
        assertThat(Retry.times(1).delayNanos(1)).isZero();
        assertThat(Retry.times(1).backoff(Duration.ofMillis(1)).delayNanos(1000))
                .isEqualTo(HOUR.toNanos());
    }

    @Test
    void saysItsOptions() {
        assertThat(Retry.times(3).backoff(Duration.ofMillis(5)).jitter(0.5))
                .hasToString("Retry[times=3, first=PT0.005S, longest=PT1H, jitter=0.5]");
    }

    @Test
    void refusesValuesOutOfRange() {
        assertThatThrownBy(() -> Retry.times(0)).hasMessage("retries must be >= 1 but was 0");
        assertThatThrownBy(() -> Retry.times(1).backoff(Duration.ofMillis(-1)))
                .hasMessage("first must not be negative but was PT-0.001S");
        assertThatThrownBy(() -> Retry.times(1).jitter(1.5)).hasMessage("share must be from 0 to 1 but was 1.5");
        assertThatThrownBy(() -> Retry.times(1).jitter(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Without an end, unless somebody asks for far too much. */
    private static Iterable<Integer> manyOf(AtomicInteger made) {
        return () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (made.incrementAndGet() > 100_000) {
                    throw new AssertionError("results without a bound");
                }
                return made.get();
            }
        };
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 1: results of an ordered stage are bounded while its head waits for its next attempt")
    void resultsBehindAHeadThatWaitsAreBounded(ThreadKind kind) throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(100)))
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                throw new IOException("0");
                            }
                            return i;
                        },
                        s -> s.workers(2)
                                .ordered()
                                .window(10)
                                .retry(Retry.times(1).backoff(HOUR)))
                .flatMap(i -> manyOf(made))
                .forEach("b", i -> {}));
        await().until(() -> made.get() >= 10
                && run.execution.threads().stream()
                        .filter(thread -> thread.getName().contains("-a-"))
                        .allMatch(thread -> thread.getState() == Thread.State.WAITING));
        // One for each place of the window, and the first of each input that has one.
        assertThat(made).hasValueLessThanOrEqualTo(10 + 10);
        run.cancel();
        runs.settle(run);
        assertThat(discarded.items("a")).contains(0, 1).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 42: a worker that has no room for its results tries the head again first")
    void workerWithoutRoomTriesTheHeadAgain(ThreadKind kind) throws InterruptedException {
        List<Integer> expected = upTo(100).stream()
                .flatMap(i -> Collections.nCopies(20, i).stream())
                .toList();
        for (int workers = 1; workers <= 3; workers++) {
            int width = workers;
            for (int round = 0; round < Rounds.of(10); round++) {
                PipelineRun<List<Integer>> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(100)))
                        .stage(
                                "a",
                                new Flaky(2),
                                s -> s.workers(width)
                                        .ordered()
                                        .window(4)
                                        .retry(Retry.times(2).backoff(Duration.ofNanos(100_000))))
                        .flatMap(i -> Collections.nCopies(20, i))
                        .collect(Collectors.toList()));
                assertThat(run.await()).isEqualTo(expected);
                runs.settle(run);
            }
        }
    }

    /**
     * The second item has no room for a fifth result, and is set aside for the first one's second attempt. Of eight results of
     * each, the first {@code passing} go through.
     */
    private PipelineBuilder<Integer> settingAside(ThreadKind kind, Source<Integer> source, int passing) {
        AtomicInteger tries = new AtomicInteger();
        return Shape.threads(kind, Pipeline.fromSource(source))
                .stage(
                        "a",
                        i -> {
                            if (i == 0 && tries.incrementAndGet() == 1) {
                                throw new IOException("0");
                            }
                            return i;
                        },
                        s -> s.ordered().window(4).retry(Retry.times(1).backoff(Duration.ofMillis(50))))
                .flatMap(i -> upTo(8))
                .filter(j -> j < passing);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 2: an item of which something has come before it is set aside is completed")
    void whatHasComeOfAnItemThatIsSetAsideIsNotForgotten(ThreadKind kind) throws InterruptedException {
        Told source = new Told(2);
        PipelineRun<?> run = runs.start(settingAside(kind, source, 4).forEach("b", j -> {}));
        run.await();
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.completed()).isEqualTo(2);
        assertThat(stage.filtered()).isZero();
        runs.settle(run);
        source.assertComplete();
        assertThat(source.acked()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 2: an item that is set aside is not acknowledged before its last result is done")
    void itemThatIsSetAsideIsAcknowledgedWithItsLastResult(ThreadKind kind) throws InterruptedException {
        Told source = new Told(2);
        AtomicInteger written = new AtomicInteger();
        AtomicReference<PipelineRun<?>> started = new AtomicReference<>();
        PipelineRun<?> run = runs.start(settingAside(kind, source, 8).forEach("b", j -> {
            if (written.incrementAndGet() == 16) {
                await().until(() -> started.get() != null && isAtRest(started.get()));
                assertThat(source.acked()).containsExactly(0);
            }
        }));
        started.set(run);
        run.await();
        runs.settle(run);
        source.assertComplete();
        assertThat(source.acked()).hasSize(2);
    }

    private static boolean isAtRest(PipelineRun<?> run) {
        Thread worker = run.execution.threads().stream()
                .filter(thread -> thread.getName().contains("-a-"))
                .findFirst()
                .orElseThrow();
        return run.stats().stages().get(1).completed() == 2
                && (worker.getState() == Thread.State.WAITING || !worker.isAlive());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 3: what is set aside for the head's next attempt is discarded once when the head fails")
    void whatIsSetAsideIsDiscardedWhenTheHeadFails(ThreadKind kind) {
        AtomicInteger made = new AtomicInteger();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(10)))
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                throw new IOException("0");
                            }
                            return i;
                        },
                        s -> s.ordered().window(4).retry(Retry.times(3).backoff(Duration.ofMillis(1))))
                .flatMap(i -> manyOf(made))
                .forEach("b", i -> {}));
        assertThatThrownBy(run::await)
                .isInstanceOfSatisfying(
                        PipelineException.class, e -> assertThat(e.position()).isZero());
        runs.settle(run);
        assertThat(discarded.items("a")).contains(0).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 6: a flatMap does not overtake one behind it that has paused, though room has come")
    void flatMapDoesNotOvertakeTheOneBehindIt(ThreadKind kind) throws InterruptedException {
        CountDownLatch paused = new CountDownLatch(1);
        // What is seen before the fourth has left the window, and so there is room.
        CountDownLatch seen = new CountDownLatch(4);
        List<Integer> written = Collections.synchronizedList(new ArrayList<>());
        runs.run(Shape.threads(kind, Pipeline.from(upTo(2)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                paused.await();
                            }
                            return i;
                        },
                        s -> s.workers(2).ordered().window(3).retry(Retry.times(1)))
                .flatMap(i -> () -> new Iterator<Integer>() {
                    private int given;

                    @Override
                    public boolean hasNext() {
                        if (i == 1 && given == 1) {
                            paused.countDown();
                            awaitBriefly(seen);
                        }
                        return given < 2;
                    }

                    @Override
                    public Integer next() {
                        return 2 * i + given++;
                    }
                })
                .flatMap(k -> k < 2
                        ? List.of(k)
                        : IntStream.range(10 * k, 10 * k + 10).boxed().toList())
                .forEach("b", i -> {
                    written.add(i);
                    seen.countDown();
                }));
        List<Integer> expected = new ArrayList<>(upTo(2));
        IntStream.range(20, 40).forEach(expected::add);
        assertThat(written).isEqualTo(expected);
    }

    private static void awaitBriefly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void iteratorIsNotAskedForWhatNobodyWants(ThreadKind kind) throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(2)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                new CountDownLatch(1).await();
                            }
                            return i;
                        },
                        s -> s.workers(2).ordered().window(4).retry(Retry.times(1)))
                .flatMap(i -> manyOf(made))
                .forEach("b", i -> {}));
        await().until(() -> made.get() == 4);
        run.cancel();
        runs.settle(run);
        assertThat(made).hasValue(4);
    }

    @Test
    @DisplayName(
            "promise 1: what waits for its next attempt counts to the window, so the stage takes no more than that")
    void itemsThatWaitFillTheWindow() {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger given = new AtomicInteger();
        PipelineRun<?> run = runs.start(Pipeline.fromStream(Stream.generate(given::incrementAndGet))
                .stage(
                        "failing",
                        i -> {
                            calls.incrementAndGet();
                            throw new IOException("" + i);
                        },
                        s -> s.workers(2)
                                .window(4)
                                .capacity(2)
                                .retry(Retry.times(1).backoff(HOUR)))
                .forEach("none", i -> {}));
        // Four in the window, two in the link, and one that the source has in hand; and no worker looks for more.
        await().until(() -> calls.get() >= 4 && given.get() >= 7);
        StageRun stage = run.execution.stages().get(1);
        await().until(() -> stage.workers().stream().allMatch(worker -> isIdle(stage.window(), (StepWorker) worker)));
        assertThat(calls).hasValue(4);
        assertThat(given).hasValue(7);
        run.cancel();
    }

    private static boolean isIdle(Window window, StepWorker worker) {
        window.lock.lock();
        try {
            return worker.isIdle;
        } finally {
            window.lock.unlock();
        }
    }
}
