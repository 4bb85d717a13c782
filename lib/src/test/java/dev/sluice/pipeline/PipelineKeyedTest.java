package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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
class PipelineKeyedTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static void assertOrderOfEachKey(List<Integer> result, int keys) {
        Map<Integer, List<Integer>> byKey = result.stream().collect(Collectors.groupingBy(i -> i % keys));
        byKey.values().forEach(of -> assertThat(of).isSorted());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName("scenario 40, promise 6: exact order for each of 10^4 keys, 4 workers")
    void keepsTheOrderOfEachKey(Kind kind) throws InterruptedException {
        int n = Rounds.of(1_000_000);
        List<Integer> result = runs.run(kind.threads(Pipeline.from(upTo(n)))
                .stage("a", i -> i, kind.options(s -> s.workers(4).orderedBy(i -> i % 10_000)))
                .stage(
                        "b",
                        i -> i,
                        kind.options(s -> s.workers(4).orderedBy(i -> i % 3).capacity(2)))
                .collect(Collectors.toList()));
        assertThat(result).hasSize(n);
        // What the second stage orders, with keys that go together with those of the first.
        assertOrderOfEachKey(result.stream().filter(i -> i % 10_000 == 7).toList(), 30_000);
        assertThat(result).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName("scenario 40: the order of each key holds with few keys, little room, several results and failures")
    void keepsTheOrderOfEachKeyInManySmallRuns(Kind kind) throws InterruptedException {
        int rounds = Rounds.of(20_000);
        for (int round = 0; round < rounds; round++) {
            int keys = 1 + round % 5;
            int workers = 2 + round % 3;
            int perKey = 1 + round % 3;
            List<Integer> result = runs.run(kind.threads(Pipeline.from(upTo(60)))
                    .stage(
                            "a",
                            i -> {
                                if (i % 7 == 3) {
                                    throw new IOException("" + i);
                                }
                                return i;
                            },
                            kind.options(s -> s.workers(workers)
                                    .orderedBy(i -> i % keys)
                                    .perKey(perKey)
                                    .window(8)
                                    .retry(Retry.times(1))
                                    .onError(OnError.skip())))
                    .flatMap(i -> List.of(i, i))
                    .stage("b", i -> i, kind.options(s -> s.capacity(1)))
                    .collect(Collectors.toList()));
            assertOrderOfEachKey(result, keys);
            assertThat(result)
                    .containsExactlyInAnyOrderElementsOf(upTo(60).stream()
                            .filter(i -> i % 7 != 3)
                            .flatMap(i -> List.of(i, i).stream())
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName("scenario 40: a slow key with fewer items than its share: the rest finish")
    void slowKeyHoldsOneWorkerAndItsShare(Kind kind) throws InterruptedException {
        CountDownLatch mayGo = new CountDownLatch(1);
        AtomicInteger others = new AtomicInteger();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(10_000)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                mayGo.await();
                            }
                            return i;
                        },
                        // Key 0 has 0, 1000, 2000 and so on: ten, one of which is being worked on.
                        kind.options(s ->
                                s.workers(2).orderedBy(i -> i % 1000).perKey(9).window(16)))
                .forEach("b", i -> others.incrementAndGet()));
        await().until(() -> others.get() == 9990);
        assertThat(run.stats().stages().get(1).fullKey()).isEmpty();
        assertThat(run.stats().stages().get(1).inFlight()).isEqualTo(10);
        mayGo.countDown();
        assertThat(run.result()).succeedsWithin(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName(
            "scenario 40: a slow key with more items than its share: the stage stops reading, stats() names the key")
    void keyWithMoreThanItsShareStopsTheStage(Kind kind) throws InterruptedException {
        CountDownLatch mayGo = new CountDownLatch(1);
        Endless source = new Endless();
        AtomicInteger others = new AtomicInteger();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(source))
                .stage(
                        "a",
                        i -> {
                            if (i % 100 == 0) {
                                mayGo.await();
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(2)
                                .orderedBy(i -> "key " + i % 100)
                                .perKey(3)
                                .window(50)
                                .capacity(10)))
                .forEach("b", i -> others.incrementAndGet()));
        // 0 is being worked on, 100, 200 and 300 wait, 400 stops the stage.
        await().until(() -> others.get() == 4 * 99);
        await().until(() -> run.stats().stages().get(1).fullKey().isPresent());
        assertThat(run.stats().stages().get(1).fullKey()).contains("key 0");
        await().until(() -> run.stats().stages().get(1).queued() == 10);
        assertThat(run.stats().stages().get(1).inFlight()).isLessThanOrEqualTo(50);
        assertThat(others).hasValue(4 * 99);
        mayGo.countDown();
        await().until(() -> others.get() > 1000);
        run.cancel();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName("scenario 40: idle keys are forgotten")
    void idleKeysAreForgotten(Kind kind) throws InterruptedException {
        AtomicInteger most = new AtomicInteger();
        PipelineRun<?>[] run = new PipelineRun<?>[1];
        CountDownLatch started = new CountDownLatch(1);
        run[0] = runs.start(kind.threads(Pipeline.from(upTo(20_000)))
                .stage(
                        "a",
                        i -> i,
                        kind.options(s -> s.workers(3).window(20).orderedBy(i -> {
                            started.await();
                            KeyedWindow window = (KeyedWindow)
                                    run[0].execution.stages().get(1).window();
                            most.accumulateAndGet(window.keys(), Math::max);
                            return i;
                        })))
                .forEach("b", i -> {}));
        started.countDown();
        run[0].await();
        assertThat(most.get()).isBetween(1, 20 + 32);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    @DisplayName("scenario 40: an item without a key fails, and names the stage")
    void itemWithoutKeyFails(Kind kind) throws InterruptedException {
        PipelineRun<?> failing = runs.start(kind.threads(Pipeline.from(upTo(10)))
                .stage("a", i -> i, kind.options(s -> s.workers(2).orderedBy(i -> i == 5 ? null : i)))
                .forEach("b", i -> {}));
        assertThatThrownBy(failing::await)
                .isInstanceOfSatisfying(PipelineException.class, e -> {
                    assertThat(e.stage()).isEqualTo("a");
                    assertThat(e.position()).isEqualTo(5);
                })
                .hasRootCauseInstanceOf(NullPointerException.class)
                .hasRootCauseMessage("stage 'a': the key is null");

        PipelineRun<List<Integer>> skipping = runs.start(kind.threads(Pipeline.from(upTo(100)))
                .stage(
                        "a",
                        i -> i,
                        kind.options(s -> s.workers(2)
                                .orderedBy(i -> {
                                    if (i % 10 == 0) {
                                        throw new IOException("no key");
                                    }
                                    return i;
                                })
                                .onError(OnError.skip())))
                .collect(Collectors.toList()));
        assertThat(skipping.await()).hasSize(90);
        assertThat(skipping.stats().stages().get(1).skipped()).isEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    void keysWorkInParallel(Kind kind) throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        List<Integer> result = runs.run(kind.threads(Pipeline.from(upTo(2)))
                .stage(
                        "a",
                        i -> {
                            both.countDown();
                            both.await();
                            return i;
                        },
                        kind.options(s -> s.workers(2).orderedBy(i -> i)))
                .collect(Collectors.toList()));
        assertThat(result).containsExactlyInAnyOrder(0, 1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    void keyedSinkCallsInTheOrderOfEachKey(Kind kind) throws InterruptedException {
        List<List<Integer>> seen = IntStream.range(0, 7)
                .<List<Integer>>mapToObj(i -> new ArrayList<>())
                .toList();
        runs.run(kind.threads(Pipeline.from(upTo(20_000)))
                .forEach(
                        "a",
                        i -> seen.get(i % 7).add(i),
                        kind.options(s -> s.workers(4).orderedBy(i -> i % 7))));
        for (int key = 0; key < 7; key++) {
            int of = key;
            assertThat(seen.get(key))
                    .isEqualTo(upTo(20_000).stream().filter(i -> i % 7 == of).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#ofSteps")
    void failureDiscardsWhatWaits(Kind kind) {
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(new Endless()))
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (i == 500) {
                                throw new IOException("500");
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(3).orderedBy(i -> i % 4)))
                .forEach("b", i -> {}));
        assertThatThrownBy(run::await).hasRootCauseMessage("500");
        assertThat(discarded.items()).contains(500).doesNotHaveDuplicates();
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        PipelineBuilder<Integer> builder = Pipeline.from(upTo(1));
        assertThatThrownBy(() -> builder.stage("a", i -> i, s -> s.ordered().orderedBy(i -> i)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not both");
        assertThatThrownBy(() -> builder.stage(
                        "a", i -> i, s -> s.orderedBy(i -> i).perKey(8).window(8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("perKey must be < 8");
        assertThatThrownBy(() -> builder.stage(
                        "a", i -> i, s -> s.orderedBy(i -> i).workers(8).window(8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("window of a stage with 8 workers must be >= 9 but was 8");
        assertThatThrownBy(() -> builder.stage("a", i -> i, s -> s.orderedBy(null)))
                .isInstanceOf(NullPointerException.class);
    }
}
