package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stages that share the threads of a pool. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelinePoolTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();
    private WorkerPool pool = WorkerPool.of(1);
    /** The other work of a pool. */
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private WorkerPool pool(ThreadKind kind, int workers) {
        pool.close();
        WorkerPool.Builder builder = WorkerPool.builder().workers(workers);
        pool = kind.isVirtual() ? builder.virtualThreads().build() : builder.build();
        return pool;
    }

    @AfterEach
    void poolIsIdleAndCloses() throws InterruptedException {
        mayEnd.countDown();
        assertThat(pool.awaitIdle(Duration.ofSeconds(30))).isTrue();
        pool.close();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 48: 4 stages, 2 threads, capacity 1, 10^4 items: ends")
    void fourStagesOnTwoThreadsEnd(ThreadKind kind) throws InterruptedException {
        WorkerPool two = pool(kind, 2);
        int n = Rounds.of(500_000);
        AtomicInteger sum = new AtomicInteger();
        runs.run(Pipeline.from(upTo(n))
                .stage("a", i -> i, s -> s.pool(two).capacity(1))
                .stage("b", i -> i, s -> s.pool(two).capacity(1))
                .stage("c", i -> i, s -> s.pool(two).capacity(1).queue(() -> new ArrayBlockingQueue<>(1)))
                .forEach("d", i -> sum.incrementAndGet(), s -> s.pool(two).capacity(1)));
        assertThat(sum).hasValue(n);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 5 for pipelines: a task may wait for a pipeline that needs the only thread of its pool")
    void taskWaitsForAPipelineThatNeedsItsThread(ThreadKind kind) throws Exception {
        WorkerPool one = pool(kind, 1);
        PipelineBuilder<Integer> finite = Pipeline.from(upTo(3000)).stage("a", i -> i, s -> s.pool(one));
        Callable<Integer> runs = () -> finite.collect(Collectors.toList()).run().size();
        Callable<Integer> reads = () -> {
            int read = 0;
            try (ItemIterator<Integer> items = finite.iterator().run()) {
                for (; items.hasNext(); items.next()) {
                    read++;
                }
            }
            return read;
        };
        for (Callable<Integer> each : List.of(runs, reads)) {
            assertThat(one.submit(each).get(30, TimeUnit.SECONDS)).isEqualTo(3000);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 5 for pipelines: a task may end a pipeline that needs the only thread of its pool")
    void taskEndsAPipelineThatNeedsItsThread(ThreadKind kind) throws Exception {
        WorkerPool one = pool(kind, 1);
        CountDownLatch never = new CountDownLatch(1);
        Callable<Boolean> closes = () -> {
            Pipeline.from(new Endless())
                    .stage("a", i -> i, s -> s.pool(one))
                    .forEach("b", i -> never.await())
                    .start()
                    .close();
            return true;
        };
        Callable<Boolean> drains = () -> {
            try (PipelineRun<?> run = Pipeline.from(new Endless())
                    .stage("a", i -> i, s -> s.pool(one))
                    .forEach("b", i -> {})
                    .start()) {
                return run.drain(Duration.ofSeconds(30)).completed();
            }
        };
        for (Callable<Boolean> each : List.of(closes, drains)) {
            assertThat(one.submit(each).get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 7 for pipelines: a run is closed while its pool is at other work")
    void closeDoesNotWaitForABusyPool(ThreadKind kind) throws InterruptedException {
        closesWhileItsPoolIsBusy(busy(kind));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 7 for pipelines: a run is closed while its pool has no room")
    void closeDoesNotWaitForAFullPool(ThreadKind kind) throws InterruptedException {
        WorkerPool full = busy(kind);
        Optional<TaskHandle<?>> fits = full.trySubmit(() -> {});
        while (fits.isPresent()) {
            fits = full.trySubmit(() -> {});
        }
        closesWhileItsPoolIsBusy(full);
    }

    /** A pool whose only thread is taken until the end of the test. */
    private WorkerPool busy(ThreadKind kind) throws InterruptedException {
        pool.close();
        WorkerPool.Builder builder = WorkerPool.builder().workers(1).queueCapacity(4);
        pool = kind.isVirtual() ? builder.virtualThreads().build() : builder.build();
        CountDownLatch begun = new CountDownLatch(1);
        pool.execute(() -> {
            begun.countDown();
            awaitUninterruptibly(mayEnd);
        });
        begun.await();
        return pool;
    }

    private void closesWhileItsPoolIsBusy(WorkerPool busy) throws InterruptedException {
        Endless source = new Endless();
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .onDiscard(discarded)
                .stage("a", i -> i, s -> s.pool(busy).workers(3).capacity(5))
                .forEach("b", i -> {}, s -> s.pool(busy)));
        await().until(() -> source.count() == 6);
        run.close();
        assertThat(run.result()).isCancelled();
        assertThat(discarded.items()).containsExactlyInAnyOrderElementsOf(source.read());
        assertThat(mayEnd.getCount()).isEqualTo(1);
    }

    static Stream<Shape> shapes() {
        return Shape.all().stream();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void oneThreadIsEnoughForManyStagesOfManyWorkers(Shape shape) throws InterruptedException {
        WorkerPool one = pool(shape.kind().threads(), 1);
        int n = Rounds.of(100_000);
        Consumer<StageOptions<Integer>> options = shape.options(s -> s.pool(one).capacity(2));
        PipelineBuilder<Integer> builder = Pipeline.from(upTo(n));
        for (int i = 0; i < 5; i++) {
            builder = builder.stage("s" + i, j -> j, options);
        }
        List<Integer> result = runs.run(builder.collect(Collectors.toList()));
        if (shape.keepsOrder()) {
            assertThat(result).isEqualTo(upTo(n));
        } else {
            assertThat(result).containsExactlyInAnyOrderElementsOf(upTo(n));
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void manyResultsOfOneItemNeedNoMoreRoomThanThereIs(Shape shape) throws InterruptedException {
        WorkerPool one = pool(shape.kind().threads(), 1);
        List<Integer> expected = upTo(100).stream()
                .flatMap(i -> upTo(i).stream().flatMap(j -> Stream.of(j, j)))
                .toList();
        List<Integer> result = runs.run(Pipeline.from(upTo(100))
                .stage("a", i -> i, shape.options(s -> s.pool(one).capacity(1)))
                .flatMap(PipelinePoolTest::upTo)
                .flatMap(j -> List.of(j, j))
                .stage("b", i -> i, s -> s.pool(one).capacity(1))
                .collect(Collectors.toList()));
        if (shape.keepsOrder()) {
            assertThat(result).isEqualTo(expected);
        } else {
            assertThat(result).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    @DisplayName("promise 1: an item with results without an end waits for the sink")
    void resultsWithoutEndWaitForTheSink(Shape shape) throws InterruptedException {
        WorkerPool one = pool(shape.kind().threads(), 1);
        AtomicInteger made = new AtomicInteger();
        AtomicInteger read = new AtomicInteger();
        Iterable<Integer> endless = () -> Stream.generate(made::incrementAndGet).iterator();
        PipelineRun<ItemIterator<Integer>> run = runs.start(Pipeline.from(upTo(1))
                .stage("a", i -> i, shape.options(s -> s.pool(one).window(8)))
                .flatMap(i -> endless)
                .stage("b", i -> i, s -> s.pool(one).capacity(4))
                .peek(i -> read.incrementAndGet())
                .iterator());
        try (ItemIterator<Integer> items = run.await()) {
            for (int i = 1; i <= 5000; i++) {
                assertThat(items.next()).isEqualTo(i);
            }
            assertThat(made.get()).isLessThan(5000 + 2 * (1024 + 8 + 4 + 8));
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void failureEndsTheRunAndLeavesThePoolUsable(Shape shape) throws Exception {
        WorkerPool two = pool(shape.kind().threads(), 2);
        PipelineRun<?> run = runs.start(Pipeline.from(new Endless())
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (i == 1000) {
                                throw new IOException("1000");
                            }
                            return i;
                        },
                        shape.options(s -> s.pool(two)))
                .forEach("b", i -> {}, s -> s.pool(two)));
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class).hasRootCauseMessage("1000");
        assertThat(discarded.items()).contains(1000).doesNotHaveDuplicates();
        assertThat(two.submit(() -> 1).get()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void cancelInterruptsWhatRunsInThePool(Shape shape) throws InterruptedException {
        WorkerPool two = pool(shape.kind().threads(), 2);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Pipeline.from(new Endless())
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            begun.countDown();
                            never.await();
                            return i;
                        },
                        shape.options(s -> s.pool(two)))
                .forEach("b", i -> {}, s -> s.pool(two)));
        begun.await();
        run.cancel();
        runs.settle(run);
        assertThat(discarded.items()).doesNotHaveDuplicates().contains(0);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void poolThatIsShutDownFailsTheRun(Shape shape) {
        WorkerPool two = pool(shape.kind().threads(), 2);
        AtomicInteger calls = new AtomicInteger();
        PipelineRun<?> run = runs.start(Pipeline.from(new Endless())
                .onDiscard(discarded)
                .stage(
                        "a",
                        i -> {
                            if (calls.incrementAndGet() == 100) {
                                two.shutdownNow();
                            }
                            return i;
                        },
                        shape.options(s -> s.pool(two).capacity(1)))
                .forEach("b", i -> {}, s -> s.pool(two).capacity(1)));
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .rootCause()
                .isInstanceOfAny(RejectedExecutionException.class, java.util.concurrent.CancellationException.class);
        assertThat(discarded.items()).doesNotHaveDuplicates();
    }

    @Test
    void failureOfATurnThatIsDoneIsNoMatterOfTheNext() throws InterruptedException {
        pool.close();
        CountDownLatch first = new CountDownLatch(1);
        AtomicInteger failures = new AtomicInteger();
        pool = WorkerPool.builder()
                .workers(1)
                .decorate(task -> () -> {
                    Object value = task.call();
                    if (first.getCount() == 0 && failures.getAndIncrement() == 0) {
                        await().until(() -> pool.stats().queued() > 0);
                        throw new IllegalStateException("behind the work");
                    }
                    return value;
                })
                .build();
        Iterator<Integer> source = new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                if (next == 1) {
                    await().until(() -> failures.get() > 0);
                }
                return next < 2;
            }

            @Override
            public Integer next() {
                return next++;
            }
        };
        PipelineRun<List<Integer>> run = runs.start(Pipeline.fromIterator(source)
                .stage(
                        "a",
                        i -> {
                            first.countDown();
                            return i;
                        },
                        s -> s.pool(pool))
                .collect(Collectors.toList()));
        assertThat(run.await()).containsExactly(0, 1);
        assertThat(failures).hasPositiveValue();
    }

    @Test
    @Timeout(180)
    void runEndsOnceThoughStagesLeaveBeforeOthersHaveBegun() {
        pool.close();
        AtomicInteger closed = new AtomicInteger();
        AtomicInteger closedEarly = new AtomicInteger();
        Source<Integer> source = new Source<>() {
            @Override
            public Integer next() {
                return null;
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
        Collection<Thread> ends = new ConcurrentLinkedQueue<>();
        Function<String, ThreadFactory> threads = prefix -> body -> {
            if (prefix.endsWith("-b-")) {
                ends.forEach(Uninterruptibly::join);
                await().until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("sluice-turns-")));
                closedEarly.set(closed.get());
            }
            Thread thread = new Thread(body, prefix);
            if (prefix.endsWith("-end-")) {
                ends.add(thread);
            }
            return thread;
        };
        PipelineRun<?> run = runs.start(new PipelineBuilder<Integer>(
                        Pipeline.fromSource(source).definition().threads(threads))
                .stage("a", i -> i, s -> s.pool(pool).workers(3))
                .stage("b", i -> i)
                .stage("c", i -> i, s -> s.pool(pool))
                .forEach("d", i -> {}));
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class);
        run.close();
        assertThat(closedEarly).hasValue(0);
        assertThat(closed).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void poolThatHasNoRoomIsAskedAgain(ThreadKind kind) throws InterruptedException {
        pool.close();
        WorkerPool.Builder builder = WorkerPool.builder().workers(1).queueCapacity(1);
        WorkerPool small = kind.isVirtual() ? builder.virtualThreads().build() : builder.build();
        pool = small;
        CountDownLatch mayGo = new CountDownLatch(1);
        small.execute(() -> awaitUninterruptibly(mayGo));
        small.execute(() -> {});
        PipelineRun<List<Integer>> run = runs.start(Pipeline.from(upTo(1000))
                .stage("a", i -> i, s -> s.pool(small).workers(3))
                .stage("b", i -> i, s -> s.pool(small).workers(3))
                .collect(Collectors.toList()));
        mayGo.countDown();
        assertThat(run.await()).containsExactlyInAnyOrderElementsOf(upTo(1000));
    }

    /** A pool that makes each of its threads in the thread of who submits, and notes which that was. */
    private WorkerPool noting(ThreadKind kind, Gate gate, Collection<String> submitters) {
        pool.close();
        ThreadFactory threads = kind.factory();
        pool = WorkerPool.builder()
                .gate(gate)
                .threadFactory(task -> {
                    submitters.add(Thread.currentThread().getName());
                    return threads.newThread(task);
                })
                .build();
        return pool;
    }

    private static void assertNotTheClock(Collection<String> submitters) {
        assertThat(submitters).isNotEmpty().noneMatch(name -> name.startsWith("sluice-clock"));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void attemptThatIsDueCallsTheThreadFactoryInNoAlarm(ThreadKind kind) throws InterruptedException {
        Collection<String> submitters = new ConcurrentLinkedQueue<>();
        WorkerPool noting = noting(kind, Gate.of(2), submitters);
        Set<Integer> tried = ConcurrentHashMap.newKeySet();
        List<Integer> result = runs.run(Pipeline.from(upTo(20))
                .stage(
                        "a",
                        i -> {
                            if (tried.add(i)) {
                                throw new IOException();
                            }
                            return i;
                        },
                        s -> s.pool(noting)
                                .workers(2)
                                .retry(Retry.times(1).backoff(Duration.ofMillis(5), Duration.ofMillis(5))))
                .collect(Collectors.toList()));
        assertThat(result).containsExactlyInAnyOrderElementsOf(upTo(20));
        assertNotTheClock(submitters);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void roomInThePoolIsWaitedForInNoAlarm(ThreadKind kind) throws InterruptedException {
        Collection<String> submitters = new ConcurrentLinkedQueue<>();
        Gate gate = Gate.of(1);
        WorkerPool noting = noting(kind, gate, submitters);
        PipelineRun<List<Integer>> run;
        try (Permit permit = gate.acquire()) {
            run = runs.start(Pipeline.from(upTo(10))
                    .stage("a", i -> i, s -> s.pool(noting).workers(3))
                    .collect(Collectors.toList()));
            await().until(() -> noting.stats().waiting() == 1);
            // The others stand in line behind the first, and have not been refused but once at most.
            assertThat(noting.stats().rejected()).isBetween(1L, 3L);
            assertThat(permit).isNotNull();
        }
        assertThat(run.await()).containsExactlyInAnyOrderElementsOf(upTo(10));
        assertNotTheClock(submitters);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void queueThatHoldsItsElementsBackCallsTheThreadFactoryInNoAlarm(ThreadKind kind) throws InterruptedException {
        Collection<String> submitters = new ConcurrentLinkedQueue<>();
        WorkerPool noting = noting(kind, Gate.of(2), submitters);
        AtomicInteger seen = new AtomicInteger();
        runs.run(Pipeline.from(upTo(10))
                .forEach(
                        "a",
                        i -> seen.incrementAndGet(),
                        s -> s.pool(noting).queue(() -> new ArrayBlockingQueue<>(10) {
                            private int asked;

                            /** Gives something each third time. */
                            @Override
                            public Object poll() {
                                return ++asked % 3 == 0 ? super.poll() : null;
                            }
                        })));
        assertThat(seen).hasValue(10);
        assertNotTheClock(submitters);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void poolThatIsShutDownWhileItHasNoRoomFailsTheRun(ThreadKind kind) throws InterruptedException {
        Gate gate = Gate.of(1);
        WorkerPool noting = noting(kind, gate, new ConcurrentLinkedQueue<>());
        try (Permit permit = gate.acquire()) {
            PipelineRun<?> run = runs.start(Pipeline.from(upTo(10))
                    .onDiscard(discarded)
                    .forEach("a", i -> {}, s -> s.pool(noting).workers(3)));
            await().until(() -> noting.stats().waiting() == 1);
            noting.shutdown();
            assertThatThrownBy(run::await).hasRootCauseInstanceOf(RejectedExecutionException.class);
            assertThat(permit).isNotNull();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
