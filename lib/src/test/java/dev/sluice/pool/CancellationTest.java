package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Handles, cancellation and interrupts: promise 4. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class CancellationTest {

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName(
            "scenario 6: a group returns though its task is cancelled between enqueue and start, and the counts add up")
    void cancelBetweenEnqueueAndStart(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        for (int i = 0; i < Rounds.of(100_000); i++) {
            try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
                TaskHandle<Integer> handle = group.submit(() -> 1);
                handle.cancel(i % 2 == 0);
                group.join();
                assertThat(handle.isDone()).isTrue();
            }
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.cancelled() + stats.succeeded()).isEqualTo(Rounds.of(100_000));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 7, promise 4: an interrupt meant for one task never reaches the next")
    void interruptNeverReachesTheNextTask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        AtomicInteger leaked = new AtomicInteger();
        for (int i = 0; i < Rounds.of(100_000); i++) {
            CountDownLatch started = new CountDownLatch(1);
            TaskHandle<?> first = pool.submit(started::countDown);
            TaskHandle<?> second = pool.submit(() -> {
                if (Thread.currentThread().isInterrupted()) {
                    leaked.incrementAndGet();
                }
            });
            started.await();
            first.cancel(true);
            second.get(30, TimeUnit.SECONDS);
        }
        assertThat(leaked.get()).isZero();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void interruptFlagThatATaskLeavesBehindIsCleared(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        pool.submit(() -> Thread.currentThread().interrupt()).get();
        assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).get())
                .isFalse();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName(
            "scenario 7: the interrupt of shutdownNow is not swallowed, nor one that comes while a nested task runs")
    void shutdownInterruptReachesEveryRunningTask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch nested = new CountDownLatch(1);
        AtomicBoolean outerInterrupted = new AtomicBoolean();
        TaskHandle<?> outer = pool.submit(() -> {
            if (!kind.gated()) {
                pool.submit(() -> {}); // fills the queue, so that the next one runs here
            }
            pool.submit(() -> {
                nested.countDown();
                new CountDownLatch(1).await();
                return null;
            });
            try {
                new CountDownLatch(1).await(30, TimeUnit.SECONDS); // its own may come after that of the nested one
            } catch (InterruptedException e) {
                outerInterrupted.set(true);
            }
        });
        nested.await();
        pool.shutdownNow();
        outer.awaitExit(LONG);
        assertThat(outerInterrupted.get()).isTrue();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("scenario 8: a task that cancels itself leaves no interrupt behind")
    void taskCancelsItself(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        for (int i = 0; i < Rounds.of(10_000); i++) {
            CompletableFuture<TaskHandle<?>> own = new CompletableFuture<>();
            TaskHandle<Boolean> handle = pool.submit(() -> own.join().cancel(true));
            own.complete(handle);
            assertThat(handle.awaitExit(LONG)).isTrue();
            assertThat(handle.isCancelled()).isTrue();
            assertThat(pool.submit(() -> Thread.currentThread().isInterrupted()).get())
                    .isFalse();
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 7, promise 4: an interrupt meant for a task never reaches the one on whose stack it ran")
    void interruptNeverReachesTheTaskBelow(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        int rounds = Rounds.of(100_000);
        BlockingQueue<TaskGroup<Void>> toCancel = new ArrayBlockingQueue<>(1);
        BlockingQueue<TaskGroup<Void>> cancelled = new ArrayBlockingQueue<>(1);
        AtomicInteger leaked = new AtomicInteger();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(() -> {
                for (int i = 0; i < rounds; i++) {
                    TaskGroup<Void> group = toCancel.take();
                    group.cancel();
                    cancelled.add(group);
                }
            });
            TaskHandle<?> outer = onTopOfAFullPool(kind, pool, () -> {
                for (int i = 0; i < rounds; i++) {
                    try (TaskGroup<Void> group = pool.group(OnFailure.COLLECT)) {
                        group.submit(() -> {
                            toCancel.add(group);
                            return null;
                        });
                        cancelled.poll(30, TimeUnit.SECONDS);
                        leaked.addAndGet(Thread.interrupted() ? 1 : 0);
                    }
                }
                return null;
            });
            outer.get(30, TimeUnit.SECONDS);
        }
        assertThat(leaked.get()).isZero();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 8: a task that cancels itself raises no interrupt in what goes on below it on its stack")
    void taskOnTopCancelsItself(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        TaskHandle<Boolean> outer = onTopOfAFullPool(kind, pool, () -> {
            boolean leaked = false;
            for (int i = 0; i < Rounds.of(10_000); i++) {
                try (TaskGroup<Void> group = pool.group(OnFailure.COLLECT)) {
                    TaskHandle<Void> handle = group.submit(() -> {
                        group.cancel();
                        return null;
                    });
                    assertThat(handle.isCancelled()).isTrue();
                    leaked |= Thread.interrupted();
                }
            }
            return leaked;
        });
        assertThat(outer.get(30, TimeUnit.SECONDS)).isFalse();
        assertCloses(pool);
    }

    /** The work runs in a pool that has no room, so that what it submits runs on its stack. */
    private static <T> TaskHandle<T> onTopOfAFullPool(PoolKind kind, WorkerPool pool, Callable<T> work) {
        return pool.submit(() -> {
            TaskHandle<?> waits = kind.gated() ? null : pool.submit(() -> {});
            T result = work.call();
            assertThat(waits == null || !waits.isDone()).isTrue();
            return result;
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 9: after 500 queued and running tasks are cancelled at once, one more task runs")
    void cancelFiveHundredAtOnce(PoolKind kind) throws Exception {
        WorkerPool pool = kind.gated() ? kind.pool(500, 1) : kind.pool(4, 500);
        List<TaskHandle<?>> handles = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            handles.add(pool.submit(() -> new CountDownLatch(1).await(60, TimeUnit.SECONDS)));
        }
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int half = 0; half < 2; half++) {
                List<TaskHandle<?>> mine = handles.subList(half * 250, half * 250 + 250);
                crew.run(() -> mine.forEach(handle -> handle.cancel(true)));
            }
        }
        assertThat(pool.submit(() -> 1).get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(assertCloses(pool).cancelled()).isEqualTo(500);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 4: a cancelled task holds its worker, and counts as running, until it has really ended")
    void cancelledTaskRunsUntilItHasEnded(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.REJECT);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        TaskHandle<?> handle = pool.submit(() -> {
            running.countDown();
            Uninterruptibly.await(release);
        });
        running.await();
        assertThat(handle.cancel(true)).isTrue();
        assertThat(handle.cancel(true)).isFalse();
        assertThatThrownBy(handle::get).isInstanceOf(CancellationException.class);
        assertThat(handle.awaitExit(Duration.ofMillis(1))).isFalse();
        assertThat(pool.stats().running()).isEqualTo(1);
        assertThat(pool.stats().cancelled()).isZero();
        assertAddsUp(pool.stats());
        assertThat(pool.awaitIdle(Duration.ZERO)).isFalse();
        release.countDown();
        assertThat(handle.awaitExit(LONG)).isTrue();
        assertThat(pool.stats().running()).isZero();
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 2: whoever sees a handle terminal finds it counted")
    void terminalHandlesAreCounted(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        for (int i = 1; i <= Rounds.of(50_000); i++) {
            pool.submit(() -> 1).get();
            PoolStats stats = pool.stats();
            assertThat(stats.succeeded()).isEqualTo(i);
            assertThat(stats.running()).isZero();
            assertAddsUp(stats);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void futureIsTheHandlesMirror(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        assertThat(pool.submit(() -> 5).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isEqualTo(5);
        TaskHandle<Object> failing = pool.submit(() -> {
            throw new CancellationException("thrown by the work itself");
        });
        assertThatThrownBy(() -> failing.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(CancellationException.class);
        assertThat(failing.isCancelled()).isFalse();
        CountDownLatch release = new CountDownLatch(1);
        TaskHandle<Boolean> running = pool.submit(() -> release.await(60, TimeUnit.SECONDS));
        CompletableFuture<Boolean> mirror = running.toCompletableFuture();
        mirror.complete(false);
        assertThat(running.isDone()).isFalse();
        CompletableFuture<Boolean> second = running.toCompletableFuture();
        running.cancel(true);
        assertThat(second).isCancelled();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void waitingForAHandleIsInterruptible(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        TaskHandle<?> handle = pool.submit(() -> Uninterruptibly.await(release));
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Void> getter = crew.run(
                            () -> assertThatThrownBy(handle::get).isInstanceOf(InterruptedException.class))
                    .awaitParked();
            getter.interrupt();
            getter.result();
            Crew.Member<Void> exitWaiter = crew.run(() ->
                            assertThatThrownBy(() -> handle.awaitExit(LONG)).isInstanceOf(InterruptedException.class))
                    .awaitParked();
            exitWaiter.interrupt();
            exitWaiter.result();
        }
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void whatAnExecutedTaskThrowsGoesToTheHandlerOfTheThread(PoolKind kind) throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        WorkerPool.Builder builder = WorkerPool.builder().threadFactory(body -> {
            Thread thread = kind.threads().factory("worker-").newThread(body);
            thread.setUncaughtExceptionHandler((at, thrown) -> {
                seen.complete(thrown);
                throw new IllegalStateException("the handler fails, too");
            });
            return thread;
        });
        WorkerPool pool = kind.gated()
                ? builder.gate(dev.sluice.gate.Gate.of(1)).build()
                : builder.workers(1).build();
        pool.execute(() -> {
            throw new IllegalArgumentException("of a task");
        });
        assertThat(seen.get(30, TimeUnit.SECONDS)).hasMessage("of a task");
        assertThat(pool.submit(() -> 1).get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(assertCloses(pool).failed()).isEqualTo(1);
        assertThat(seen.get().getSuppressed()).singleElement().isInstanceOf(IllegalStateException.class);
    }
}
