package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.internal.Threads;
import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stages that get other numbers of workers while they run. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineResizeTest {
    private final Semaphore mayGo = new Semaphore(0);
    private final WorkerPool shared = WorkerPool.of(8);
    /** In which a worker that is called waits for the one that is at work. */
    private final WorkerPool narrow = WorkerPool.of(1);

    /** Before the runs, so that it is closed after them: they may use it. */
    @RegisterExtension
    @Order(1)
    final AfterEachCallback poolsClose = context -> {
        shared.close();
        narrow.close();
    };

    @RegisterExtension
    @Order(2)
    final Runs runs = new Runs();

    @AfterEach
    void letGo() {
        mayGo.release(1_000_000);
    }

    private enum Keeps {
        NONE,
        INPUT,
        KEY
    }

    /** A kind of stage that begins with one worker. */
    private record Kind(String name, ThreadKind threads, Keeps order, Consumer<StageOptions<Integer>> options) {
        @Override
        public String toString() {
            return name + ", " + threads;
        }
    }

    static List<Kind> kinds() {
        Map<String, Consumer<StageOptions<Integer>>> ways = new HashMap<>();
        ways.put("waits", s -> {});
        ways.put("queue of the user's", s -> s.queue(() -> new ArrayBlockingQueue<>(4)));
        ways.put("retries", s -> s.retry(Retry.times(1)));
        Map<Keeps, Consumer<StageOptions<Integer>>> orders = Map.of(
                Keeps.NONE, s -> {},
                Keeps.INPUT, StageOptions::ordered,
                Keeps.KEY, s -> s.orderedBy(i -> i % 8));
        return ThreadKinds.all().stream()
                .flatMap(threads -> ways.entrySet().stream()
                        .flatMap(way -> orders.entrySet().stream()
                                .map(order ->
                                        new Kind(way.getKey() + ", " + order.getKey(), threads, order.getKey(), s -> {
                                            way.getValue().accept(s);
                                            order.getValue().accept(s.resizable());
                                        }))))
                .toList();
    }

    /** Those of {@link #kinds}, and the same in a shared pool. */
    private Stream<Kind> withPool(Kind kind) {
        return Stream.of(kind, in(shared, kind));
    }

    private static Kind in(WorkerPool pool, Kind kind) {
        return new Kind(kind.name + ", pool", kind.threads, kind.order, s -> kind.options.accept(s.pool(pool)));
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /** Counts what it gives while the rest waits for a permit each. */
    private Iterable<Integer> withPermits(int n) {
        return () -> upTo(n).stream().peek(i -> mayGo.acquireUninterruptibly()).iterator();
    }

    private static List<Thread> alive(PipelineRun<?> run) {
        return run.execution.threads().stream()
                .filter(thread -> thread.getName().contains("-a-") && thread.isAlive())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void nothingIsLostAndTheOrderKeptWhileTheNumberChanges(Kind own) throws Exception {
        int n = Rounds.of(200_000);
        Stream.concat(withPool(own), Stream.of(in(narrow, own))).forEach(kind -> {
            PipelineRun<List<Integer>> run = runs.start(Shape.threads(kind.threads, Pipeline.from(upTo(n)))
                    .stage("a", i -> i, kind.options)
                    .collect(Collectors.toList()));
            Random random = new Random(n);
            PipelineRun.Stage stage = run.stage("a");
            while (!run.result().isDone()) {
                stage.resize(1 + random.nextInt(8));
            }
            List<Integer> result = run.result().join();
            switch (kind.order) {
                case INPUT -> assertThat(result).isEqualTo(upTo(n));
                case KEY -> {
                    assertThat(result).hasSize(n);
                    Map<Integer, List<Integer>> byKey = result.stream().collect(Collectors.groupingBy(i -> i % 8));
                    byKey.values().forEach(each -> assertThat(each).isSorted());
                }
                case NONE -> assertThat(result).containsExactlyInAnyOrderElementsOf(upTo(n));
            }
            runs.settle(run);
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void newWorkersWorkBesideTheFirst(Kind own) {
        withPool(own).forEach(kind -> {
            CountDownLatch together = new CountDownLatch(5);
            PipelineRun<List<Integer>> run = runs.start(Shape.threads(kind.threads, Pipeline.from(upTo(20)))
                    .stage(
                            "a",
                            i -> {
                                together.countDown();
                                assertThat(together.await(30, TimeUnit.SECONDS)).isTrue();
                                return i;
                            },
                            kind.options)
                    .collect(Collectors.toList()));
            run.stage("a").resize(3);
            run.stage("a").resize(5);
            assertThat(run.stats().stages().get(1).workers()).isEqualTo(5);
            assertThat(run.result().join()).containsExactlyInAnyOrderElementsOf(upTo(20));
            runs.settle(run);
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void workersThatAreTooManyEndThoughNothingComes(Kind kind) throws InterruptedException {
        PipelineRun<List<Integer>> run = runs.start(Shape.threads(kind.threads, Pipeline.from(withPermits(100)))
                .stage("a", i -> i, kind.options)
                .collect(Collectors.toList()));
        PipelineRun.Stage stage = run.stage("a");
        for (int round = 0; round < 3; round++) {
            stage.resize(6);
            mayGo.release(20);
            soon().until(() -> run.stats().stages().get(1).completed() % 20 == 0
                    && alive(run).size() == 6
                    && alive(run).stream()
                            .allMatch(thread -> thread.getState() == Thread.State.WAITING
                                    || thread.getState() == Thread.State.TIMED_WAITING));
            stage.resize(2);
            soon().until(() -> alive(run).size() == 2);
            assertThat(stage).hasToString("Stage[a, workers 2]");
        }
        mayGo.release(40);
        assertThat(run.await()).containsExactlyInAnyOrderElementsOf(upTo(100));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void workersThatAreTooManyFinishWhatTheyHaveInHand(Kind own) {
        withPool(own).forEach(kind -> {
            CountDownLatch atWork = new CountDownLatch(4);
            AtomicInteger begun = new AtomicInteger();
            AtomicInteger working = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            AtomicBoolean interrupted = new AtomicBoolean();
            PipelineRun<List<Integer>> run = runs.start(Shape.threads(kind.threads, Pipeline.from(upTo(100)))
                    .stage(
                            "a",
                            i -> {
                                begun.incrementAndGet();
                                most.accumulateAndGet(working.incrementAndGet(), Math::max);
                                atWork.countDown();
                                if (!mayGo.tryAcquire(30, TimeUnit.SECONDS) || Thread.interrupted()) {
                                    interrupted.set(true);
                                }
                                working.decrementAndGet();
                                return i;
                            },
                            kind.options)
                    .collect(Collectors.toList()));
            run.stage("a").resize(4);
            soon().until(() -> atWork.getCount() == 0);
            run.stage("a").resize(2);
            assertThat(working).hasValue(4);
            // The first two that finish leave, and the others are no more than are to be.
            mayGo.release(4);
            soon().until(() -> begun.get() == 6 && working.get() == 2);
            most.set(0);
            mayGo.release(96);
            assertThat(run.result().join()).containsExactlyInAnyOrderElementsOf(upTo(100));
            assertThat(most).hasValueLessThanOrEqualTo(2);
            assertThat(interrupted).isFalse();
            runs.settle(run);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void numberChangesUntilTheRunHasEndedOrIsCancelled(ThreadKind kind) throws Exception {
        for (int round = 0; round < Rounds.of(5_000); round++) {
            boolean cancels = round % 2 == 0;
            PipelineRun<Void> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(10)))
                    .stage("a", i -> i, StageOptions::resizable)
                    .forEach("b", i -> {}, s -> s.workers(2)));
            Crew crew = new Crew(kind);
            for (String stage : List.of("a", "b")) {
                crew.run(() -> {
                    for (int i = 1; i <= 6; i++) {
                        run.stage(stage).resize(i % 4 + 1);
                    }
                });
            }
            if (cancels) {
                run.cancel();
            }
            crew.close();
            runs.settle(run);
            run.stage("a").resize(3);
            assertThat(run.execution.threads()).noneMatch(Thread::isAlive);
        }
    }

    @Test
    void thoseWhoHaveLeftAreForgottenButForTheirNumbers() throws InterruptedException {
        PipelineRun<List<Integer>> run = runs.start(Pipeline.from(withPermits(100))
                .stage("a", i -> i, StageOptions::resizable)
                .collect(Collectors.toList()));
        for (int i = 0; i < 100; i++) {
            run.stage("a").resize(5);
            run.stage("a").resize(1);
            soon().until(() -> alive(run).size() == 1);
        }
        run.stage("a").resize(2);
        assertThat(run.execution.threads()).hasSizeLessThan(10);
        mayGo.release(100);
        assertThat(run.await()).containsExactlyInAnyOrderElementsOf(upTo(100));
        assertThat(run.stats().stages().get(1).completed()).isEqualTo(100);
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.busy() + stage.starved() + stage.blocked()).isBetween(0.0, 1.01);
    }

    /** Stage {@code a} gets {@code left} threads, and no more. */
    private static ThreadFactory threadsWhileThereAre(AtomicInteger left, String prefix) {
        ThreadFactory threads = Threads.platform(prefix, true);
        return task -> {
            if (prefix.contains("-a-") && left.getAndDecrement() <= 0) {
                throw new OutOfMemoryError("no more threads");
            }
            return threads.newThread(task);
        };
    }

    @Test
    void threadThatCannotBeHadIsToldAndTheRestGoesOn() throws InterruptedException {
        AtomicInteger left = new AtomicInteger(4);
        Pipeline<List<Integer>> pipeline = new PipelineBuilder<Integer>(Pipeline.from(withPermits(100))
                        .definition()
                        .threads(prefix -> threadsWhileThereAre(left, prefix)))
                .stage("a", i -> i, s -> s.workers(2))
                .collect(Collectors.toList());
        PipelineRun<List<Integer>> run = runs.start(pipeline);
        assertThatThrownBy(() -> run.stage("a").resize(7))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("stage 'a' got no thread for another worker")
                .hasRootCauseMessage("no more threads");
        assertThat(run.stats().stages().get(1).workers()).isEqualTo(4);
        mayGo.release(50);
        run.stage("a").resize(1);
        mayGo.release(50);
        assertThat(run.await()).containsExactlyInAnyOrderElementsOf(upTo(100));
    }

    @Test
    @DisplayName("promise 8: when all others have left for a worker that then gets no thread, the run fails")
    void runFailsWhenNobodyIsLeft() {
        AtomicBoolean hires = new AtomicBoolean();
        AtomicReference<PipelineRun<?>> started = new AtomicReference<>();
        Function<String, ThreadFactory> factories = prefix -> {
            ThreadFactory threads = Threads.platform(prefix, true);
            return task -> {
                if (prefix.contains("-a-") && hires.get()) {
                    started.get().stage("a").resize(1);
                    soon().until(() -> alive(started.get()).isEmpty());
                    throw new OutOfMemoryError("no more threads");
                }
                return threads.newThread(task);
            };
        };
        PipelineRun<?> run = runs.start(new PipelineBuilder<Integer>(
                        Pipeline.from(withPermits(1)).definition().threads(factories))
                .stage("a", i -> i, StageOptions::resizable)
                .forEach("b", i -> {}));
        started.set(run);
        hires.set(true);
        assertThatThrownBy(() -> run.stage("a").resize(2)).hasRootCauseMessage("no more threads");
        mayGo.release();
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("'a'")
                .hasRootCauseMessage("no more threads");
    }

    @Test
    void whoIsHiredCountsFromThenOn() {
        PipelineRun<?> run = runs.start(Pipeline.from(withPermits(1))
                .stage("a", i -> i, StageOptions::resizable)
                .forEach("b", i -> {}));
        long before = System.nanoTime();
        run.stage("a").resize(2);
        long now = System.nanoTime();
        List<Hand> hands = run.execution.stage("a").workers();
        long hour = TimeUnit.HOURS.toNanos(1);
        assertThat(hands.get(0).meter().presence(now, hour)).isEqualTo(hour);
        assertThat(hands.get(1).meter().presence(now, hour)).isBetween(0L, now - before);
    }

    @Test
    @DisplayName(
            "promise 5: a worker that gets no thread takes nothing upon itself, whatever there is to do at that moment")
    void workerWithoutAThreadDoesNotPut() throws Exception {
        AtomicInteger left = new AtomicInteger(1);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch isAt2 = new CountDownLatch(1);
        PipelineRun<List<Integer>> run = runs.start(new PipelineBuilder<Integer>(Pipeline.from(withPermits(4))
                        .definition()
                        .threads(prefix -> threadsWhileThereAre(left, prefix)))
                .stage(
                        "a",
                        i -> {
                            if (i == 2) {
                                isAt2.countDown();
                                never.await();
                            }
                            return i;
                        },
                        s -> s.resizable().ordered().window(4).retry(Retry.times(1)))
                .stage(
                        "b",
                        i -> {
                            never.await();
                            return i;
                        },
                        s -> s.capacity(1))
                .collect(Collectors.toList()));
        mayGo.release(4);
        isAt2.await();
        // 0 is in b and 1 waits for it: there is no room. 2 gives a result, which its worker is about to put.
        StageRun stage = run.execution.stage("a");
        soon().until(() -> run.stats().stages().get(1).completed() == 2);
        Field inOrder = OrderedWindow.class.getDeclaredField("inOrder");
        inOrder.setAccessible(true);
        Method add = OrderedWindow.class.getDeclaredMethod("add", Work.class, Object.class);
        add.setAccessible(true);
        Object head = ((Deque<?>) inOrder.get(stage.window())).peek();
        assertThat(add.invoke(stage.window(), head, 2)).isEqualTo(true);
        assertThatThrownBy(() -> run.stage("a").resize(2)).isInstanceOf(IllegalStateException.class);
        assertThat(stage.workers()).hasSize(1);
        run.cancel();
        runs.settle(run);
    }

    @Test
    void numberThatCannotBeIsRefused() {
        PipelineRun<Void> run = runs.start(Pipeline.from(withPermits(1))
                .stage("one", i -> i)
                .stage("ordered", i -> i, s -> s.workers(2).ordered().window(4))
                .forEach("sink", i -> {}, s -> s.workers(2)));
        assertThatThrownBy(() -> run.stage("two"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name must be that of a stage, [source, one, ordered, sink], but was 'two'");
        assertThatThrownBy(() -> run.stage("sink").resize(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("workers must be >= 1 but was 0");
        assertThatThrownBy(() -> run.stage("ordered").resize(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("workers must be < 4, the window of stage 'ordered', but was 4");
        for (String name : List.of("source", "one")) {
            assertThatThrownBy(() -> run.stage(name).resize(2))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("stage '" + name + "' is made for one worker");
        }
        run.stage("sink").resize(50);
        assertThat(run.stats().stages().get(3).workers()).isEqualTo(50);
        assertThatThrownBy(() -> Pipeline.from(upTo(1))
                        .forEach("x", i -> {}, s -> s.ordered().resizable()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("('x')");
        mayGo.release();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoLeavesGivesItsPlaceInTheWindowBack(ThreadKind kind) throws InterruptedException {
        int rounds = 5;
        AtomicInteger in = new AtomicInteger();
        LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.fromQueue(queue, -1))
                .stage(
                        "a",
                        i -> {
                            in.incrementAndGet();
                            mayGo.acquire();
                            return i;
                        },
                        // One place more than workers: two that are lost stop the second worker.
                        s -> s.workers(2).ordered().window(3))
                .forEach("b", i -> {}));
        for (int round = 1; round <= rounds; round++) {
            queue.addAll(upTo(2));
            int begun = 2 * round;
            soon().until(() -> in.get() == begun);
            run.stage("a").resize(1);
            mayGo.release(2);
            soon().until(() -> run.stats().stages().get(1).completed() == begun);
            soon().until(() -> alive(run).size() == 1);
            run.stage("a").resize(2);
        }
        queue.add(-1);
        run.await();
    }
}
