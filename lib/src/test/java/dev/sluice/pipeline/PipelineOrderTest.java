package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.Waiting;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
class PipelineOrderTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /** Has the next but {@code puts} put of a stage's results throw, once: there is no memory, say. */
    private static void breakPut(PipelineRun<?> run, String stage, int puts) throws ReflectiveOperationException {
        Field execution = PipelineRun.class.getDeclaredField("execution");
        Field downstream = StageRun.class.getDeclaredField("downstream");
        execution.setAccessible(true);
        downstream.setAccessible(true);
        StageRun broken = ((Execution) execution.get(run)).stage(stage);
        Downstream whole = broken.downstream();
        AtomicInteger left = new AtomicInteger(puts);
        InvocationHandler breaking = (proxy, method, arguments) -> {
            if (method.getName().matches("put|tryPut") && left.getAndDecrement() == 0) {
                throw new OutOfMemoryError("planned");
            }
            return method.invoke(whole, arguments);
        };
        downstream.set(
                broken,
                Proxy.newProxyInstance(Downstream.class.getClassLoader(), new Class<?>[] {Downstream.class}, breaking));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName(
            "promise 3: an error in the middle of a result fails the run, and nothing that comes after it goes out")
    void errorInTheMiddleOfAResultFailsTheRun(Kind kind) throws Exception {
        CountDownLatch isBroken = new CountDownLatch(1);
        Queue<Integer> out = new ConcurrentLinkedQueue<>();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(3000)))
                .peek(i -> isBroken.await())
                // One worker, which puts each result while it is at its item.
                .stage("a", i -> i, kind.options(s -> s.resizable().ordered().capacity(16)))
                .flatMap(i -> List.of(2 * i, 2 * i + 1))
                .forEach("write", out::add));
        breakPut(run, "a", 101);
        isBroken.countDown();
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("'a'")
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        run.close();
        // Workers that wait have lost a result; steps have it still.
        assertThat(out).hasSizeLessThanOrEqualTo(102).containsExactlyElementsOf(upTo(out.size()));
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.inFlight()).isZero();
        assertThat(stage.completed()).isEqualTo(50);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName(
            "promise 2: an item of which another worker has lost a result is discarded, though its own worker ends it well")
    void itemWithALostResultIsNotCompleted(Kind kind) throws Exception {
        CountDownLatch isBroken = new CountDownLatch(1);
        CountDownLatch given = new CountDownLatch(1);
        Discarded discarded = new Discarded();
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(2)))
                .onDiscard(discarded)
                .peek(i -> isBroken.await())
                // Item 1 gives its result while the worker of 0 waits, who puts it when 0 has left.
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                given.await();
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(2).ordered()))
                .flatMap(i -> i == 0 ? List.<Integer>of() : () -> new OneThenInterrupted(i, given))
                .forEach("write", i -> {}));
        breakPut(run, "a", 0);
        isBroken.countDown();
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        run.close();
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.completed()).isEqualTo(1);
        assertThat(stage.discarded()).isEqualTo(1);
        assertThat(discarded.items()).containsExactly(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("promise 2: what is discarded because an error has hit a result is told of that error")
    void errorInTheMiddleOfAResultIsTheReasonThatIsTold(Kind kind) throws Exception {
        CountDownLatch isBroken = new CountDownLatch(1);
        CountDownLatch passed = new CountDownLatch(1);
        Discarded discarded = new Discarded();
        // When 0 leaves, 1 is done and its result breaks; the worker that was done with 1 is at 2.
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(3)))
                .onDiscard(discarded)
                .peek(i -> isBroken.await())
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                passed.await();
                            } else if (i == 2) {
                                passed.countDown();
                                new CountDownLatch(1).await();
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(2).ordered()))
                .filter(i -> i != 0)
                .forEach("write", i -> {}));
        breakPut(run, "a", 0);
        isBroken.countDown();
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class);
        run.close();
        assertThat(discarded.items()).containsExactlyInAnyOrder(1, 2);
        assertThat(discarded.entries())
                .allSatisfy(entry -> assertThat(entry.reason()).hasRootCauseInstanceOf(OutOfMemoryError.class));
    }

    /** Gives one item, says so, and has nothing more when its thread has been interrupted. */
    private static final class OneThenInterrupted implements Iterator<Integer> {
        private final int item;
        private final CountDownLatch given;
        private boolean gave;

        OneThenInterrupted(int item, CountDownLatch given) {
            this.item = item;
            this.given = given;
        }

        @Override
        public boolean hasNext() {
            if (!gave) {
                return true;
            }
            given.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                return false;
            }
            throw new AssertionError();
        }

        @Override
        public Integer next() {
            gave = true;
            return item;
        }
    }

    private static Iterable<Integer> endless() {
        return () -> Stream.iterate(0, i -> i + 1).iterator();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName(
            "scenario 39, promise 6: an ordered stage keeps the order, competing workers, bounded target, many small runs")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void keepsTheOrder(Kind kind) throws InterruptedException {
        int rounds = Rounds.of(40_000);
        for (int round = 0; round < rounds; round++) {
            int workers = 2 + round % 4;
            int window = workers + 1 + round % 3;
            int capacity = 1 + round % 2;
            Pipeline<List<Integer>> pipeline = kind.threads(Pipeline.from(upTo(30)))
                    .stage(
                            "a",
                            i -> i,
                            kind.options(s ->
                                    s.workers(workers).ordered().window(window).capacity(capacity)))
                    .filter(i -> i % 5 != 0)
                    .flatMap(i -> i % 3 == 0 ? List.of(i, i, i) : List.of(i))
                    .stage("b", i -> i, kind.options(s -> s.capacity(capacity).ordered()))
                    .collect(Collectors.toList());
            List<Integer> expected = upTo(30).stream()
                    .filter(i -> i % 5 != 0)
                    .flatMap(i -> Collections.nCopies(i % 3 == 0 ? 3 : 1, i).stream())
                    .toList();
            assertThat(runs.run(pipeline)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("promise 6: one slow item does not stop the others, as far as the window reaches")
    void slowItemDoesNotStopTheOthers(Kind kind) throws InterruptedException {
        CountDownLatch others = new CountDownLatch(99);
        List<Integer> result = runs.run(kind.threads(Pipeline.from(upTo(100)))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                others.await();
                            } else {
                                others.countDown();
                            }
                            return i;
                        },
                        kind.options(s -> s.workers(2).ordered().window(100)))
                .collect(Collectors.toList()));
        assertThat(result).isEqualTo(upTo(100));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 38: the head is blocked: what is retained stays within the window and the capacities")
    void retainsNoMoreThanTheWindow(Kind kind) throws InterruptedException {
        int window = 16;
        int capacity = 4;
        AtomicInteger read = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(endless()))
                .peek(i -> read.incrementAndGet())
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                never.await();
                            }
                            done.incrementAndGet();
                            return i;
                        },
                        kind.options(s -> s.workers(4).ordered().window(window).capacity(capacity)))
                .forEach("write", i -> {}));
        // Everybody waits: the source for the queue, three workers for the window, one for the latch.
        await().until(() -> done.get() == window - 1 && read.get() == window + capacity + 1);
        awaitAllWaiting(run);
        assertThat(done).hasValue(window - 1);
        assertThat(read).as("window + capacity + the one in the source's hand").hasValue(window + capacity + 1);
        assertThat(run.stats().stages().get(1).inFlight()).isEqualTo(window);
    }

    private static void awaitAllWaiting(PipelineRun<?> run) {
        dev.sluice.testing.Waiting.untilWaiting(run.execution.threads());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("promise 1: an endless source waits when the sink does")
    void endlessSourceWaitsForTheSink(Shape shape) throws InterruptedException {
        AtomicInteger read = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        int capacity = 3;
        int window = 7;
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(endless()))
                .peek(i -> read.incrementAndGet())
                .stage("a", i -> i, shape.options(s -> s.capacity(capacity).window(window)))
                .batch(2, Duration.ZERO)
                .forEach("stuck", i -> never.await(), shape.kind().options(s -> s.capacity(capacity))));
        awaitStandstill(run, read);
        int bound = 1 // in the source's hand
                + capacity
                + (shape.ordered() || shape.kind().isStepped() ? window : shape.workers())
                + Settings.DEFAULT_CAPACITY // of the batch stage
                + 2 // the batch in hand
                + 2 * capacity
                + 2; // in the sink's hand
        assertThat(read.get()).isLessThanOrEqualTo(bound);
        awaitAllWaiting(run);
    }

    private static void awaitStandstill(PipelineRun<?> run, AtomicInteger read) {
        await().until(() -> {
            int before = read.get();
            awaitAllWaiting(run);
            return before == read.get() && before > Settings.DEFAULT_CAPACITY;
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("promise 1: an endless Iterable of a flatMap is not gathered")
    void flatMapIsStreamed(Shape shape) throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        int window = 7;
        PipelineRun<ItemIterator<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(1)))
                .stage("a", i -> i, shape.options(s -> s.window(window)))
                .flatMap(i -> (Iterable<Integer>)
                        () -> Stream.generate(made::getAndIncrement).iterator())
                .iterator());
        ItemIterator<Integer> items = run.await();
        for (int i = 0; i < 10_000; i++) {
            assertThat(items.next()).isEqualTo(i);
        }
        assertThat(made.get()).isLessThanOrEqualTo(10_000 + Settings.DEFAULT_CAPACITY + 2 * window + 1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("promise 1: what items behind the head give is bounded, also when they give a lot")
    void resultsBehindTheHeadAreBounded(Kind kind) throws InterruptedException {
        int window = 8;
        AtomicInteger made = new AtomicInteger();
        CountDownLatch head = new CountDownLatch(1);
        PipelineRun<List<Integer>> run = runs.start(kind.threads(Pipeline.from(upTo(2000)))
                .stage("a", i -> i, kind.options(s -> s.workers(4).ordered().window(window)))
                .flatMap(i -> {
                    if (i == 0) {
                        head.await();
                    }
                    return () -> IntStream.range(0, 10)
                            .map(j -> made.getAndIncrement())
                            .iterator();
                })
                .collect(Collectors.toList()));
        await().until(() -> made.get() >= window);
        awaitAllWaiting(run);
        assertThat(made.get()).isLessThanOrEqualTo(2 * window + 4);
        head.countDown();
        assertThat(run.await()).hasSize(20_000);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 52, promise 8: no result waits for the end of the work on another item")
    void resultIsNotHeldHostage(Shape shape) throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        List<Integer> result = Collections.synchronizedList(new ArrayList<>());
        runs.run(shape.threads(Pipeline.from(upTo(100)))
                .stage(
                        "a",
                        i -> {
                            if (i == 1) {
                                seen.await();
                            }
                            return i;
                        },
                        shape.options())
                .forEach("write", i -> {
                    result.add(i);
                    if (i == 0) {
                        seen.countDown();
                    }
                }));
        assertThat(result).hasSize(100);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName(
            "promise 8: the first elements of a flatMap do not wait for the later ones, nor for the head's completion")
    void elementsOfAFlatMapAreNotHeldHostage(Shape shape) throws InterruptedException {
        CountDownLatch headMayEnd = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        List<Integer> result = runs.run(shape.threads(Pipeline.from(upTo(2)))
                .stage("a", i -> i, shape.options())
                .flatMap(i -> {
                    if (shape.ordered() && i == 0) {
                        headMayEnd.await();
                    }
                    return i == 0 ? List.of(0) : slowly(headMayEnd, seen);
                })
                .stage("b", i -> i)
                .peek(i -> {
                    if (i == 1) {
                        seen.countDown();
                    }
                })
                .collect(Collectors.toList()));
        assertThat(result).containsExactlyInAnyOrder(0, 1, 2);
    }

    /** Gives 1 and then, when that has been seen at the end, 2. */
    private static Iterable<Integer> slowly(CountDownLatch headMayEnd, CountDownLatch seen) {
        return () -> new Iterator<>() {
            private int next = 1;

            @Override
            public boolean hasNext() {
                return next < 3;
            }

            @Override
            public Integer next() {
                if (next == 2) {
                    headMayEnd.countDown();
                    Uninterruptibly.await(seen);
                }
                return next++;
            }
        };
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    void partOfAFailedItemThatWentBeforeTheFailureIsDelivered(Kind kind) throws InterruptedException {
        for (int workers : new int[] {1, 4}) {
            List<Integer> written = new ArrayList<>();
            PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(upTo(10)))
                    .stage("a", i -> i, kind.options(s -> s.workers(workers).ordered()))
                    .flatMap(i -> List.of(10 * i, i == 3 ? 30 / (i - 3) : 10 * i + 1))
                    .forEach("write", written::add));
            try {
                run.await();
            } catch (PipelineException e) {
                assertThat(e.position()).isEqualTo(3);
            }
            assertThat(written).containsExactly(0, 1, 10, 11, 20, 21);
            runs.settle(run);
        }
    }

    /** The head's own worker holds the head; the other one is the only one that waits for room. */
    @Test
    @DisplayName("promise 8: a single worker that waits for room for its results is called when there is some")
    void singleWorkerIsCalledWhenThereIsRoomForItsResults() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<Thread> second = new AtomicReference<>();
        PipelineRun<List<Integer>> run = runs.start(Pipeline.from(List.of(0, 1))
                .stage(
                        "many",
                        i -> {
                            if (i == 0) {
                                assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
                            } else {
                                second.set(Thread.currentThread());
                            }
                            return i;
                        },
                        s -> s.workers(2).ordered().window(3))
                .flatMap(i -> upTo(i == 0 ? 1 : 6))
                .collect(Collectors.toList()));
        await().until(() -> second.get() != null);
        Waiting.untilWaiting(second.get());
        goOn.countDown();
        assertThat(run.result().get(20, TimeUnit.SECONDS)).containsExactly(0, 0, 1, 2, 3, 4, 5);
    }
}
