package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ways to close a pool: promise 7. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ClosingTest {

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 4: a submit that races a close runs its task or is rejected, never both, never neither")
    void submitAgainstClose(PoolKind kind) throws Exception {
        int rounds = Rounds.of(100_000) / 4;
        try (Crew crew = new Crew(dev.sluice.testing.ThreadKind.PLATFORM)) {
            for (int round = 0; round < rounds; round++) {
                WorkerPool pool = kind.pool(1, 1);
                AtomicInteger ran = new AtomicInteger();
                CountDownLatch go = new CountDownLatch(1);
                Crew.Member<Integer> submitter = crew.start(() -> {
                    go.await();
                    int accepted = 0;
                    try {
                        while (true) {
                            pool.execute(ran::incrementAndGet);
                            accepted++;
                        }
                    } catch (RejectedExecutionException e) {
                        return accepted;
                    }
                });
                go.countDown();
                if (round % 2 == 0) {
                    Thread.yield();
                }
                pool.close();
                int accepted = submitter.result();
                assertThat(ran.get()).isEqualTo(accepted);
                PoolStats stats = pool.stats();
                assertThat(stats.succeeded()).isEqualTo(accepted);
                assertThat(stats.rejected()).isEqualTo(1);
                assertAddsUp(stats);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 5, promise 2: every handle is terminal after each way of closing, with each policy")
    void everyHandleIsTerminal(PoolKind kind) throws Exception {
        List<Consumer<WorkerPool>> ways = List.of(WorkerPool::shutdownNow, pool -> pool.close(Duration.ZERO), pool -> {
            Thread.currentThread().interrupt();
            pool.close();
            assertThat(Thread.interrupted()).isTrue();
        });
        for (OnFull policy : kind.policies()) {
            for (Consumer<WorkerPool> way : ways) {
                WorkerPool pool = kind.pool(1, 2, policy);
                CountDownLatch running = new CountDownLatch(1);
                List<TaskHandle<?>> handles = new ArrayList<>();
                handles.add(pool.submit(() -> {
                    running.countDown();
                    new CountDownLatch(1).await();
                    return null;
                }));
                running.await();
                if (!kind.gated()) {
                    handles.add(pool.submit(() -> 1));
                    handles.add(pool.submit(() -> 2));
                }
                way.accept(pool);
                for (TaskHandle<?> handle : handles) {
                    assertThatThrownBy(() -> handle.get(30, TimeUnit.SECONDS))
                            .isInstanceOfAny(ExecutionException.class, CancellationException.class);
                    assertThat(handle.awaitExit(LONG)).isTrue();
                }
                PoolStats stats = assertCloses(pool);
                assertThat(stats.failed()).isEqualTo(1);
                assertThat(stats.cancelled()).isEqualTo(kind.gated() ? 0 : 2);
                assertThatThrownBy(() -> pool.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
                assertThatThrownBy(() -> pool.trySubmit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 5: a submitter that waits when the pool is shut down is told so")
    void waitingSubmitterIsToldOfTheEnd(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        pool.execute(() -> Uninterruptibly.await(release));
        if (!kind.gated()) {
            await().until(() -> pool.stats().running() == 1);
            pool.execute(() -> {});
        }
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Void> blocking = crew.run(() -> assertThatThrownBy(() -> pool.submit(() -> 1))
                            .isInstanceOf(RejectedExecutionException.class)
                            .hasMessageContaining("shut down"))
                    .awaitParked();
            Crew.Member<Void> timed = crew.run(() -> assertThatThrownBy(() -> pool.trySubmit(() -> 1, LONG))
                            .isInstanceOf(RejectedExecutionException.class)
                            .hasMessageContaining("shut down"))
                    .awaitParked();
            pool.shutdown();
            blocking.result();
            timed.result();
        }
        release.countDown();
        assertThat(assertCloses(pool).rejected()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 10, promise 7: a task that closes its own pool shuts it down and is told so")
    void closeFromATaskOfThePool(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        TaskHandle<?> closer = pool.submit((Runnable) pool::close);
        assertThatThrownBy(() -> closer.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close");
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertCloses(pool);

        WorkerPool other = kind.pool(1, 1);
        TaskHandle<?> timedCloser = other.submit(() -> other.close(Duration.ofSeconds(30)));
        assertThatThrownBy(() -> timedCloser.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(other.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertCloses(other);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName(
            "scenario 11, promise 7: close with a time limit returns in time and names what still runs, with its stack")
    void timedCloseReportsWhatIsLeft(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        pool.submit(Job.of("deaf", () -> {
            running.countDown();
            Uninterruptibly.await(release);
            return null;
        }));
        running.await();
        if (!kind.gated()) {
            pool.submit(Job.of("unlucky", () -> 1));
        }
        ShutdownReport report = pool.close(Duration.ofMillis(10));
        assertThat(report.isClean()).isFalse();
        assertThat(report.completed()).isZero();
        assertThat(report.neverStarted()).extracting(Job::id).isEqualTo(kind.gated() ? List.of() : List.of("unlucky"));
        assertThat(report.stillRunning()).singleElement().satisfies(task -> {
            assertThat(task.job().id()).isEqualTo("deaf");
            assertThat(task.stack())
                    .anySatisfy(frame -> assertThat(frame.getClassName()).isEqualTo(Uninterruptibly.class.getName()));
        });
        assertThat(report.toString()).contains("deaf", "Uninterruptibly");
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 11: of an executed Runnable that still runs, which has no handle, the stack is shown, too")
    void timedCloseShowsTheStackOfWhatWasExecuted(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        try {
            pool.execute(() -> {
                running.countDown();
                Uninterruptibly.await(release);
            });
            running.await();
            assertThat(pool.close(Duration.ZERO).stillRunning())
                    .singleElement()
                    .satisfies(task -> assertThat(task.stack())
                            .anySatisfy(frame ->
                                    assertThat(frame.getClassName()).isEqualTo(Uninterruptibly.class.getName())));
        } finally {
            release.countDown();
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void timedCloseCountsWhatEndedInTime(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        CountDownLatch release = new CountDownLatch(1);
        pool.submit(() -> 1).get();
        pool.execute(() -> Uninterruptibly.await(release));
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<ShutdownReport> closer =
                    crew.start(() -> pool.close(LONG)).awaitParked();
            release.countDown();
            assertThat(closer.result()).isEqualTo(new ShutdownReport(1, List.of(), List.of()));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 7: shutdownNow gives back what runs the original work, and cancels the handles")
    void shutdownNowGivesBackTheWork(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        pool.execute(() -> {
            running.countDown();
            Uninterruptibly.await(release);
        });
        running.await();
        AtomicInteger ran = new AtomicInteger();
        Runnable executed = ran::incrementAndGet;
        pool.execute(executed);
        TaskHandle<Integer> handle = pool.submit(ran::incrementAndGet);
        TaskHandle<Integer> cancelled = pool.submit(ran::incrementAndGet);
        cancelled.cancel(true);
        List<Runnable> unrun = pool.shutdownNow();
        assertThat(unrun).hasSize(2);
        assertThat(unrun.get(0)).isSameAs(executed);
        assertThat(handle.isCancelled()).isTrue();
        unrun.forEach(Runnable::run);
        assertThat(ran.get()).isEqualTo(2);
        release.countDown();
        assertThat(assertCloses(pool).cancelled()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 7: what shutdownNow gives back throws what the work throws, decorated or not")
    void whatIsGivenBackThrowsWhatTheWorkThrows(PoolKind kind) throws Exception {
        for (boolean decorated : new boolean[] {false, true}) {
            CountDownLatch running = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            WorkerPool.Builder builder = kind.builder(1, 8);
            WorkerPool pool = (decorated ? builder.decorate(task -> task::call) : builder).build();
            pool.execute(() -> {
                running.countDown();
                Uninterruptibly.await(release);
            });
            running.await();
            AtomicInteger ran = new AtomicInteger();
            Runnable withResult = ran::incrementAndGet;
            pool.submit(withResult, "result");
            pool.submit(Job.of("job", ran::incrementAndGet));
            pool.submit(failing(new IllegalStateException("unchecked")));
            pool.submit(failing(new IOException("checked")));
            List<Runnable> unrun = pool.shutdownNow();
            release.countDown();
            assertCloses(pool);
            assertThat(unrun).hasSize(4).startsWith(withResult);
            unrun.get(1).run();
            assertThat(ran).hasValue(1);
            assertThatThrownBy(unrun.get(2)::run).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(unrun.get(3)::run)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    private static Callable<Object> failing(Exception failure) {
        return () -> {
            throw failure;
        };
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void closeWaitsForWhatWasAccepted(PoolKind kind) throws Exception {
        AtomicInteger ran = new AtomicInteger();
        try (WorkerPool pool = kind.pool(2, 16)) {
            for (int i = 0; i < 10; i++) {
                pool.execute(() -> {
                    Thread.yield();
                    ran.incrementAndGet();
                });
            }
        }
        assertThat(ran.get()).isEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void closeMayBeCalledAgainAndByMany(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        pool.execute(() -> Uninterruptibly.await(release));
        try (Crew crew = new Crew(kind.threads())) {
            for (int i = 0; i < 3; i++) {
                crew.run(pool::close).awaitParked();
            }
            release.countDown();
        }
        pool.close();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(pool.shutdownNow()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void awaitIdleWaitsForAllThatWasAccepted(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 16);
        CountDownLatch release = new CountDownLatch(1);
        TaskHandle<?> handle = pool.submit(() -> Uninterruptibly.await(release));
        assertThat(pool.awaitIdle(Duration.ZERO)).isFalse();
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Boolean> waiter = crew.start(() -> pool.awaitIdle(LONG)).awaitParked();
            release.countDown();
            assertThat(waiter.result()).isTrue();
            assertThat(handle.isDone()).isTrue();
        }
        assertThatThrownBy(() -> pool.submit(() -> pool.awaitIdle(LONG)).get())
                .hasCauseInstanceOf(IllegalStateException.class);
        assertCloses(pool);
    }

    @Test
    @DisplayName("promise 4: when a gated task's handle says so, or the pool is idle, the permit is home")
    void permitIsHomeWhenTheHandleSaysSo() throws Exception {
        Gate gate = Gate.of(1);
        try (WorkerPool pool =
                WorkerPool.builder().gate(gate).onFull(OnFull.REJECT).build()) {
            for (int i = 0; i < Rounds.of(50_000); i++) {
                pool.submit(() -> 1).get();
                assertThat(gate.available()).isEqualTo(1);
            }
        }
        assertThat(gate.tryAcquire()).as("the gate stays open").isPresent();
    }

    @Test
    @DisplayName("scenario 25: a permit comes back when the thread cannot be started, or the pool is shut down")
    void permitComesBackWhenNothingStarts() throws Exception {
        Gate gate = Gate.of(2);
        WorkerPool broken =
                WorkerPool.builder().gate(gate).threadFactory(body -> null).build();
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> broken.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> broken.group(OnFailure.COLLECT).submit(() -> 1))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThat(gate.available()).isEqualTo(2);
        }
        assertThat(assertCloses(broken).rejected()).isEqualTo(20);
        assertThatThrownBy(() -> broken.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
        assertThat(gate.available()).isEqualTo(2);
    }

    @Test
    void closedGateRefusesTasksButNotThoseInside() throws Exception {
        Gate gate = Gate.of(1);
        WorkerPool pool = WorkerPool.gated(gate);
        CountDownLatch release = new CountDownLatch(1);
        TaskHandle<?> inside = pool.submit(() -> Uninterruptibly.await(release));
        try (Crew crew = new Crew(dev.sluice.testing.ThreadKind.PLATFORM)) {
            Crew.Member<Void> waiting = crew.run(() -> assertThatThrownBy(() -> pool.submit(() -> 1))
                            .isInstanceOf(RejectedExecutionException.class))
                    .awaitParked();
            gate.close();
            waiting.result();
        }
        assertThatThrownBy(() -> pool.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
        release.countDown();
        inside.get(30, TimeUnit.SECONDS);
        assertThat(assertCloses(pool).rejected()).isEqualTo(2);
    }

    @Test
    void gateMayBeSharedWithOtherCode() throws Exception {
        Gate gate = Gate.of(1);
        try (WorkerPool pool = WorkerPool.gated(gate)) {
            CompletableFuture<TaskHandle<Integer>> submitted;
            try (Crew crew = new Crew(dev.sluice.testing.ThreadKind.PLATFORM);
                    Permit mine = gate.acquire()) {
                Crew.Member<TaskHandle<Integer>> submitter =
                        crew.start(() -> pool.submit(() -> 1)).awaitParked();
                assertThat(pool.stats().waiting()).isEqualTo(1);
                mine.close();
                submitted = CompletableFuture.completedFuture(submitter.result());
            }
            assertThat(submitted.join().get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void awaitIdleEndsWhenTheLastQueuedTaskIsCancelled(PoolKind kind) throws Exception {
        for (int i = 0; i < Rounds.of(20_000); i++) {
            WorkerPool pool = kind.pool(1, 4);
            CountDownLatch release = new CountDownLatch(1);
            TaskHandle<?> running = pool.submit(() -> Uninterruptibly.await(release));
            TaskHandle<?> queued = pool.submit(() -> {});
            try (Crew crew = new Crew(kind.threads())) {
                Crew.Member<Boolean> idle = crew.start(() -> pool.awaitIdle(LONG));
                release.countDown();
                queued.cancel(false);
                assertThat(idle.result()).isTrue();
            }
            running.get(30, TimeUnit.SECONDS);
            pool.close();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void handlerThatRethrowsDoesNotKeepThePoolFromItsEnd(PoolKind kind) throws Exception {
        WorkerPool.Builder builder = WorkerPool.builder().threadFactory(body -> {
            Thread thread = kind.threads().factory("worker-").newThread(body);
            thread.setUncaughtExceptionHandler((at, thrown) -> {
                throw (RuntimeException) thrown;
            });
            return thread;
        });
        WorkerPool pool = (kind.gated() ? builder.gate(Gate.of(1)) : builder.workers(1)).build();
        pool.execute(() -> {
            throw new IllegalStateException("boom");
        });
        assertThat(assertCloses(pool).failed()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void callbacksOfCancelledTasksDoNotHoldUpShutdownNow(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        CountDownLatch running = new CountDownLatch(1);
        pool.submit(() -> {
            running.countDown();
            return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
        });
        running.await();
        TaskHandle<?> first = pool.submit(() -> {});
        TaskHandle<?> second = pool.submit(() -> {});
        CompletableFuture<Boolean> seen = new CompletableFuture<>();
        first.toCompletableFuture().whenComplete((value, failure) -> {
            assertThatThrownBy(second::get).isInstanceOf(CancellationException.class);
            seen.complete(true);
        });
        try (Crew crew = new Crew(dev.sluice.testing.ThreadKind.PLATFORM)) {
            crew.run(() -> assertThat(pool.shutdownNow()).hasSize(2));
        }
        assertThat(seen.get(30, TimeUnit.SECONDS)).isTrue();
        assertCloses(pool);
    }
}
