package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Clock;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pool does by the clock: tasks that run or are queued for too long, workers that are idle for long. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class TimeLimitTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration FAR = Duration.ofHours(1);

    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void releaseAll() {
        release.countDown();
    }

    private void block(WorkerPool pool) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        TaskHandle<?> blocker;
        do { // on a slow machine it may itself be queued for too long
            blocker = pool.submit(() -> {
                begun.countDown();
                Uninterruptibly.await(release);
            });
            while (!blocker.isDone() && !begun.await(1, TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
        } while (blocker.isDone());
    }

    // ---- how long a task runs ------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 2: a task that passes its time limit is interrupted, and has failed")
    void passedTimeLimitInterruptsAndFails(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        AtomicBoolean interrupted = new AtomicBoolean();
        TaskHandle<Object> handle = pool.submit(Job.<Object>of("slow", () -> {
                    try {
                        return release.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                        throw e;
                    }
                })
                .timeLimit(SHORT));
        assertThatThrownBy(() -> handle.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("task slow of")
                .hasMessageContaining("PT0.02S");
        assertThat(handle.awaitExit(LONG)).isTrue();
        assertThat(interrupted).isTrue();
        assertThat(handle.isCancelled()).isFalse();
        assertThat(handle.cancel(true)).isFalse();
        assertThat(catchThrowable(() -> handle.toCompletableFuture().get())).hasCauseInstanceOf(TimeoutException.class);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.failed()).isEqualTo(1);
        assertThat(stats.cancelled()).isZero();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 4: work that goes on past its time limit holds its worker, and counts as running")
    void workPastItsTimeLimitStillRuns(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.REJECT);
        TaskHandle<Object> handle = pool.submit(Job.<Object>of("deaf", () -> {
                    Uninterruptibly.await(release);
                    return 1;
                })
                .timeLimit(SHORT));
        assertThatThrownBy(() -> handle.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(TimeoutException.class);
        assertThat(handle.awaitExit(Duration.ZERO)).isFalse();
        assertThat(pool.stats().running()).isEqualTo(1);
        assertThat(pool.stats().failed()).isZero();
        assertAddsUp(pool.stats());
        release.countDown();
        assertThat(handle.awaitExit(LONG)).isTrue();
        assertThat(pool.stats().failed()).isEqualTo(1);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 4: a time limit that passes as its task ends interrupts no other task")
    void timeLimitThatRacesTheEndInterruptsNobodyElse(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        AtomicInteger leaked = new AtomicInteger();
        int rounds = Rounds.of(10_000);
        int failed = 0;
        for (int i = 0; i < rounds; i++) {
            TaskHandle<Integer> limited = pool.submit(Job.<Integer>of("tight", () -> {
                        Thread.yield();
                        return 1;
                    })
                    .timeLimit(Duration.ofNanos(1 + i % 100_000)));
            TaskHandle<?> next = pool.submit(() -> {
                if (Thread.interrupted()) {
                    leaked.incrementAndGet();
                }
            });
            failed += catchThrowable(limited::get) == null ? 0 : 1;
            next.get();
        }
        assertThat(leaked.get()).isZero();
        assertThat(pool.awaitIdle(LONG)).isTrue();
        PoolStats stats = assertCloses(pool);
        assertThat(stats.failed()).isEqualTo(failed);
        assertThat(stats.succeeded()).isEqualTo(2L * rounds - failed);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void groupSeesAPassedTimeLimitAsAFailure(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        try (TaskGroup<Object> group = pool.group(OnFailure.FAIL_FAST)) {
            group.submit(
                    Job.of("slow", () -> release.await(30, TimeUnit.SECONDS)).timeLimit(SHORT));
            group.submit(() -> release.await(30, TimeUnit.SECONDS));
            assertThatThrownBy(group::join).hasCauseInstanceOf(TimeoutException.class);
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.failed()).isEqualTo(1);
        assertThat(stats.cancelled()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("no alarm keeps a finished task or a closed pool alive")
    void alarmsKeepNothingAlive(PoolKind kind) throws Exception {
        List<WeakReference<?>> gone = new ArrayList<>();
        leaveAlarmsBehind(kind, gone);
        await().atMost(LONG).until(() -> {
            System.gc();
            return gone.stream().allMatch(reference -> reference.get() == null);
        });
    }

    private static void leaveAlarmsBehind(PoolKind kind, List<WeakReference<?>> gone) throws Exception {
        WorkerPool.Builder builder = kind.builder(1, 4).stuckAfter(FAR);
        WorkerPool pool = (kind.gated() ? builder : builder.queueTimeout(FAR).keepAlive(FAR)).build();
        TaskHandle<Object> limited =
                pool.submit(Job.<Object>of("far", Object::new).timeLimit(FAR));
        gone.add(new WeakReference<>(limited.get()));
        gone.add(new WeakReference<>(limited));
        TaskGroup<Object> group = pool.group(OnFailure.COLLECT, FAR);
        gone.add(new WeakReference<>(group));
        gone.add(new WeakReference<>(group.submit(() -> 1)));
        group.close();
        assertCloses(pool);
        gone.add(new WeakReference<>(pool));
    }

    // ---- how long a task is queued -------------------------------------------------------------------

    private static WorkerPool withQueueTimeout(PoolKind kind, Duration timeout, OnFull onFull) {
        return kind.builder(1, 4).onFull(onFull).queueTimeout(timeout).build();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 2: what is queued for too long is dropped, though no worker comes, and its handle says why")
    void queuedForTooLongIsDropped(PoolKind kind) throws Exception {
        WorkerPool pool = withQueueTimeout(kind, SHORT, OnFull.REJECT);
        block(pool);
        AtomicInteger ran = new AtomicInteger();
        List<TaskHandle<?>> queued = new ArrayList<>();
        queued.add(pool.submit(ran::incrementAndGet));
        queued.add(pool.submit(Job.of("late", ran::incrementAndGet)));
        queued.add(pool.lane("a").submit(ran::incrementAndGet));
        queued.add(pool.lane("a").submit(ran::incrementAndGet));
        for (TaskHandle<?> handle : queued) {
            assertThatThrownBy(() -> handle.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("queued for longer than PT0.02S");
        }
        PoolStats stats = pool.stats();
        long before = stats.dropped() - 4;
        assertThat(before).isNotNegative();
        assertThat(stats.queued()).isZero();
        assertAddsUp(stats);
        TaskHandle<Integer> again = pool.submit(() -> 2);
        assertThat(catchThrowable(() -> again.get(30, TimeUnit.SECONDS)))
                .as("the alarm is set again")
                .hasCauseInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertThat(assertCloses(pool).dropped()).isEqualTo(before + 5);
        assertThat(ran.get()).isZero();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("a worker that comes upon a task that was queued for too long drops it, whatever the alarm does")
    void workerDropsWhatIsLate(PoolKind kind) throws Exception {
        QueuedPool pool = (QueuedPool) withQueueTimeout(kind, Duration.ofNanos(1), OnFull.REJECT);
        AtomicInteger ran = new AtomicInteger();
        TaskHandle<?> late = pool.submit(ran::incrementAndGet);
        assertThat(catchThrowable(() -> late.get(30, TimeUnit.SECONDS)))
                .hasCauseInstanceOf(RejectedExecutionException.class);
        pool.execute(ran::incrementAndGet);
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(assertCloses(pool).dropped()).isEqualTo(2);
        assertThat(ran.get()).isZero();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("a task that runs another one on the spot looks at its time too")
    void taskRunOnTheSpotMayBeLate(PoolKind kind) throws Exception {
        WorkerPool pool = withQueueTimeout(kind, FAR, OnFull.REJECT);
        TaskHandle<@Nullable Throwable> outer = pool.submit(() -> {
            TaskHandle<Integer> inner = pool.submit(() -> 1);
            ((Task<?>) inner).makeLate();
            return catchThrowable(inner::get);
        });
        assertThat(outer.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(RejectedExecutionException.class);
        TaskHandle<Integer> next = pool.submit(() -> {
            CountDownLatch never = new CountDownLatch(1);
            return never.await(1, TimeUnit.MILLISECONDS) ? 1 : 2;
        });
        assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.dropped()).isEqualTo(1);
        assertThat(stats.succeeded()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("a worker looks at the time of what it begins, not only the alarm")
    void workerLooksAtTheTime(PoolKind kind) throws Exception {
        WorkerPool pool = withQueueTimeout(kind, FAR, OnFull.REJECT);
        block(pool);
        TaskHandle<Integer> late = pool.submit(() -> 1);
        ((Task<?>) late).makeLate();
        TaskHandle<Integer> inTime = pool.submit(() -> 2);
        release.countDown();
        assertThat(inTime.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(catchThrowable(late::get)).hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName(
            "promise 2: the time in the queue begins when the task is accepted, however long its submitter waits for room")
    void waitingForRoomIsNotTimeInTheQueue(PoolKind kind) throws Exception {
        QueuedPool blocking = (QueuedPool) kind.builder(1, 1).queueTimeout(FAR).build();
        block(blocking);
        blocking.submit(() -> 1);
        List<Task<Integer>> admitted = List.of(madeLongAgo(blocking), madeLongAgo(blocking));
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<?> waits = crew.start(() -> {
                admitted.forEach(blocking::admit);
                return null;
            });
            waits.awaitParked();
            release.countDown();
            waits.result();
        }
        for (Task<Integer> task : admitted) {
            assertThat(task.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(assertCloses(blocking).dropped()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"DROP_OLDEST", "CALLER_RUNS", "DROP_NEWEST"})
    @DisplayName(
            "the time in the queue begins when the task is accepted, also in another's place, in its submitter, in a lane")
    void timeInTheQueueBeginsWithAcceptance(OnFull onFull) throws Exception {
        QueuedPool pool = (QueuedPool) WorkerPool.builder()
                .workers(1)
                .queueCapacity(1)
                .onFull(onFull)
                .queueTimeout(FAR)
                .build();
        if (onFull == OnFull.DROP_NEWEST) {
            LaneTask<Integer> inLane = new LaneTask<>(pool.lane("a"), (Callable<Integer>) () -> 1, false, true);
            inLane.makeLate();
            pool.admit(inLane);
            assertThat(inLane.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        } else {
            block(pool);
            pool.submit(() -> 1);
            Task<Integer> full = madeLongAgo(pool);
            pool.admit(full);
            assertThat(full.isDone()).isEqualTo(onFull == OnFull.CALLER_RUNS);
            release.countDown();
            assertThat(full.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(assertCloses(pool).dropped()).isEqualTo(onFull == OnFull.DROP_OLDEST ? 1 : 0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName(
            "a task that is queued while there is no thread for the alarm is accepted, and the next one sets the alarm")
    void alarmThatCannotBeSetCostsNoTask(PoolKind kind) throws Exception {
        QueuedPool pool = (QueuedPool) withQueueTimeout(kind, FAR, OnFull.REJECT);
        block(pool);
        TaskHandle<Integer> late = pool.submit(() -> 1);
        ((Task<?>) late).makeLate();
        List<Runnable> alarms = new ArrayList<>();
        AtomicInteger failures = new AtomicInteger(2);
        QueueTimeouts timeouts = new QueueTimeouts(pool, 1, (nanos, action) -> {
            if (failures.getAndDecrement() > 0) {
                throw new Error("unable to create native thread");
            }
            alarms.add(action);
            return Clock.in(FAR.toNanos(), () -> {});
        });
        timeouts.start();
        timeouts.start();
        assertThat(alarms).isEmpty();
        timeouts.start();
        timeouts.start();
        assertThat(alarms).as("set once, when that could be done").hasSize(1);
        failures.set(1);
        TaskHandle<Integer> other = pool.submit(() -> 2);
        alarms.get(0).run();
        assertThat(catchThrowable(() -> late.get(30, TimeUnit.SECONDS)))
                .hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(alarms).as("the alarm could not set itself again").hasSize(1);
        timeouts.start();
        assertThat(alarms).hasSize(2);
        pool.look(() -> {
            timeouts.stop();
            return true;
        });
        release.countDown();
        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    private static Task<Integer> madeLongAgo(QueuedPool pool) {
        Task<Integer> task = Task.of(pool, (Callable<Integer>) () -> 1, TaskListener.NONE);
        task.makeLate();
        return task;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("a member of a group that was queued for too long is a failure of the group, whoever drops it")
    void lateMemberFailsItsGroup(PoolKind kind) throws Exception {
        WorkerPool pool = withQueueTimeout(kind, FAR, OnFull.REJECT);
        block(pool);
        TaskGroup<Integer> byWorker = pool.group(OnFailure.COLLECT);
        ((Task<?>) byWorker.submit(() -> 1)).makeLate();
        release.countDown();
        assertThatThrownBy(byWorker::join).hasCauseInstanceOf(RejectedExecutionException.class);
        byWorker.close();
        PoolStats stats = assertCloses(pool);
        assertThat(stats.dropped()).isEqualTo(1);
        assertThat(stats.runTime().samples()).as("what was dropped has not run").isEqualTo(1);
        assertThat(stats.queueWait().samples()).isEqualTo(2);

        WorkerPool other = withQueueTimeout(kind, SHORT, OnFull.REJECT);
        CountDownLatch hold = new CountDownLatch(1);
        TaskHandle<?> holder = other.submit(() -> Uninterruptibly.await(hold));
        TaskGroup<Integer> byAlarm = other.group(OnFailure.COLLECT);
        byAlarm.submit(() -> 1);
        Throwable thrown = catchThrowable(byAlarm::join);
        hold.countDown();
        byAlarm.close();
        assertThat(holder.awaitExit(LONG)).isTrue();
        if (!(catchThrowable(holder::get) instanceof ExecutionException)) { // else it was itself queued for too long
            assertThat(thrown).hasCauseInstanceOf(RejectedExecutionException.class);
        }
        assertCloses(other);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a decorated job has its time limit, and its name")
    void decoratedJobHasItsTimeLimit(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 4).decorate(task -> task::call).build();
        TaskHandle<Object> slow = pool.submit(Job.<Object>of("slow", () -> release.await(30, TimeUnit.SECONDS))
                .timeLimit(SHORT));
        assertThatThrownBy(() -> slow.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TimeoutException.class)
                .hasMessageContaining("task slow of");
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("what the alarm drops makes room for a submitter that waits")
    void droppingMakesRoom(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 1).queueTimeout(SHORT).build();
        block(pool);
        for (int i = 0; i < 5; i++) {
            pool.submit(() -> 1);
        }
        assertAddsUp(pool.stats());
        release.countDown();
        PoolStats stats = assertCloses(pool);
        assertThat(stats.submitted()).isGreaterThanOrEqualTo(6);
        assertThat(stats.dropped()).isGreaterThanOrEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 2: tasks dropped by the alarm, by workers and by cancels at once are counted once")
    void droppingRacesBeginningAndCancelling(PoolKind kind) throws Exception {
        WorkerPool pool =
                kind.builder(2, 16).queueTimeout(Duration.ofNanos(20_000)).build();
        int rounds = Rounds.of(100_000);
        List<TaskHandle<?>> handles = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            TaskHandle<?> handle =
                    i % 2 == 0 ? pool.submit(Thread::yield) : pool.lane(i % 3).submit(Thread::yield);
            handles.add(handle);
            if (i % 7 == 0) {
                handle.cancel(true);
            }
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        await().atMost(LONG).until(() -> handles.stream().allMatch(TaskHandle::isDone));
        assertThat(assertCloses(pool).submitted()).isEqualTo(rounds);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void limitsAreChecked(PoolKind kind) {
        WorkerPool.Builder builder = kind.builder(1, 1);
        assertThatThrownBy(() -> builder.queueTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("queueTimeout must be > 0 but was PT0S");
        assertThatThrownBy(() -> builder.keepAlive(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keepAlive");
        assertThatThrownBy(() -> Job.of("a", () -> 1).timeLimit(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeLimit");
        assertThat(Job.of("a", () -> 1).timeLimit(FAR).type("t").timeLimit()).contains(FAR);
        assertThat(Job.of("a", () -> 1).timeLimit()).isEmpty();
        Gate gate = Gate.of(1);
        assertThatThrownBy(
                        () -> WorkerPool.builder().gate(gate).queueTimeout(FAR).build())
                .hasMessageContaining("gate and queueTimeout");
        assertThatThrownBy(() -> WorkerPool.builder().gate(gate).keepAlive(FAR).build())
                .hasMessageContaining("gate and keepAlive");
    }

    // ---- how long a worker is idle -------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("idle workers end after their time, and new ones come when there are tasks")
    void idleWorkersEnd(PoolKind kind) throws Exception {
        QueuedPool pool = (QueuedPool) kind.builder(3, 8).keepAlive(SHORT).build();
        for (int round = 0; round < 3; round++) {
            CountDownLatch all = new CountDownLatch(3);
            List<TaskHandle<?>> handles = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                handles.add(pool.submit(() -> {
                    all.countDown();
                    return all.await(30, TimeUnit.SECONDS);
                }));
            }
            for (TaskHandle<?> handle : handles) {
                assertThat(handle.get(30, TimeUnit.SECONDS)).isEqualTo(true);
            }
            await().atMost(LONG).until(() -> pool.look(pool::threads) == 0);
        }
        assertThat(assertCloses(pool).succeeded()).isEqualTo(9);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("the worker that went to sleep last is called first, so those that are not needed can end")
    void whoWentToSleepLastIsCalledFirst(PoolKind kind) throws Exception {
        QueuedPool pool = (QueuedPool) kind.pool(3, 8);
        CountDownLatch all = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            pool.submit(() -> {
                all.countDown();
                return all.await(30, TimeUnit.SECONDS);
            });
        }
        Set<Thread> called = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            await().pollInterval(Duration.ofNanos(100_000)).atMost(LONG).until(() -> pool.look(pool.workers::atRest));
            called.add(pool.submit(Thread::currentThread).get(30, TimeUnit.SECONDS));
        }
        assertThat(called).hasSize(1);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(103);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("no task is left behind by workers that end for want of tasks")
    void endingWorkersLeaveNoTaskBehind(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(2, 8).keepAlive(Duration.ofNanos(1)).build();
        for (int i = 0; i < Rounds.of(20_000); i++) {
            assertThat(pool.submit(() -> 1).get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("resize starts the workers that queued tasks wait for")
    void resizeStartsWantedWorkers(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        block(pool);
        TaskHandle<Integer> queued = pool.submit(() -> 2);
        pool.resize(2);
        assertThat(queued.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        release.countDown();
        assertCloses(pool);
    }
}
