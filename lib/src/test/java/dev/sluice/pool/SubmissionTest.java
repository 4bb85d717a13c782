package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.gate.Gate;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Getting in: policies, waiting, order, threads that cannot be had. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class SubmissionTest {
    private final CountDownLatch release = new CountDownLatch(1);

    /** Occupies the pool wholly: every worker and every place in the queue. */
    private List<TaskHandle<?>> fill(PoolKind kind, WorkerPool pool, int width, int queue) throws Exception {
        CountDownLatch running = new CountDownLatch(width);
        List<TaskHandle<?>> handles = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            handles.add(pool.submit(() -> {
                running.countDown();
                return release.await(60, TimeUnit.SECONDS);
            }));
        }
        assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < (kind.gated() ? 0 : queue); i++) {
            handles.add(pool.submit(() -> true));
        }
        return handles;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 2: no wake-up of a blocked submitter is lost")
    void everyBlockedSubmitterReturns(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 1);
        int tasks = Rounds.of(100_000) / 64;
        AtomicInteger ran = new AtomicInteger();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int submitter = 0; submitter < 64; submitter++) {
                crew.run(() -> {
                    for (int i = 0; i <= tasks; i++) {
                        pool.execute(ran::incrementAndGet);
                    }
                });
            }
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(ran.get()).isEqualTo(64 * (tasks + 1));
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 3: tasks that throw errors do not take the workers along while submitters wait")
    void errorsDoNotCostWorkers(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 1);
        List<TaskHandle<?>> handles = Collections.synchronizedList(new ArrayList<>());
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int submitter = 0; submitter < 8; submitter++) {
                crew.run(() -> {
                    for (int i = 0; i < 50; i++) {
                        handles.add(pool.submit(() -> {
                            throw new AssertionError("of a task");
                        }));
                    }
                });
            }
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(handles)
                .hasSize(400)
                .allSatisfy(handle -> assertThatThrownBy(handle::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(AssertionError.class));
        assertThat(assertCloses(pool).failed()).isEqualTo(400);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void stackOverflowFailsItsTaskOnly(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        assertThatThrownBy(() -> pool.submit(() -> endless(0)).get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(StackOverflowError.class);
        assertThat(pool.submit(() -> 1).get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertCloses(pool);
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int endless(int depth) {
        return endless(depth + 1) + 1;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 1: a blocked submitter waits until there is room, and no task is ahead of the bounds")
    void blockWaitsForRoom(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 2);
        fill(kind, pool, 1, 2);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<TaskHandle<Integer>> submitter =
                    crew.start(() -> pool.submit(() -> 7)).awaitParked();
            await().until(() -> pool.stats().waiting() == 1);
            assertThat(pool.stats().running()).isEqualTo(1);
            assertThat(pool.stats().queued()).isEqualTo(kind.gated() ? 0 : 2);
            assertAddsUp(pool.stats());
            release.countDown();
            assertThat(submitter.result().get(30, TimeUnit.SECONDS)).isEqualTo(7);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void rejectThrowsAndCounts(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.REJECT);
        fill(kind, pool, 1, 1);
        assertThatThrownBy(() -> pool.submit(() -> 1))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining(kind.gated() ? "no permit is free" : "queue of 1 is full");
        assertThat(pool.stats().rejected()).isEqualTo(1);
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void callerRunsTheTaskItself(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.CALLER_RUNS);
        fill(kind, pool, 1, 1);
        AtomicInteger callers = new AtomicInteger();
        TaskHandle<Thread> handle = pool.submit(() -> {
            callers.set((int) pool.stats().callerRunning());
            assertAddsUp(pool.stats());
            return Thread.currentThread();
        });
        assertThat(handle.isDone()).isTrue();
        assertThat(handle.get()).isSameAs(Thread.currentThread());
        assertThat(callers.get()).isEqualTo(1);
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void callerIsNotCountedAnyMoreWhenItHasRunAMemberOfAGroup(PoolKind kind) throws Exception {
        WorkerPool pool =
                kind.builder(1, 1).onFull(OnFull.CALLER_RUNS).exactTimings().build();
        fill(kind, pool, 1, 1);
        try (TaskGroup<Thread> group = pool.group(OnFailure.COLLECT)) {
            assertThat(group.submit(Thread::currentThread).get()).isSameAs(Thread.currentThread());
        }
        assertThat(pool.stats().callerRunning()).isZero();
        release.countDown();
        assertCloses(pool);
    }

    @Test
    @DisplayName("promise 5: who waits for a permit on a thread of a ForkJoinPool runs no other submission meanwhile")
    void waitForAPermitRunsNothingElseOfAForkJoinPool() throws Exception {
        ForkJoinPool threads = new ForkJoinPool(1);
        WorkerPool pool = WorkerPool.gated(Gate.of(1));
        AtomicReference<Thread> submitter = new AtomicReference<>();
        pool.execute(() -> Uninterruptibly.await(release));
        Future<CompletableFuture<TaskHandle<Integer>>> outer = threads.submit(() -> {
            submitter.set(Thread.currentThread());
            CompletableFuture<TaskHandle<Integer>> inner =
                    CompletableFuture.supplyAsync(() -> pool.submit(() -> 1), threads);
            pool.submit(() -> 2).get();
            return inner;
        });
        await().until(() -> pool.stats().waiting() > 0);
        Waiting.untilWaiting(submitter.get());
        release.countDown();
        TaskHandle<Integer> inner = outer.get(30, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
        assertThat(inner.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        threads.shutdown();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void callerKeepsItsOwnInterruptWhenItRunsATask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.CALLER_RUNS);
        fill(kind, pool, 1, 1);
        Thread.currentThread().interrupt();
        TaskHandle<Boolean> handle = pool.submit(() -> Thread.currentThread().isInterrupted());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(handle.get()).isFalse();
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void dropNewestDropsTheNewTaskAndSaysSo(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.DROP_NEWEST);
        List<TaskHandle<?>> first = fill(kind, pool, 1, 1);
        TaskHandle<Integer> dropped = pool.submit(() -> 1);
        assertThat(dropped.isDone()).isTrue();
        assertThat(dropped.isCancelled()).isFalse();
        assertThatThrownBy(dropped::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(dropped.cancel(true)).isFalse();
        assertThat(pool.stats().dropped()).isEqualTo(1);
        release.countDown();
        for (TaskHandle<?> handle : first) {
            handle.get(30, TimeUnit.SECONDS);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void dropOldestMakesRoomForTheNewest(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 2, OnFull.DROP_OLDEST);
        List<TaskHandle<?>> first = fill(kind, pool, 1, 2);
        TaskHandle<Integer> newest = pool.submit(() -> 1);
        assertThatThrownBy(() -> first.get(1).get()).hasCauseInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertThat(newest.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(first.get(2).get(30, TimeUnit.SECONDS)).isEqualTo(true);
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void trySubmitNeverWaitsAndCountsARefusal(PoolKind kind) throws Exception {
        for (OnFull policy : kind.policies()) {
            WorkerPool pool = kind.pool(1, 1, policy);
            CountDownLatch stop = new CountDownLatch(1);
            PoolKind.fill(pool, stop);
            assertThat(pool.trySubmit(() -> 2)).isEmpty();
            assertThat(pool.trySubmit(Job.of(1, () -> 2))).isEmpty();
            assertThat(pool.trySubmit((Runnable) () -> {})).isEmpty();
            assertThat(pool.trySubmit(() -> 2, Duration.ofMillis(1))).isEmpty();
            assertThat(pool.trySubmit(() -> 2, Duration.ofSeconds(-1))).isEmpty();
            assertThat(pool.stats().rejected()).isEqualTo(5);
            assertAddsUp(pool.stats());
            stop.countDown();
            assertCloses(pool);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void timedTrySubmitGetsInWhenThereIsRoomInTime(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        fill(kind, pool, 1, 1);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Optional<TaskHandle<Integer>>> submitter =
                    crew.start(() -> pool.trySubmit(() -> 3, LONG)).awaitParked();
            release.countDown();
            assertThat(submitter.result().orElseThrow().get(30, TimeUnit.SECONDS))
                    .isEqualTo(3);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void interruptedSubmitIsRejectedAndTrySubmitThrows(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        fill(kind, pool, 1, 1);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Boolean> submitter = crew.start(() -> {
                        Throwable thrown = catchThrowable(() -> pool.submit(() -> 1));
                        assertThat(thrown)
                                .isInstanceOf(RejectedExecutionException.class)
                                .hasCauseInstanceOf(InterruptedException.class);
                        return Thread.currentThread().isInterrupted();
                    })
                    .awaitParked();
            submitter.interrupt();
            assertThat(submitter.result()).isTrue();
            Crew.Member<Boolean> trier = crew.start(() -> {
                        assertThatThrownBy(() -> pool.trySubmit(() -> 1, LONG))
                                .isInstanceOf(InterruptedException.class);
                        return Thread.currentThread().isInterrupted();
                    })
                    .awaitParked();
            trier.interrupt();
            assertThat(trier.result()).isFalse();
        }
        assertThat(pool.stats().waiting()).isZero();
        assertAddsUp(pool.stats());
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 12: a factory that returns null, throws or runs out of memory costs one task")
    void factoryFailuresCostOneTask(PoolKind kind) throws Exception {
        ThreadFactory good = kind.threads().factory("worker-");
        List<ThreadFactory> bad = List.of(
                body -> null,
                body -> {
                    throw new IllegalStateException("no thread");
                },
                body -> {
                    throw new OutOfMemoryError("unable to create native thread");
                });
        for (ThreadFactory broken : bad) {
            AtomicInteger calls = new AtomicInteger();
            WorkerPool.Builder builder = WorkerPool.builder()
                    .threadFactory(body -> (calls.incrementAndGet() == 1 ? broken : good).newThread(body));
            WorkerPool pool = (kind.gated()
                            ? builder.gate(Gate.of(2))
                            : builder.workers(2).queueCapacity(4))
                    .build();
            assertThatThrownBy(() -> pool.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
            CountDownLatch both = new CountDownLatch(2);
            List<TaskHandle<Void>> handles = IntStream.range(0, 2)
                    .mapToObj(i -> pool.<Void>submit(() -> {
                        both.countDown();
                        both.await();
                        return null;
                    }))
                    .toList();
            for (TaskHandle<Void> handle : handles) {
                handle.get(30, TimeUnit.SECONDS);
            }
            PoolStats stats = assertCloses(pool);
            assertThat(stats.rejected()).isEqualTo(1);
            assertThat(stats.succeeded()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 12: tasks queued by others while the only thread fails to start do not hang")
    void tasksQueuedBehindAFailedStartEnd(PoolKind kind) throws Exception {
        CountDownLatch queuedBehind = new CountDownLatch(1);
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .queueCapacity(4)
                .threadFactory(body -> {
                    Uninterruptibly.await(queuedBehind);
                    throw new IllegalStateException("never a thread");
                })
                .build();
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Throwable> first =
                    crew.start(() -> catchThrowable(() -> pool.submit(() -> 1))).awaitParked();
            TaskHandle<Integer> behind = pool.submit(() -> 2);
            queuedBehind.countDown();
            assertThat(first.result()).isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> behind.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RejectedExecutionException.class);
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.rejected()).isEqualTo(1);
        assertThat(stats.failed()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 13: a storm of submits and resizes never passes the limit and loses no task")
    void resizeStormKeepsTheLimit(PoolKind kind) throws Exception {
        int most = 6;
        WorkerPool pool = kind.pool(most, 16);
        AtomicInteger active = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        int tasks = Rounds.of(50_000) / 32 + 1;
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int submitter = 0; submitter < 32; submitter++) {
                crew.run(() -> {
                    for (int i = 0; i < tasks; i++) {
                        pool.execute(() -> {
                            highest.accumulateAndGet(active.incrementAndGet(), Math::max);
                            Thread.yield();
                            active.decrementAndGet();
                        });
                    }
                });
            }
            crew.run(() -> {
                for (int i = 0; i < tasks * 4; i++) {
                    pool.resize(1 + i % most);
                }
            });
        }
        pool.resize(most);
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(highest.get()).isBetween(1, most);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(32L * tasks);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void resizeTakesEffectUpAndDown(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 16);
        pool.resize(3);
        assertThat(pool.stats().workers()).isEqualTo(3);
        CountDownLatch three = new CountDownLatch(3);
        List<TaskHandle<Boolean>> handles = IntStream.range(0, 3)
                .mapToObj(i -> pool.submit(() -> {
                    three.countDown();
                    return three.await(30, TimeUnit.SECONDS);
                }))
                .toList();
        for (TaskHandle<Boolean> handle : handles) {
            assertThat(handle.get(30, TimeUnit.SECONDS)).isTrue();
        }
        pool.resize(1);
        AtomicInteger active = new AtomicInteger();
        AtomicInteger highest = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            pool.execute(() -> {
                highest.accumulateAndGet(active.incrementAndGet(), Math::max);
                Thread.yield();
                active.decrementAndGet();
            });
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(highest.get()).isEqualTo(1);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 16, promise 6: one worker or one permit begins tasks in the order of submission")
    void widthOneKeepsTheOrder(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 1000; i++) {
            int number = i;
            pool.execute(() -> order.add(number));
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(order).isEqualTo(IntStream.range(0, 1000).boxed().toList());
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 30a: a cancelled queued task frees its place at once, behind a stuck head")
    void submitAndCancelNeverBlocks(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8, kind.gated() ? OnFull.REJECT : OnFull.BLOCK);
        fill(kind, pool, 1, 0);
        if (!kind.gated()) {
            int rounds = Rounds.of(1_000_000);
            for (int i = 0; i < rounds; i++) {
                assertThat(pool.submit(() -> 1).cancel(false)).isTrue();
            }
            assertThat(pool.stats().queued()).isZero();
            assertThat(pool.stats().cancelled()).isEqualTo(rounds);
        }
        release.countDown();
        assertCloses(pool);
    }

    @Test
    void badArgumentsAreNamed() {
        assertThatThrownBy(() -> WorkerPool.of(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("workers must be >= 1 but was 0");
        assertThatThrownBy(() -> WorkerPool.builder().queueCapacity(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("queueCapacity must be >= 1 but was 0");
        assertThatThrownBy(
                        () -> WorkerPool.builder().gate(Gate.of(1)).workers(2).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gate and workers");
        for (OnFull policy : List.of(OnFull.CALLER_RUNS, OnFull.DROP_OLDEST)) {
            assertThatThrownBy(() ->
                            WorkerPool.builder().gate(Gate.of(1)).onFull(policy).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(policy.name());
        }
        try (WorkerPool pool = WorkerPool.of(1)) {
            assertThatThrownBy(() -> pool.execute(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.submit((Runnable) null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.submit((Job<Object>) null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> pool.resize(0)).hasMessage("workers must be >= 1 but was 0");
            assertThat(pool.stats().submitted()).isZero();
        }
    }

    @Test
    void virtualThreadsNeedJdk21() throws Exception {
        if (Runtime.version().feature() < 21) {
            assertThatThrownBy(() -> WorkerPool.builder().virtualThreads())
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("21");
            return;
        }
        try (WorkerPool pool = WorkerPool.builder().name("v").virtualThreads().build()) {
            Thread thread = pool.submit(Thread::currentThread).get();
            assertThat(thread.getName()).isEqualTo("v-worker-1");
            assertThat(Thread.class.getMethod("isVirtual").invoke(thread)).isEqualTo(true);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void threadsAndStateHaveNames(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 1).name("billing").build();
        assertThat(pool.submit(() -> Thread.currentThread().getName()).get()).isEqualTo("billing-worker-1");
        assertThat(pool.toString()).contains("billing", "open");
        assertCloses(pool);
        assertThat(pool.toString()).contains("terminated");
    }
}
