package dev.sluice.pipeline;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sources that are told what became of their items. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineSourceTest {
    @RegisterExtension
    final Runs runs = new Runs();

    static List<ThreadKind> kinds() {
        return ThreadKinds.all();
    }

    static List<Shape> shapes() {
        return Shape.all();
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void itemIsAcknowledgedWhenTheSinkHasReturned(Shape shape) throws InterruptedException {
        Told source = new Told(2000);
        Pipeline<Void> pipeline = shape.threads(Pipeline.fromSource(source))
                .stage("work", i -> i, shape.options(s -> s.capacity(3)))
                .forEach("sink", i -> assertThat(source.acked()).doesNotContain(i));

        runs.run(pipeline);

        source.assertComplete();
        assertThat(source.nacked()).isEmpty();
    }

    /** Gives an item when the one before it has been acknowledged. */
    private static final class OneByOne extends Told {
        private final Semaphore done = new Semaphore(1);

        OneByOne(int count) {
            super(count);
        }

        @Override
        public @Nullable Integer next() throws Exception {
            assertThat(done.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            return super.next();
        }

        @Override
        public void ack(Integer item) throws Exception {
            super.ack(item);
            done.release();
        }
    }

    static Stream<Arguments> shapesAndKinds() {
        List<Consumer<StageOptions<Integer>>> kinds =
                List.of(s -> {}, s -> s.retry(Retry.times(1)), s -> s.timeLimit(Duration.ofHours(1)));
        return shapes().stream().flatMap(shape -> kinds.stream().map(kind -> Arguments.of(shape, kind)));
    }

    @ParameterizedTest
    @MethodSource("shapesAndKinds")
    @DisplayName("promise 8: an item is acknowledged as soon as it is done, whether another one comes or not")
    void acknowledgementWaitsForNoOtherItem(Shape shape, Consumer<StageOptions<Integer>> kind)
            throws InterruptedException {
        Told source = new OneByOne(10);
        runs.run(shape.threads(Pipeline.fromSource(source))
                .stage("work", i -> i, shape.options(kind))
                .filter(i -> i % 2 == 0)
                .forEach("sink", i -> {}, kind));
        source.assertComplete();
        assertThat(source.nacked()).isEmpty();
    }

    @Test
    void itemOfWhichNothingIsMadeIsAcknowledged() throws InterruptedException {
        Told source = new Told(100);
        runs.run(Pipeline.fromSource(source)
                .filter(i -> i % 2 == 0)
                .stage("half", i -> i)
                .flatMap(i -> i % 4 == 0 ? List.of() : List.of(i))
                .forEach("sink", i -> {}));
        source.assertComplete();
        assertThat(source.nacked()).isEmpty();
    }

    @Test
    void itemIsAcknowledgedWhenAllThatWasMadeFromItIsDone() throws InterruptedException {
        Told source = new Told(500);
        int[] seen = new int[500];
        FanOut<Integer> copies = Pipeline.fromSource(source)
                .flatMap(i -> List.of(i, i, i))
                .stage("three", i -> i)
                .fanOut("copies", Route.broadcast());
        Pipeline<Void> pipeline = Pipeline.merge(
                        copies.branch().stage("left", i -> i, s -> s.workers(3).ordered()), copies.branch())
                .forEach("sink", i -> {
                    assertThat(source.acked()).doesNotContain(i);
                    seen[i]++;
                });

        runs.run(pipeline);

        source.assertComplete();
        assertThat(source.acked()).hasSize(500);
        assertThat(seen).containsOnly(6);
    }

    @Test
    void itemsOfABatchAreAcknowledgedWithIt() throws InterruptedException {
        Told source = new Told(105);
        CountDownLatch last = new CountDownLatch(1);
        runs.run(Pipeline.fromSource(source).batch(10, Duration.ofDays(1)).forEach("sink", list -> {
            assertThat(source.acked()).doesNotContainAnyElementsOf(list);
            if (list.size() == 5) {
                last.countDown();
            }
        }));
        assertThat(last.getCount()).isZero();
        source.assertComplete();
        assertThat(source.acked()).hasSize(105);
    }

    @Test
    void itemOfAFailedBatchIsRefused() throws InterruptedException {
        Told source = new Told(40);
        runs.run(Pipeline.fromSource(source)
                .batch(10, Duration.ofDays(1))
                .forEach(
                        "sink",
                        list -> {
                            if (list.contains(12)) {
                                throw new IllegalStateException("twelve");
                            }
                        },
                        s -> s.onError(OnError.skip())));
        source.assertComplete();
        assertThat(source.nacked().keySet()).containsExactlyInAnyOrderElementsOf(range(10, 20));
        assertThat(source.nacked().values())
                .allSatisfy(reason -> assertThat(reason).hasMessage("twelve"));
    }

    @Test
    void skippedItemIsRefusedAndDeadLetterIsAcknowledged() throws InterruptedException {
        Told source = new Told(100);
        BlockingQueue<DeadLetter> letters = new LinkedBlockingQueue<>();
        runs.run(Pipeline.fromSource(source)
                .stage(
                        "skip",
                        i -> {
                            if (i == 30) {
                                throw new IllegalStateException("thirty");
                            }
                            return i;
                        },
                        s -> s.onError(OnError.skip()))
                .stage(
                        "letter",
                        i -> {
                            if (i == 40) {
                                throw new IllegalStateException("forty");
                            }
                            return i;
                        },
                        s -> s.onError(OnError.deadLetter(letters::add)))
                .forEach("sink", i -> {}));
        source.assertComplete();
        assertThat(source.nacked()).containsOnlyKeys(30);
        assertThat(source.nacked().get(30)).hasMessage("thirty");
        assertThat(letters)
                .singleElement()
                .satisfies(letter -> assertThat(letter.item()).isEqualTo(40));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void failureRefusesWhatIsNotDone(Shape shape) throws InterruptedException {
        Told source = new Told(10_000);
        Discarded discarded = new Discarded();
        Pipeline<Void> pipeline = shape.threads(Pipeline.fromSource(source))
                .onDiscard(discarded)
                .stage(
                        "work",
                        i -> {
                            if (i == 500) {
                                throw new IllegalStateException("work");
                            }
                            return i;
                        },
                        shape.options(s -> s.capacity(10)))
                .forEach("sink", i -> {});

        assertThatThrownBy(() -> runs.run(pipeline)).hasMessageContaining("work");

        source.assertComplete();
        assertThat(source.nacked().get(500)).isInstanceOf(IllegalStateException.class);
        assertThat(source.nacked().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        discarded.items().stream().map(Integer.class::cast).toList());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void collectedItemIsAcknowledgedWhenTheFinisherHasReturned(ThreadKind kind) throws InterruptedException {
        Told source = new Told(100);
        runs.run(Shape.threads(kind, Pipeline.fromSource(source)).collect(collectingAndThen(toList(), list -> {
            assertThat(source.acked()).isEmpty();
            return list;
        })));
        source.assertComplete();
        assertThat(source.acked()).hasSize(100);
    }

    @Test
    void collectedItemIsRefusedWhenTheFinisherFails() {
        Told source = new Told(100);
        assertThatThrownBy(() -> runs.run(Pipeline.fromSource(source).collect(collectingAndThen(toList(), list -> {
                    throw new IllegalStateException("finisher");
                }))))
                .hasMessageContaining("finisher");
        source.assertComplete();
        assertThat(source.nacked()).hasSize(100);
    }

    @Test
    void itemIsAcknowledgedWhenItHasBeenPut() throws InterruptedException {
        Told source = new Told(100);
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(100);
        Integer end = Integer.valueOf(1_000_000);
        PipelineRun<Void> run = runs.start(Pipeline.fromSource(source).toQueue(queue, end));
        for (int i = 0; i < 50; i++) {
            assertThat(queue.take()).isEqualTo(i);
        }
        run.await();
        source.assertComplete();
        assertThat(source.acked()).hasSize(100);
        assertThat(queue).hasSize(51).endsWith(end);
    }

    @Test
    @DisplayName("scenario 43: what the reader has not read is refused when he walks away")
    void whatIsNotReadIsRefused() throws InterruptedException {
        Told source = new Told(10_000);
        try (ItemIterator<Integer> items = runs.start(
                        Pipeline.fromSource(source).stage("a", i -> i).iterator())
                .await()) {
            assertThat(items.next()).isZero();
            // The stage, too, has its part in the item until it has come back from handing it on.
            await().untilAsserted(() -> assertThat(source.acked()).containsExactly(0));
        }
        source.assertComplete();
        assertThat(source.acked()).containsExactly(0);
        assertThat(source.nacked().values())
                .allSatisfy(reason -> assertThat(reason).isInstanceOf(CancellationException.class));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @DisplayName("scenario 47: a source that blocks in user code is stopped by a cancel, and closed last")
    void blockedSourceIsStopped(ThreadKind kind) throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Told source = new Told(5) {
            @Override
            public Integer next() throws Exception {
                Integer item = super.next();
                if (item == null) {
                    blocked.countDown();
                    never.await();
                }
                return item;
            }
        };
        PipelineRun<Void> run =
                runs.start(Shape.threads(kind, Pipeline.fromSource(source)).forEach("sink", i -> {}));
        blocked.await();
        run.close();
        source.assertComplete();
    }

    @Test
    @DisplayName("scenario 50: ack and nack that throw stop nothing")
    void acknowledgementThatThrowsStopsNothing() throws InterruptedException {
        Told source = new Told(100) {
            @Override
            public void ack(Integer item) throws Exception {
                super.ack(item);
                throw new IllegalStateException("ack");
            }
        };
        runs.run(Pipeline.fromSource(source).forEach("sink", i -> {}));
        source.assertComplete();
    }

    @Test
    void closeThatThrowsFailsTheRun() {
        Told source = new Told(3) {
            @Override
            public void close() {
                super.close();
                throw new IllegalStateException("close");
            }
        };
        assertThatThrownBy(() -> runs.run(Pipeline.fromSource(source).forEach("sink", i -> {})))
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("stage 'source'")
                .hasMessageContaining("close");
    }

    @Test
    @DisplayName("scenario 51: a Source is read by one run")
    void sourceIsReadByOneRun() throws InterruptedException {
        Pipeline<Void> pipeline = Pipeline.fromSource(new Told(3)).forEach("sink", i -> {});
        runs.run(pipeline);
        assertThatThrownBy(pipeline::start).hasMessage("the source is a Source and has been read by another run");
    }

    @Test
    void queueOfTheUsersIsRefused() {
        PipelineBuilder<Integer> builder =
                Pipeline.fromSource(new Told(3)).stage("a", i -> i, s -> s.queue(LinkedBlockingQueue::new));
        assertThatThrownBy(() -> builder.forEach("sink", i -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("queue of stage 'a' must not be set in a pipeline that reads a Source");
    }

    @Test
    void sourcesOfBothKindsMeet() throws InterruptedException {
        Told source = new Told(100);
        List<Integer> items = runs.run(Pipeline.merge(Pipeline.fromSource(source), Pipeline.from(range(100, 200)))
                .batch(7, Duration.ZERO)
                .flatMap(list -> list)
                .collect(toList()));
        assertThat(items).containsExactlyInAnyOrderElementsOf(range(0, 200));
        source.assertComplete();
        assertThat(source.acked()).hasSize(100);
    }

    @Test
    void keyedStageThatTriesAgainTellsOfEachItemOnce() throws InterruptedException {
        Told source = new Told(1000);
        Set<Integer> failedOnce = ConcurrentHashMap.newKeySet();
        try (WorkerPool pool = WorkerPool.of(2)) {
            runs.run(Pipeline.fromSource(source)
                    .stage(
                            "keyed",
                            i -> {
                                if (i % 10 == 3 && failedOnce.add(i)) {
                                    throw new IllegalStateException("once");
                                }
                                if (i % 100 == 7) {
                                    throw new IllegalStateException("always");
                                }
                                return i;
                            },
                            s -> s.orderedBy(i -> i % 7)
                                    .workers(3)
                                    .pool(pool)
                                    .retry(Retry.times(1))
                                    .onError(OnError.skip()))
                    .forEach("sink", i -> assertThat(source.acked()).doesNotContain(i)));
        }
        source.assertComplete();
        assertThat(source.nacked()).hasSize(10);
        assertThat(source.nacked().values())
                .allSatisfy(reason -> assertThat(reason).hasMessage("always"));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("promise 2: what was dead-lettered is refused when a result that it gave before is lost in a window")
    void deadLetterWhoseResultIsLostInAWindowIsRefused(Kind kind) throws InterruptedException {
        Told source = new Told(4);
        CountDownLatch lettered = new CountDownLatch(1);
        CountDownLatch passed = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        // One worker stays at 0; the other is done with 1, which has given a result, and with 2 when it begins with 3.
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.fromSource(source))
                .onDiscard((item, stage, reason) -> {})
                .peek(i -> {
                    if (i == 3) {
                        lettered.await();
                    }
                })
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                never.await();
                            } else if (i == 3) {
                                passed.countDown();
                                never.await();
                            }
                            return i;
                        },
                        kind.options(s ->
                                s.workers(2).ordered().onError(OnError.deadLetter(letter -> lettered.countDown()))))
                .filter(i -> i != 2)
                .flatMap(i -> List.of(10 * i, 10 * i + 1))
                .peek(i -> {
                    if (i == 11) {
                        throw new IllegalStateException("eleven");
                    }
                })
                .forEach("write", i -> {}));
        passed.await();
        run.cancel();
        runs.settle(run);
        source.assertComplete();
        assertThat(source.acked()).containsExactly(2);
        assertThat(source.nacked()).containsOnlyKeys(0, 1, 3);
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.deadLettered()).isEqualTo(1);
        assertThat(stage.discarded()).isEqualTo(2);
    }

    @Test
    void everyItemIsToldOfOnceWhateverHappens() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < Rounds.of(5000); round++) {
            int failAt = random.nextInt(400);
            int cancelAt = random.nextInt(400);
            int kind = random.nextInt(4);
            Told source = new Told(200);
            CountDownLatch reached = new CountDownLatch(1);
            FanOut<Integer> fork = Pipeline.fromSource(source)
                    .stage(
                            "first",
                            i -> {
                                if (i == cancelAt) {
                                    reached.countDown();
                                }
                                if (i == failAt) {
                                    throw new IllegalStateException("fail");
                                }
                                return i;
                            },
                            s -> {
                                s.workers(1 + kind).capacity(5);
                                if (kind % 2 == 1) {
                                    s.ordered();
                                }
                                s.onError(kind == 2 ? OnError.skip() : kind == 3 ? OnError.failNow() : OnError.fail());
                            })
                    .flatMap(i -> i % 3 == 0 ? List.of() : List.of(i, i))
                    .fanOut("fork", kind < 2 ? Route.broadcast() : Route.firstMatch());
            Pipeline<Void> pipeline = Pipeline.merge(
                            fork.branch(i -> i % 5 != 0).batch(3, Duration.ZERO).flatMap(list -> list), fork.branch())
                    .forEach("sink", i -> {}, s -> s.workers(2));
            PipelineRun<Void> run = pipeline.start();
            if (cancelAt < 200 && kind != 1) {
                run.result().whenComplete((v, e) -> reached.countDown());
                awaitUninterrupted(reached);
                run.cancel();
            }
            run.result().exceptionally(e -> null).join();
            run.close();
            assertThat(source).as("seed %d, round %d", seed, round).satisfies(Told::assertComplete);
            runs.settle(run);
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("scenario 43: a source is closed after the reader of an iterator has acknowledged what it has taken")
    void sourceIsNotClosedWhileTheReaderAcknowledges() throws InterruptedException {
        OneAndSilence source = new OneAndSilence();
        PipelineRun<ItemIterator<Integer>> run =
                runs.start(Pipeline.fromSource(source).iterator());
        source.run = run;
        assertThat(source.silent.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(run.await().next()).isEqualTo(0);
        assertThat(source.closedAtAck).isFalse();
        run.close();
        assertThat(source.acked()).containsExactly(0);
        source.assertComplete();
    }

    /** Gives one item, and then waits. When that is acknowledged it has the run end meanwhile. */
    private static final class OneAndSilence extends Told {
        final CountDownLatch silent = new CountDownLatch(1);
        volatile @Nullable PipelineRun<?> run;
        private volatile boolean closed;
        volatile boolean closedAtAck;

        OneAndSilence() {
            super(1);
        }

        @Override
        public @Nullable Integer next() throws Exception {
            Integer item = super.next();
            if (item == null) {
                silent.countDown();
                new CountDownLatch(1).await();
            }
            return item;
        }

        @Override
        public void ack(Integer item) throws Exception {
            run.cancel();
            for (Thread thread : run.execution.threads()) {
                thread.join(10_000);
            }
            closedAtAck = closed;
            super.ack(item);
        }

        @Override
        public void close() {
            closed = true;
            super.close();
        }
    }
}
