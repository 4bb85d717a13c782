package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.internal.Lending;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a task that was cancelled, or whose pool was shut down, before it is let in, whatever the way in. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class AdmissionTest {
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger ran = new AtomicInteger();

    private interface Decision {
        void take(BasePool pool, Task<?> task) throws InterruptedException;
    }

    /** The steps of admission that decide what becomes of a task. */
    private static final List<Decision> DECISIONS = List.of(
            (pool, task) -> pool.runHere(task, false),
            (pool, task) -> pool.runHere(task, true),
            (pool, task) -> pool.dropNewest(task, "of the test"),
            BasePool::admitCancelled,
            BasePool::admit,
            BasePool::admitBlocking,
            BasePool::admitToLane,
            BasePool::admitWithRoom,
            (pool, task) -> assertThat(pool.admitWithin(task, LONG.toNanos())).isTrue(),
            (pool, task) -> assertThat(pool.admitWithin(task, Long.MAX_VALUE)).isTrue(),
            (pool, task) -> assertThat(pool.tryAdmit(task, 0)).isTrue(),
            (pool, task) -> assertThat(pool.tryAdmit(task, LONG.toNanos())).isTrue());

    @AfterEach
    void letGo() {
        end.countDown();
    }

    private Task<Integer> task(BasePool pool) {
        return Task.of(pool, (Callable<Integer>) ran::incrementAndGet, TaskListener.NONE);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 2: what was cancelled before it is let in counts as cancelled, and does not run")
    void cancelledTaskIsCountedAsSuch(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(1, 1);
        for (Decision decision : DECISIONS) {
            Task<Integer> task = task(pool);
            task.moveTo(Phase.CANCELLED);
            decision.take(pool, task);
            assertThat(task.isCancelled()).isTrue();
        }
        assertThat(ran).hasValue(0);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.cancelled()).isEqualTo(DECISIONS.size());
        assertThat(stats.submitted()).isEqualTo(DECISIONS.size());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 2: what was cancelled before it comes to its lane counts as cancelled, and holds nobody up")
    void cancelledTaskOfALaneIsCountedAsSuch(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.builder(2, 8).laneCapacity(1).build();
        Lane lane = pool.lane("a");
        for (boolean busy : new boolean[] {false, true}) {
            if (busy) {
                lane.execute(() -> Uninterruptibly.await(end));
            }
            LaneTask<Integer> task = new LaneTask<>(lane, (Callable<Integer>) ran::incrementAndGet, false, true);
            task.moveTo(Phase.CANCELLED);
            pool.admit(task);
            assertThat(pool.tryAdmit(task, 0)).isTrue();
            assertThat(pool.tryAdmit(task, Long.MAX_VALUE)).isTrue();
        }
        end.countDown();
        assertThat(lane.submit(ran::incrementAndGet).get(30, TimeUnit.SECONDS)).isEqualTo(1);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.cancelled()).isEqualTo(6);
        assertThat(stats.succeeded()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("who tries to get in within a time is told that it is up, and is not counted by that")
    void timeIsUpWhileThePoolIsFull(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(1, 1);
        PoolKind.fill(pool, end);
        Task<Integer> task = task(pool);
        assertThat(pool.tryAdmit(task, 0)).isFalse();
        assertThat(pool.tryAdmit(task, 1)).isFalse();
        assertThat(pool.admitWithin(task, 1)).isFalse();
        assertThat(task.isWaiting()).isTrue();
        PoolStats stats = pool.stats();
        assertThat(stats.waiting()).isZero();
        assertThat(stats.rejected()).isZero();
        assertAddsUp(stats);
        end.countDown();
        assertCloses(pool);
        assertThat(ran).hasValue(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 7: a pool that is shut down refuses whatever comes, and counts that")
    void closedPoolRefuses(PoolKind kind) {
        BasePool pool = (BasePool) kind.pool(1, 1);
        pool.shutdown();
        for (Decision decision : DECISIONS) {
            Task<Integer> task = task(pool);
            assertThatThrownBy(() -> decision.take(pool, task))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("it is shut down");
            assertThat(task.isWaiting()).isTrue();
        }
        assertThat(ran).hasValue(0);
        assertThat(assertCloses(pool).rejected()).isEqualTo(DECISIONS.size());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("what is run by its submitter counts as running, and as run by a caller where that is the policy")
    void taskThatRunsHereIsCountedMeanwhile(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(1, 1);
        for (boolean byCaller : new boolean[] {false, true}) {
            Task<PoolStats> task = Task.of(pool, (Callable<PoolStats>) pool::stats, TaskListener.NONE);
            pool.runHere(task, byCaller);
            PoolStats seen = task.get();
            assertAddsUp(seen);
            assertThat(seen.running()).isEqualTo(1);
            assertThat(seen.callerRunning()).isEqualTo(byCaller ? 1 : 0);
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.submitted()).isEqualTo(2);
        assertThat(stats.succeeded()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void dropSaysWhy(PoolKind kind) {
        BasePool pool = (BasePool) kind.pool(1, 1);
        Task<Integer> task = task(pool);
        pool.dropNewest(task, "of the test");
        assertThatThrownBy(task::get)
                .hasCauseInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("of the test");
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    // ---- closing -------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 7: a close counts as completed what has ended in its time, whichever way")
    void closeCountsEveryEndInItsTime(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        pool.submit(() -> 1).get(30, TimeUnit.SECONDS);
        assertThat(pool.awaitIdle(LONG)).isTrue();
        PoolKind.fill(pool, end);
        pool.submit(() -> {
            throw new IllegalStateException("fails");
        });
        TaskHandle<Integer> cancelled = pool.submit(ran::incrementAndGet);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<ShutdownReport> closer =
                    crew.start(() -> pool.close(LONG)).awaitParked();
            cancelled.cancel(false);
            end.countDown();
            assertThat(closer.result()).isEqualTo(new ShutdownReport(4, List.of(), List.of()));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 7: a close that runs out of time does not count what it has cancelled as completed")
    void closeOutOfTimeCountsWhatEndedInItsTime(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        PoolKind.fill(pool, end);
        pool.submit(ran::incrementAndGet);
        ShutdownReport report = pool.close(Duration.ZERO);
        assertThat(report.completed()).isZero();
        assertThat(report.neverStarted()).hasSize(2);
        assertThat(report.stillRunning()).hasSize(1);
        end.countDown();
        assertCloses(pool);
    }

    @Test
    @DisplayName("promise 7: a task that runs on top of one of the pool may not close that, and is told so")
    void taskOnTopOfAnotherMayNotClosePoolsBelow() throws Exception {
        WorkerPool below = WorkerPool.of(1);
        WorkerPool above = WorkerPool.builder()
                .workers(1)
                .queueCapacity(1)
                .onFull(OnFull.CALLER_RUNS)
                .build();
        PoolKind.fill(above, end);
        TaskHandle<?> onTop =
                below.submit(() -> above.submit(() -> below.awaitIdle(LONG))).get(30, TimeUnit.SECONDS);
        assertThatThrownBy(onTop::get)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("awaitIdle was called by task");
        end.countDown();
        assertCloses(above);
        assertCloses(below);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a pool that was stopped stays so when it is shut down afterwards")
    void stoppedPoolStaysStopped(PoolKind kind) {
        BasePool pool = (BasePool) kind.pool(1, 1);
        assertThat(pool.isStopped()).isFalse();
        pool.shutdown();
        assertThat(pool.isStopped()).isFalse();
        assertThat(pool.shutdownNow()).isEmpty();
        pool.shutdown();
        assertThat(pool.isStopped()).isTrue();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void saysWhatStateItIsIn(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 4).name("shown").build();
        assertThat(pool)
                .asString()
                .isEqualTo("WorkerPool[shown, open, 0 of 1 running, 0 of " + (kind.gated() ? 0 : 4)
                        + " queued, 0 submitters waiting]");
        assertThat(pool.isShutdown()).isFalse();
        PoolKind.fill(pool, end);
        pool.shutdown();
        assertThat(pool).asString().startsWith("WorkerPool[shown, shut down, 1 of 1 running");
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        assertThat(pool.awaitTermination(1, TimeUnit.NANOSECONDS)).isFalse();
        end.countDown();
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(pool).asString().startsWith("WorkerPool[shown, terminated, 0 of 1 running");
    }

    @Test
    @DisplayName("promise 5: a wait of another part of the library lends the worker of its task, and is waited for")
    void waitsOfOtherPartsLend() throws Exception {
        WorkerPool pool = WorkerPool.of(1);
        TaskHandle<Boolean> waits = pool.submit(() -> {
            TaskHandle<Integer> other = pool.submit(ran::incrementAndGet);
            AtomicBoolean waited = new AtomicBoolean();
            Lending.during(() -> waited.set(((Task<?>) other).await(Long.MAX_VALUE)));
            return waited.get();
        });
        assertThat(waits.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(ran).hasValue(1);
        assertCloses(pool);
    }

    // ---- ways in -------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("every way in gives a handle of what was let in")
    void everyWayInGivesAHandle(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(8, 16);
        Runnable runnable = ran::incrementAndGet;
        Job<String> job = Job.of("job", () -> "of the job");
        assertThat(pool.submit(runnable).get(30, TimeUnit.SECONDS)).isNull();
        assertThat(pool.submit(runnable, "given").get(30, TimeUnit.SECONDS)).isEqualTo("given");
        assertThat(pool.submit(() -> "of the task").get(30, TimeUnit.SECONDS)).isEqualTo("of the task");
        assertThat(pool.submit(job).get(30, TimeUnit.SECONDS)).isEqualTo("of the job");
        assertThat(pool.trySubmit(() -> 1).orElseThrow().get(30, TimeUnit.SECONDS))
                .isEqualTo(1);
        assertThat(pool.trySubmit(job).orElseThrow().job()).isSameAs(job);
        assertThat(pool.trySubmit(() -> 2, LONG).orElseThrow().get(30, TimeUnit.SECONDS))
                .isEqualTo(2);
        assertThat(pool.trySubmit(job, LONG).orElseThrow().job()).isSameAs(job);
        TaskHandle<?> tried = pool.trySubmit(runnable).orElseThrow();
        assertThat(tried.get(30, TimeUnit.SECONDS)).isNull();
        TaskHandle<?> inTime = pool.trySubmit(runnable, LONG).orElseThrow();
        assertThat(inTime.get(30, TimeUnit.SECONDS)).isNull();
        assertThat(ran).hasValue(4);
        List<Callable<Integer>> one = List.of(() -> 5);
        Integer any = pool.invokeAny(one);
        assertThat(any).isEqualTo(5);
        any = pool.invokeAny(one, 30, TimeUnit.SECONDS);
        assertThat(any).isEqualTo(5);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(12);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 1: who tries is refused at once when the pool is full, or waits for as long as it said")
    void triesAreCounted(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        PoolKind.fill(pool, end);
        assertThat(pool.trySubmit(ran::incrementAndGet)).isEmpty();
        assertThat(pool.trySubmit(ran::incrementAndGet, Duration.ofNanos(1))).isEmpty();
        PoolStats stats = pool.stats();
        assertThat(stats.rejected()).isEqualTo(2);
        assertAddsUp(stats);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Boolean> waits = crew.start(
                            () -> pool.trySubmit(ran::incrementAndGet, LONG).isPresent())
                    .awaitParked();
            end.countDown();
            assertThat(waits.result()).isTrue();
        }
        assertCloses(pool);
        assertThat(ran).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void groupsAndFeedsHaveTheirDeadline(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT, Duration.ZERO)) {
            assertThatThrownBy(() -> {
                        group.submit(ran::incrementAndGet);
                        group.join();
                    })
                    .hasCauseInstanceOf(TimeoutException.class);
        }
        Job<Integer> job = Job.of("job", ran::incrementAndGet);
        try (Outcomes<Integer> outcomes = pool.outcomes(List.of(job), Duration.ZERO)) {
            assertThatThrownBy(() -> outcomes.forEach(outcome -> {})).hasCauseInstanceOf(TimeoutException.class);
        }
        assertCloses(pool);
        assertThat(ran).hasValue(0);
    }

    @Test
    @DisplayName("promise 2: the time in the queue begins with the acceptance for what its submitter runs, too")
    void taskThatRunsHereIsNotLate() throws Exception {
        QueuedPool pool = (QueuedPool) WorkerPool.builder()
                .workers(1)
                .queueTimeout(Duration.ofHours(1))
                .build();
        Task<Integer> task = task(pool);
        task.makeLate();
        pool.runHere(task, false);
        assertThat(task.get()).isEqualTo(1);
        assertThat(assertCloses(pool).dropped()).isZero();
    }

    // ---- ends ----------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void whatHasBegunIsNotWithdrawn(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(1, 1);
        Task<Integer> task = task(pool);
        pool.admit(task);
        task.get(30, TimeUnit.SECONDS);
        assertThat(pool.withdraw(task)).isFalse();
        assertThat(assertCloses(pool).cancelled()).isZero();
    }

    @Test
    @DisplayName(
            "promise 4: who waits for the exit of a cancelled task is told though its worker goes on with another one")
    void exitIsToldWhileTheWorkerGoesOn() throws Exception {
        WorkerPool pool = WorkerPool.of(1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch first = new CountDownLatch(1);
        TaskHandle<?> cancelled = pool.submit(() -> {
            begun.countDown();
            Uninterruptibly.await(first);
        });
        begun.await();
        TaskHandle<?> next = pool.submit(() -> Uninterruptibly.await(end));
        assertThat(cancelled.cancel(false)).isTrue();
        assertThat(cancelled.awaitExit(Duration.ofNanos(1)))
                .as("its work goes on")
                .isFalse();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> waits =
                    crew.start(() -> cancelled.awaitExit(LONG)).awaitParked();
            first.countDown();
            assertThat(waits.result()).isTrue();
        }
        assertThat(next.isDone()).isFalse();
        end.countDown();
        assertCloses(pool);
    }
}
