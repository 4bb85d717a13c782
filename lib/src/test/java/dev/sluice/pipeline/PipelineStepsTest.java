package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scenarios of stages whose workers wait, for those whose workers are steps: in a shared pool, and in threads of their own. */
@Timeout(60)
@ExtendWith(NoThreadLeaks.class)
class PipelineStepsTest {
    private static final List<Consumer<StageOptions<Integer>>> ORDERS =
            List.of(s -> {}, StageOptions::ordered, s -> s.orderedBy(i -> i % 3));

    private final List<WorkerPool> pools = new ArrayList<>();

    /** Before the runs, so that they are closed after them. */
    @RegisterExtension
    @Order(1)
    final AfterEachCallback poolsClose = context -> pools.forEach(WorkerPool::close);

    @RegisterExtension
    @Order(2)
    final Runs runs = new Runs();

    private record Steps(ThreadKind kind, boolean pooled) {
        @Override
        public String toString() {
            return (pooled ? "pool of " : "own ") + kind;
        }
    }

    static List<Steps> all() {
        return ThreadKinds.all().stream()
                .flatMap(kind -> Stream.of(new Steps(kind, true), new Steps(kind, false)))
                .toList();
    }

    /** Has a stage be stepped. */
    private Consumer<StageOptions<Integer>> stepped(Steps steps) {
        if (!steps.pooled) {
            return s -> s.retry(Retry.times(1));
        }
        WorkerPool.Builder builder = WorkerPool.builder().workers(6);
        WorkerPool pool = steps.kind.isVirtual() ? builder.virtualThreads().build() : builder.build();
        pools.add(pool);
        return s -> s.pool(pool);
    }

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

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 31: the consumer dies, the producers that wait for room are freed")
    void freesTheProducersOfAConsumerThatFails(Steps steps) throws InterruptedException {
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        for (Consumer<StageOptions<Integer>> order : ORDERS) {
            Discarded discarded = new Discarded();
            PipelineRun<?> run = runs.start(Shape.threads(steps.kind, Pipeline.from(new Endless()))
                    .onDiscard(discarded)
                    .stage(
                            "a",
                            i -> i,
                            stepped.andThen(order).andThen(s -> s.workers(3).capacity(1)))
                    .forEach(
                            "write",
                            i -> {
                                if (i == 5) {
                                    throw new IOException("disk full");
                                }
                            },
                            stepped.andThen(s -> s.capacity(1))));
            PipelineException failure = failureOf(run);
            assertThat(failure.stage()).isEqualTo("write");
            assertThat(failure).hasRootCauseMessage("disk full");
            runs.settle(run);
            assertThat(discarded.items()).contains(5).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 35: every item fails under skip()")
    void endsWhenEveryItemIsSkipped(Steps steps) throws InterruptedException {
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        int p = 4;
        for (Consumer<StageOptions<Integer>> order : ORDERS) {
            for (int n : new int[] {1, p, p + 1, 10 * p}) {
                PipelineRun<List<Object>> run = runs.start(Shape.threads(steps.kind, Pipeline.from(upTo(n)))
                        .stage(
                                "bad",
                                i -> {
                                    throw new IOException();
                                },
                                stepped.andThen(order).andThen(s -> s.workers(p).onError(OnError.skip())))
                        .collect(Collectors.toList()));
                assertThat(run.await()).isEmpty();
                assertThat(run.stats().stages().get(1).skipped()).isEqualTo(n);
                runs.settle(run);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 36: the last item's failure races the end of the input: always failed, one terminal signal")
    @Timeout(1200)
    void failsWhenTheLastItemFails(Steps steps) throws InterruptedException {
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        AtomicInteger ends = new AtomicInteger();
        for (int round = 0; round < Rounds.of(20_000); round++) {
            PipelineRun<?> run = runs.start(Shape.threads(steps.kind, Pipeline.from(upTo(4)))
                    .stage(
                            "bad",
                            i -> {
                                if (i == 3) {
                                    throw new IOException();
                                }
                                return i;
                            },
                            stepped.andThen(ORDERS.get(round % 3)).andThen(s -> s.workers(3)))
                    .collect(Collector.of(ArrayList::new, ArrayList::add, (a, b) -> a, a -> ends.incrementAndGet())));
            AtomicInteger completions = new AtomicInteger();
            run.result().whenComplete((r, e) -> completions.incrementAndGet());
            assertThat(failureOf(run).stage()).isEqualTo("bad");
            runs.settle(run);
            assertThat(completions).hasValue(1);
        }
        assertThat(ends).as("the finisher of a failed run is not called").hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 37: failNow() does not wait for a slow head and interrupts it")
    void failNowInterruptsASlowHead(Steps steps) throws InterruptedException {
        CountDownLatch headIsIn = new CountDownLatch(1);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        List<Integer> written = Collections.synchronizedList(new ArrayList<>());
        PipelineRun<?> run = runs.start(Shape.threads(steps.kind, Pipeline.from(upTo(100)))
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
                        stepped(steps).andThen(s -> s.workers(4).ordered().onError(OnError.failNow())))
                .forEach("write", written::add));
        assertThat(failureOf(run).position()).isEqualTo(1);
        assertThat(seen.get()).isInstanceOf(InterruptedException.class);
        assertThat(written).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 37: fail() delivers a slow head first, and calls off what comes after the failed item")
    void failDeliversASlowHeadFirst(Steps steps) throws InterruptedException {
        CountDownLatch laterIsIn = new CountDownLatch(1);
        CountDownLatch laterIsOut = new CountDownLatch(1);
        List<Integer> written = new ArrayList<>();
        PipelineRun<?> run = runs.start(Shape.threads(steps.kind, Pipeline.from(upTo(3)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
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
                        stepped(steps).andThen(s -> s.workers(3).ordered()))
                .forEach("write", written::add));
        assertThat(failureOf(run).position()).isEqualTo(1);
        assertThat(written).containsExactly(0);
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 38: the head is blocked: what is retained stays within the window and the capacities")
    void retainsNoMoreThanTheWindow(Steps steps) {
        int window = 16;
        int capacity = 4;
        AtomicInteger read = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        PipelineRun<?> run = runs.start(Shape.threads(steps.kind, Pipeline.from(new Endless()))
                .peek(i -> read.incrementAndGet())
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                new CountDownLatch(1).await();
                            }
                            done.incrementAndGet();
                            return i;
                        },
                        stepped(steps)
                                .andThen(s ->
                                        s.workers(4).ordered().window(window).capacity(capacity)))
                .forEach("write", i -> {}));
        await().until(() -> done.get() == window - 1 && read.get() == window + capacity + 1);
        Thread source = run.execution.threads().stream()
                .filter(thread -> thread.getName().contains("-source-"))
                .findFirst()
                .orElseThrow();
        dev.sluice.testing.Waiting.untilWaiting(source);
        assertThat(done).hasValue(window - 1);
        assertThat(read).hasValue(window + capacity + 1);
        assertThat(run.stats().stages().get(1).inFlight()).isEqualTo(window);
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 39: an ordered stage keeps the order, competing workers, bounded target, many small runs")
    @Timeout(1200)
    void keepsTheOrder(Steps steps) throws InterruptedException {
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        for (int round = 0; round < Rounds.of(25_000); round++) {
            int workers = 2 + round % 4;
            int window = workers + 1 + round % 3;
            int capacity = 1 + round % 2;
            int most = round % 5 == 0 ? 1 : 3;
            List<Integer> result = runs.run(Shape.threads(steps.kind, Pipeline.from(upTo(30)))
                    .stage(
                            "a",
                            i -> i,
                            stepped.andThen(s ->
                                    s.workers(workers).ordered().window(window).capacity(capacity)))
                    .filter(i -> i % 5 != 0)
                    .flatMap(i -> Collections.nCopies(i % most == 0 ? most : 1, i))
                    .stage(
                            "b",
                            i -> i,
                            stepped.andThen(s -> s.capacity(capacity).ordered()))
                    .collect(Collectors.toList()));
            assertThat(result)
                    .isEqualTo(upTo(30).stream()
                            .filter(i -> i % 5 != 0)
                            .flatMap(i -> Collections.nCopies(i % most == 0 ? most : 1, i).stream())
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 41: nothing stays in flight that is tried again, skipped or takes too long")
    @Timeout(1200)
    void nothingStaysInFlight(Steps steps) throws InterruptedException {
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        int n = Rounds.of(100_000);
        for (Consumer<StageOptions<Integer>> order : ORDERS) {
            Set<Integer> tried = ConcurrentHashMap.newKeySet();
            PipelineRun<List<Integer>> run = runs.start(Shape.threads(steps.kind, Pipeline.from(upTo(n)))
                    .stage(
                            "a",
                            i -> {
                                if (i % 4 == 1 && tried.add(i) || i % 4 == 2) {
                                    throw new IOException();
                                }
                                if (i % 500 == 3) {
                                    new CountDownLatch(1).await();
                                }
                                return i;
                            },
                            // So small that what stayed in it would stop the stage.
                            stepped.andThen(order)
                                    .andThen(s -> s.workers(3)
                                            .window(5)
                                            .retry(Retry.times(1))
                                            .timeLimit(Duration.ofMillis(20))
                                            .onError(OnError.skip())))
                    .collect(Collectors.toList()));
            assertThat(run.await()).filteredOn(i -> i % 4 == 2).isEmpty();
            StageStats stage = run.stats().stages().get(1);
            assertThat(stage.inFlight()).isZero();
            assertThat(stage.completed() + stage.skipped()).isEqualTo(n);
            assertThat(stage.retried()).isGreaterThanOrEqualTo(n / 2);
            runs.settle(run);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 45: the caller of run() is interrupted")
    void runIsInterrupted(Steps steps) throws Exception {
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch out = new CountDownLatch(1);
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        Pipeline<?> pipeline = Shape.threads(steps.kind, Pipeline.from(new Endless()))
                .stage("a", i -> i, stepped.andThen(s -> s.workers(4).ordered()))
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
                        stepped);
        try (Crew crew = new Crew(steps.kind)) {
            Crew.Member<Void> caller = crew.run(() -> {
                assertThatThrownBy(pipeline::run).isInstanceOf(InterruptedException.class);
                assertThat(out.getCount()).as("work in flight is joined").isZero();
            });
            in.await();
            caller.interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 46: cancel against a run in motion, with full queues and many consumers, twice")
    @Timeout(1200)
    void cancelRacesTheRun(Steps steps) {
        Consumer<StageOptions<Integer>> stepped = stepped(steps);
        for (int round = 0; round < Rounds.of(20_000); round++) {
            PipelineRun<?> run = runs.start(Shape.threads(steps.kind, Pipeline.from(upTo(50)))
                    .stage(
                            "a",
                            i -> i,
                            stepped.andThen(ORDERS.get(round % 3))
                                    .andThen(s -> s.workers(3).capacity(1).window(5)))
                    .stage("b", i -> i, stepped.andThen(s -> s.workers(3).capacity(1)))
                    .forEach("c", i -> {}, stepped.andThen(s -> s.workers(2).capacity(1))));
            int spins = round % 100 * 20;
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            run.cancel();
            run.cancel();
            runs.settle(run);
        }
    }
}
