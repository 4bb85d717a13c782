package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lanes: what a key may hold, what happens to one task too many, and that none runs inline. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class LaneTest {
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void releaseAll() {
        release.countDown();
    }

    private TaskHandle<?> block(Lane lane) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        TaskHandle<?> blocked = lane.submit(() -> {
            begun.countDown();
            Uninterruptibly.await(release);
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        return blocked;
    }

    private static WorkerPool pool(PoolKind kind, int width, int queueCapacity, int laneCapacity, OnFull onFull) {
        return kind.builder(width, queueCapacity)
                .laneCapacity(laneCapacity)
                .onFull(onFull)
                .build();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 6: a slow key holds one worker, and the tasks of others pass it by")
    void slowKeyHoldsOneWorker(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 5, OnFull.BLOCK);
        Lane slow = pool.lane("slow");
        block(slow);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            slow.execute(() -> order.add(number));
        }
        assertThat(slow.trySubmit(() -> 1)).as("its share is used up").isEmpty();
        for (int i = 0; i < 100; i++) {
            assertThat(pool.lane("key-" + i % 7).submit(() -> 1).get(30, TimeUnit.SECONDS))
                    .isEqualTo(1);
        }
        PoolStats stats = pool.stats();
        assertThat(stats.queued()).isEqualTo(4);
        assertThat(stats.running()).isEqualTo(1);
        assertAddsUp(stats);
        assertThat(order).isEmpty();
        release.countDown();
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(order).containsExactly(0, 1, 2, 3);
        assertThat(assertCloses(pool).succeeded()).isEqualTo(105);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 6: lanes of equal keys are one lane")
    void equalKeysAreOneLane(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 2, OnFull.REJECT);
        block(pool.lane(List.of("a", 1)));
        TaskHandle<Integer> second = pool.lane(new ArrayList<>(List.of("a", 1))).submit(() -> 2);
        assertThatThrownBy(() -> pool.lane(List.of("a", 1)).submit(() -> 3))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("lane of 2 is full");
        assertThat(pool.lane(List.of("a", 2)).submit(() -> 4).get(30, TimeUnit.SECONDS))
                .isEqualTo(4);
        assertThat(second.isDone()).isFalse();
        release.countDown();
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.rejected()).isEqualTo(1);
        assertThat(stats.succeeded()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 6: beyond its share a key's own submitter waits, and no other")
    void submitterOfAFullLaneWaits(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 2, OnFull.BLOCK);
        Lane slow = pool.lane("slow");
        block(slow);
        slow.execute(() -> {});
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<TaskHandle<Integer>> waits =
                    crew.start(() -> slow.submit(() -> 7)).awaitParked();
            await().until(() -> pool.stats().waiting() == 1);
            assertThat(pool.lane("other").submit(() -> 1).get(30, TimeUnit.SECONDS))
                    .isEqualTo(1);
            assertThat(waits.task().isDone()).isFalse();
            release.countDown();
            assertThat(waits.result().get(30, TimeUnit.SECONDS)).isEqualTo(7);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 6: the end of a key's only task calls a submitter that waits, though nothing else is begun")
    void endOfTheOnlyTaskMakesRoomInTheLane(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 1, OnFull.BLOCK);
        Lane slow = pool.lane("slow");
        block(slow);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<TaskHandle<Integer>> waits =
                    crew.start(() -> slow.submit(() -> 7)).awaitParked();
            release.countDown();
            assertThat(waits.result().get(30, TimeUnit.SECONDS)).isEqualTo(7);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 4: a cancelled task of a lane makes room for a submitter that waits")
    void cancelMakesRoomInTheLane(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 2, OnFull.BLOCK);
        Lane slow = pool.lane("slow");
        block(slow);
        TaskHandle<?> behind = slow.submit(() -> {});
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<TaskHandle<Integer>> waits =
                    crew.start(() -> slow.submit(() -> 7)).awaitParked();
            assertThat(behind.cancel(false)).isTrue();
            TaskHandle<Integer> admitted = waits.result();
            assertThat(admitted.isDone()).isFalse();
            release.countDown();
            assertThat(admitted.get(30, TimeUnit.SECONDS)).isEqualTo(7);
        }
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 5: who waits for room in a lane is told when the pool is shut down, or when interrupted")
    void waitersForALaneAreTold(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 1, OnFull.BLOCK);
        Lane slow = pool.lane("slow");
        block(slow);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Throwable> interrupted =
                    crew.start(() -> catchThrowable(() -> slow.submit(() -> 1))).awaitParked();
            interrupted.interrupt();
            assertThat(interrupted.result())
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            Crew.Member<Throwable> closedOut =
                    crew.start(() -> catchThrowable(() -> slow.submit(() -> 1))).awaitParked();
            pool.shutdown();
            assertThat(closedOut.result()).isInstanceOf(RejectedExecutionException.class);
        }
        release.countDown();
        assertThat(assertCloses(pool).rejected()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void newestOfAFullLaneIsDropped(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 2, OnFull.DROP_NEWEST);
        Lane slow = pool.lane("slow");
        block(slow);
        TaskHandle<Integer> kept = slow.submit(() -> 1);
        TaskHandle<Integer> dropped = slow.submit(() -> 2);
        assertThatThrownBy(() -> dropped.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertThat(kept.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void oldestOfAFullLaneIsDropped(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 3, OnFull.DROP_OLDEST);
        Lane slow = pool.lane("slow");
        block(slow);
        TaskHandle<Integer> oldest = slow.submit(() -> 1);
        TaskHandle<Integer> kept = slow.submit(() -> 2);
        passBy(pool);
        TaskHandle<Integer> newest = slow.submit(() -> 3);
        assertThatThrownBy(() -> oldest.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(RejectedExecutionException.class);
        assertAddsUp(pool.stats());
        assertThat(pool.stats().queued()).isEqualTo(2);
        release.countDown();
        assertThat(kept.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(newest.get(30, TimeUnit.SECONDS)).isEqualTo(3);
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void oldestOfAQueueFullOfLanesIsDropped(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 2, 3, OnFull.DROP_OLDEST);
        Lane slow = pool.lane("slow");
        block(slow);
        List<TaskHandle<Integer>> behind = List.of(slow.submit(() -> 1), slow.submit(() -> 2));
        TaskHandle<Integer> other = pool.lane("other").submit(() -> 3);
        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(3);
        assertThat(pool.stats().queued()).isEqualTo(1);
        assertThat(behind.get(0).isDone()).isTrue();
        release.countDown();
        assertThat(behind.get(1).get(30, TimeUnit.SECONDS)).isEqualTo(2);
        assertThat(assertCloses(pool).dropped()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void callerRunsDoesNotGoWithLanes(PoolKind kind) {
        WorkerPool pool = pool(kind, 1, 1, 1, OnFull.CALLER_RUNS);
        assertThatThrownBy(() -> pool.lane("any"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("CALLER_RUNS");
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void badArgumentsAreRefusedAtOnce(PoolKind kind) {
        WorkerPool pool = kind.pool(1, 1);
        assertThatThrownBy(() -> pool.lane(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("key");
        assertThatThrownBy(() -> pool.lane("a").execute(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> kind.builder(1, 1).laneCapacity(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("laneCapacity must be >= 1 but was 0");
        assertThat(pool.lane("a")).hasToString("Lane[a of " + pool.stats().name() + "]");
        assertThat(assertCloses(pool).submitted()).isZero();
        assertThatThrownBy(() -> pool.lane("a").submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 1, promise 5: a lane task that joins its own lane is told so")
    void joiningTheOwnLaneFailsAtOnce(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        Lane lane = pool.lane("mine");
        TaskHandle<Throwable> result = lane.submit(() -> {
            TaskHandle<Integer> behind = lane.submit(() -> 2);
            Throwable thrown = catchThrowable(behind::get);
            assertThatThrownBy(() -> behind.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            return thrown;
        });
        assertThat(result.get(30, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would never end")
                .hasMessageContaining("waits for");
        assertThat(assertCloses(pool).succeeded()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 1, promise 5: a lane task that waits for room in its own lane is told so")
    void waitingForRoomInTheOwnLaneFailsAtOnce(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 1, OnFull.BLOCK);
        Lane lane = pool.lane("mine");
        TaskHandle<Throwable> result = lane.submit(() -> catchThrowable(() -> lane.submit(() -> 2)));
        assertThat(result.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.succeeded()).isEqualTo(1);
        assertThat(stats.rejected()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: tasks of two lanes that wait for each other's lane are told so")
    void circleOfLanesFails(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 2, OnFull.BLOCK);
        Lane a = pool.lane("a");
        Lane b = pool.lane("b");
        CountDownLatch both = new CountDownLatch(2);
        TaskHandle<Integer> first = a.submit(() -> joinOther(both, b));
        TaskHandle<Integer> second = b.submit(() -> joinOther(both, a));
        Throwable ofFirst = catchThrowable(() -> first.get(30, TimeUnit.SECONDS));
        Throwable ofSecond = catchThrowable(() -> second.get(30, TimeUnit.SECONDS));
        assertThat(List.of(String.valueOf(ofFirst), String.valueOf(ofSecond)))
                .as("at least one is told, and the other then goes on")
                .anyMatch(thrown -> thrown.contains("would never end"))
                .noneMatch(thrown -> thrown.contains("TimeoutException"));
        assertCloses(pool);
    }

    private static int joinOther(CountDownLatch both, Lane other) throws Exception {
        both.countDown();
        both.await();
        return other.submit(() -> 1).get();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 5: a lane task that waits for room in a queue full of what is behind it is told so")
    void waitingForAQueueFullOfOwnSuccessorsFails(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 2, 8, OnFull.BLOCK);
        Lane mine = pool.lane("mine");
        TaskHandle<Throwable> result = mine.submit(() -> {
            mine.submit(() -> 1);
            mine.submit(() -> 2);
            return catchThrowable(() -> pool.lane("other").submit(() -> 3));
        });
        assertThat(result.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.succeeded()).isEqualTo(3);
        assertThat(stats.rejected()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 5: a lane task reads a feed while the queue is full of what is behind it")
    void feedInAQueueFullOfOwnSuccessorsEnds(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 2, 8, OnFull.BLOCK);
        Lane mine = pool.lane("mine");
        try {
            TaskHandle<Integer> sum = mine.submit(() -> {
                mine.submit(() -> 1);
                mine.submit(() -> 2);
                return sumOfFeed(pool);
            });
            assertThat(sum.get(30, TimeUnit.SECONDS)).isEqualTo(12);
            assertThat(assertCloses(pool).succeeded()).isEqualTo(6);
        } finally {
            pool.shutdownNow();
        }
    }

    private static int sumOfFeed(WorkerPool pool) {
        int sum = 0;
        List<Job<Integer>> jobs = List.of(Job.of("a", () -> 3), Job.of("b", () -> 4), Job.of("c", () -> 5));
        try (Outcomes<Integer> outcomes = pool.outcomes(jobs)) {
            for (Outcome<Integer> outcome : outcomes) {
                sum += outcome.orElseThrow();
            }
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 5: a lane task that waits for one that waits for room among what is behind it is told so")
    void cycleThroughRoomIsTold(PoolKind kind) throws Exception {
        for (boolean feeds : new boolean[] {true, false}) {
            WorkerPool pool = pool(kind, 2, 2, 8, OnFull.BLOCK);
            WorkerPool other = pool(kind, 2, 2, 8, OnFull.BLOCK);
            Lane mine = pool.lane("mine");
            try {
                TaskHandle<Throwable> told = mine.submit(() -> {
                    mine.submit(() -> 1);
                    mine.submit(() -> 2);
                    Task<?> me = Task.current();
                    Thread myThread = Thread.currentThread();
                    TaskHandle<Integer> elsewhere = other.submit(() -> {
                        await().until(() -> me.waitingFor() != null);
                        Waiting.untilWaiting(myThread); // so it is not told, and the other one is
                        return feeds ? sumOfFeed(pool) : pool.submit(() -> 3).get();
                    });
                    return catchThrowable(elsewhere::get);
                });
                assertThat(told.get(30, TimeUnit.SECONDS)).hasStackTraceContaining("waiting here would never end");
                assertCloses(other);
                assertThat(assertCloses(pool).rejected()).isEqualTo(1);
            } finally {
                other.shutdownNow();
                pool.shutdownNow();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 5: who waits for room is told of a cycle that a later task of somebody else closes")
    void cycleThatALaterTaskClosesIsTold(PoolKind kind) throws Exception {
        for (int i = 0; i < Rounds.of(1_000); i++) {
            WorkerPool pool = pool(kind, 2, 2, 8, OnFull.BLOCK);
            WorkerPool other = pool(kind, 1, 2, 8, OnFull.BLOCK);
            try {
                pool.lane("beside").submit(() -> release.await(60, TimeUnit.SECONDS));
                TaskHandle<?> behind = pool.lane("beside").submit(() -> {});
                Lane mine = pool.lane("mine");
                TaskHandle<Throwable> told = mine.submit(() -> {
                    mine.submit(() -> 1);
                    TaskHandle<Integer> elsewhere =
                            other.submit(() -> pool.submit(() -> 3).get());
                    return catchThrowable(elsewhere::get);
                });
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> pool.stats().waiting() == 1);
                behind.cancel(false);
                // Mostly sooner than who waits for room; else there is no cycle, and all goes on.
                mine.trySubmit(() -> 2);
                Throwable cycle = told.get(30, TimeUnit.SECONDS);
                if (cycle != null) {
                    assertThat(cycle).hasStackTraceContaining("waiting here would never end");
                }
            } finally {
                other.shutdownNow();
                pool.shutdownNow();
            }
            assertCloses(other);
            assertCloses(pool);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 6: who waits for a lane task lends its slot; the task does not run on the waiting stack")
    void laneTasksNeverRunInline(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        TaskHandle<Boolean> inline = pool.submit(() -> {
            Thread me = Thread.currentThread();
            pool.lane("a").submit(() -> 1).get();
            TaskHandle<Thread> first = pool.lane("a").submit(Thread::currentThread);
            TaskHandle<Thread> second = pool.lane("a").submit(Thread::currentThread);
            return first.get() == me || second.get() == me;
        });
        assertThat(inline.get(30, TimeUnit.SECONDS)).isFalse();
        assertThat(assertCloses(pool).succeeded()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void failuresDoNotStopALane(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        Lane lane = pool.lane("a");
        TaskHandle<?> fails = lane.submit(() -> {
            throw new IllegalStateException("as planned");
        });
        TaskHandle<Job<Integer>> next = lane.submit(Job.of("next", () -> Job.of("given", () -> 1)));
        assertThatThrownBy(() -> fails.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(next.get(30, TimeUnit.SECONDS).id()).isEqualTo("given");
        assertThat(next.job().id()).isEqualTo("next");
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 4: whoever sees the end of a lane task finds its place in the lane free")
    void endFreesThePlaceBeforeItIsSeen(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 1, OnFull.REJECT);
        for (int i = 0; i < 1_000; i++) {
            pool.lane("a").submit(() -> 1).get(30, TimeUnit.SECONDS);
        }
        assertThat(assertCloses(pool).rejected()).isZero();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task that was passed by runs when the one before it is cancelled while it waits")
    void cancelOfOneInTheMiddleFreesTheNext(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 8, OnFull.BLOCK);
        Lane lane = pool.lane("a");
        TaskHandle<?> first = block(lane);
        TaskHandle<Integer> second = lane.submit(() -> 2);
        TaskHandle<Integer> third = lane.submit(() -> 3);
        passBy(pool);
        assertThat(second.cancel(true)).isTrue();
        assertThat(first.cancel(true)).isTrue();
        assertThat(third.isDone()).as("the first has not ended").isFalse();
        assertAddsUp(pool.stats());
        release.countDown();
        assertThat(third.get(30, TimeUnit.SECONDS)).isEqualTo(3);
        assertThat(assertCloses(pool).cancelled()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 5, promise 7: shutdownNow cancels and returns what lanes hold; close lets it run")
    void lanesEndWithTheirPool(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 8, OnFull.BLOCK);
        Lane lane = pool.lane("a");
        TaskHandle<?> first = block(lane);
        List<TaskHandle<?>> behind = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            behind.add(lane.submit(() -> {}));
        }
        Runnable bare = () -> {};
        lane.execute(bare);
        passBy(pool);
        assertThat(pool.shutdownNow()).hasSize(4).contains(bare);
        assertThat(behind).allMatch(TaskHandle::isCancelled);
        release.countDown();
        first.get(30, TimeUnit.SECONDS);
        assertThat(assertCloses(pool).cancelled()).isEqualTo(4);

        WorkerPool closing = pool(kind, 2, 8, 8, OnFull.BLOCK);
        ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            closing.lane("b").execute(() -> order.add(number));
        }
        closing.close();
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task that was passed by runs while callbacks of the one before it still do")
    void nextTaskDoesNotWaitForCallbacks(PoolKind kind) throws Exception {
        WorkerPool pool = pool(kind, 2, 8, 8, OnFull.BLOCK);
        Lane lane = pool.lane("a");
        CountDownLatch secondRan = new CountDownLatch(1);
        AtomicBoolean inTime = new AtomicBoolean();
        CompletableFuture<?> callback = block(lane).toCompletableFuture().thenRun(() -> {
            try {
                inTime.set(secondRan.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        lane.execute(secondRan::countDown);
        passBy(pool);
        release.countDown();
        callback.get(20, TimeUnit.SECONDS);
        assertThat(inTime).isTrue();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName(
            "promise 7: what a lane of a gated pool holds runs after a shutdown, though it still waits for its permit")
    void shutdownLetsLanesGoOn(ThreadKind threads) throws Exception {
        try (Gate gate = Gate.of(1)) {
            WorkerPool.Builder builder = WorkerPool.builder().gate(gate);
            WorkerPool pool = (threads.isVirtual() ? builder.virtualThreads() : builder).build();
            Lane lane = pool.lane("a");
            block(lane);
            TaskHandle<Integer> behind = lane.submit(() -> 2);
            CompletableFuture<Permit> ours = gate.acquireAsync(1);
            release.countDown();
            try (Permit permit = ours.get(30, TimeUnit.SECONDS)) {
                await().until(() -> gate.stats().waiting() == 1);
                pool.shutdown();
                assertThat(behind.isDone()).isFalse();
            }
            assertThat(behind.get(30, TimeUnit.SECONDS)).isEqualTo(2);
            assertCloses(pool);
        }
    }

    /** Returns when a worker has come upon everything that was queued before. */
    private static void passBy(WorkerPool pool) throws Exception {
        pool.lane("passer-by").submit(() -> 1).get(30, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "promise 2: a long lane of which no task can begin fails, in its order, task by task, with no stack that grows")
    void longLaneFailsWithoutRecursion(boolean byGate) throws Exception {
        int behind = 20_000;
        AtomicBoolean outOfThreads = new AtomicBoolean();
        Gate gate = Gate.of(1);
        WorkerPool pool = WorkerPool.builder()
                .gate(gate)
                .laneCapacity(behind + 1)
                .threadFactory(body -> outOfThreads.get() ? null : new Thread(body))
                .build();
        Lane lane = pool.lane("long");
        TaskHandle<?> first = block(lane);
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<TaskHandle<Integer>> handles = new ArrayList<>();
        for (int i = 0; i < behind; i++) {
            int number = i;
            TaskHandle<Integer> handle = lane.submit(() -> number);
            handle.toCompletableFuture().whenComplete((value, thrown) -> order.add(number));
            handles.add(handle);
        }
        handles.get(1).cancel(false);
        if (byGate) {
            gate.close();
        } else {
            outOfThreads.set(true);
        }
        release.countDown();
        assertThat(first.awaitExit(LONG)).isTrue();
        for (TaskHandle<Integer> handle : handles) {
            assertThat(catchThrowable(() -> handle.get(30, TimeUnit.SECONDS)))
                    .isInstanceOfAny(ExecutionException.class, CancellationException.class);
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.failed()).isEqualTo(behind - 1);
        assertThat(order.subList(1, behind)).as("behind the cancelled one").isSorted();
        assertThat(stats.cancelled()).isEqualTo(1);
        gate.close();
    }

    @Test
    @DisplayName("promise 2: many lanes of which no task can begin fail one after the other, with no stack that grows")
    void manyLanesFailWithoutRecursion() throws Exception {
        int lanes = 300;
        AtomicBoolean outOfThreads = new AtomicBoolean();
        Gate gate = Gate.of(lanes + 1);
        Permit held = gate.acquire();
        WorkerPool pool = WorkerPool.builder()
                .gate(gate)
                .threadFactory(body -> outOfThreads.get() ? null : new Thread(body))
                .build();
        List<TaskHandle<?>> heads = new ArrayList<>();
        List<TaskHandle<Integer>> behind = new ArrayList<>();
        for (int key = 0; key < lanes; key++) {
            heads.add(pool.lane(key).submit(() -> Uninterruptibly.await(release)));
            behind.add(pool.lane(key).submit(() -> 1));
        }
        gate.resize(1);
        outOfThreads.set(true);
        release.countDown();
        await().until(() -> gate.stats().waiting() == lanes);
        Thread closer = new Thread(null, held::close, "with a small stack", 128 << 10);
        closer.start();
        Waiting.untilEnded(closer);
        for (TaskHandle<Integer> handle : behind) {
            assertThat(catchThrowable(() -> handle.get(30, TimeUnit.SECONDS)))
                    .hasCauseInstanceOf(RejectedExecutionException.class);
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.succeeded()).isEqualTo(lanes);
        assertThat(stats.failed()).isEqualTo(lanes);
        gate.close();
    }
}
