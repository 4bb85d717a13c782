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
import dev.sluice.testing.ThreadKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a permit and a thread, what lanes hold meanwhile, and where permits are when that fails. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class GatedPoolTest {
    private static final Runnable NOTHING = () -> {};

    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Integer> ran = Collections.synchronizedList(new ArrayList<>());
    private final Gate gate = Gate.of(1);

    @AfterEach
    void letGo() {
        end.countDown();
        gate.close();
    }

    private WorkerPool.Builder builder() {
        return WorkerPool.builder().gate(gate);
    }

    private void block(Lane lane) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        lane.execute(() -> {
            begun.countDown();
            Uninterruptibly.await(end);
        });
        begun.await();
    }

    private Runnable adds(int number) {
        return () -> ran.add(number);
    }

    @Test
    void refusalSaysWhatIsFull() throws Exception {
        WorkerPool pool = builder().laneCapacity(2).onFull(OnFull.REJECT).build();
        block(pool.lane("a"));
        assertThatThrownBy(() -> pool.submit(NOTHING)).hasMessageEndingWith(": no permit is free");
        pool.lane("a").submit(NOTHING);
        assertThatThrownBy(() -> pool.lane("a").submit(NOTHING))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageEndingWith(": no permit is free, or its lane of 2 is full");
        end.countDown();
        assertThat(assertCloses(pool).rejected()).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 6: what waits behind a task of its lane holds no permit, and runs in its order")
    void laneHoldsOnePermit() throws Exception {
        gate.resize(2);
        GatedPool pool = (GatedPool) builder().laneCapacity(4).build();
        Lane lane = pool.lane("a");
        block(lane);
        for (int i = 0; i < 3; i++) {
            lane.submit(adds(i));
        }
        assertThat(gate.available()).isEqualTo(1);
        PoolStats stats = pool.stats();
        assertThat(stats.queued()).isEqualTo(3);
        assertThat(stats.running()).isEqualTo(1);
        assertAddsUp(stats);
        assertThat(pool.look(pool::idle)).isFalse();
        end.countDown();
        assertCloses(pool);
        assertThat(ran).containsExactly(0, 1, 2);
    }

    @Test
    @DisplayName(
            "promise 5: a wait for room in a lane is one for its first task, and other waits are for a permit only")
    void roomInALaneComesWithItsFirst() throws Exception {
        GatedPool pool = (GatedPool) builder().laneCapacity(1).build();
        LaneTask<?> behind = new LaneTask<>(pool.lane("a"), NOTHING, true, true);
        assertThat(pool.room(behind).unfinished()).isEmpty();
        block(pool.lane("a"));
        Task<?> first = pool.runningTasks().get(0);
        assertThat(List.<Object>copyOf(pool.room(behind).unfinished())).containsExactly(first);
        assertThat(pool.firstInLane(behind)).isSameAs(first);
        assertThat(pool.room(Task.of(pool, NOTHING)).unfinished()).isEmpty();
        end.countDown();
        assertCloses(pool);
        assertThat(pool.firstInLane(behind)).isNull();
    }

    @Test
    @DisplayName("who waits for room in a lane is counted as waiting until it has some")
    void waitForALaneIsCounted() throws Exception {
        WorkerPool pool = builder().laneCapacity(1).build();
        block(pool.lane("a"));
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Void> waits =
                    crew.run(() -> pool.lane("a").submit(adds(1))).awaitParked();
            await().until(() -> pool.stats().waiting() == 1);
            end.countDown();
            waits.result();
        }
        assertThat(pool.stats().waiting()).isZero();
        assertCloses(pool);
        assertThat(ran).containsExactly(1);
    }

    @Test
    @DisplayName("who waits for a permit is counted as waiting, and not any more when it was interrupted")
    void waitForAPermitIsCounted() throws Exception {
        WorkerPool pool = builder().build();
        try (Crew crew = new Crew(ThreadKind.PLATFORM);
                Permit permit = gate.acquire()) {
            Crew.Member<Void> waits = crew.run(() -> assertThatThrownBy(() -> pool.submit(adds(1)))
                            .hasCauseInstanceOf(InterruptedException.class))
                    .awaitParked();
            await().until(() -> pool.stats().waiting() == 1 && gate.stats().waiting() == 1);
            waits.interrupt();
            waits.result();
            assertThat(pool.stats().waiting()).isZero();
            assertThat(gate.stats().waiting()).isZero();
            permit.close();
        }
        assertThat(assertCloses(pool).rejected()).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 12: when the first task of a lane gets no thread, the one that came behind it runs")
    void laneGoesOnWhenItsFirstGetsNoThread() throws Exception {
        AtomicReference<WorkerPool> pool = new AtomicReference<>();
        AtomicInteger threads = new AtomicInteger();
        pool.set(builder()
                .threadFactory(body -> {
                    if (threads.getAndIncrement() > 0) {
                        return new Thread(body);
                    }
                    pool.get().lane("a").execute(adds(2));
                    return null;
                })
                .build());
        assertThatThrownBy(() -> pool.get().lane("a").submit(adds(1)))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("no thread could be started");
        assertThat(pool.get().awaitIdle(LONG)).isTrue();
        assertThat(ran).containsExactly(2);
        PoolStats stats = assertCloses(pool.get());
        assertThat(stats.rejected()).isEqualTo(1);
        assertThat(stats.succeeded()).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 12: a task of a lane that gets no thread later fails, says why, and its permit is home then")
    void taskBehindFailsWhenItGetsNoThread() throws Exception {
        AtomicInteger threads = new AtomicInteger();
        WorkerPool pool = builder()
                .threadFactory(body -> threads.getAndIncrement() == 1 ? null : new Thread(body))
                .build();
        Lane lane = pool.lane("a");
        block(lane);
        TaskHandle<?> fails = lane.submit(adds(1));
        lane.submit(adds(2));
        end.countDown();
        assertThatThrownBy(() -> fails.get(30, TimeUnit.SECONDS))
                .hasCauseInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("it could not be started");
        assertThat(assertCloses(pool).failed()).isEqualTo(1);
        assertThat(ran).containsExactly(2);
    }

    @Test
    @DisplayName("promise 7: a gate that is closed fails what lanes hold, and what they were waiting for is told")
    void closedGateFailsWhatLanesHold() throws Exception {
        WorkerPool pool = builder().build();
        block(pool.lane("a"));
        TaskHandle<?> fails = pool.lane("a").submit(adds(1));
        gate.close();
        end.countDown();
        assertThatThrownBy(() -> fails.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(RejectedExecutionException.class);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.failed()).isEqualTo(1);
        assertThat(ran).isEmpty();
    }

    @Test
    @DisplayName(
            "promise 4: a task of a lane that is cancelled while it waits for its permit lets the next one have it")
    void cancelledTaskLetsTheNextHaveItsPermit() throws Exception {
        WorkerPool pool = builder().build();
        Lane lane = pool.lane("a");
        block(lane);
        TaskHandle<?> first = lane.submit(adds(1));
        TaskHandle<?> second = lane.submit(adds(2));
        var ours = gate.acquireAsync(1);
        end.countDown();
        try (Permit permit = ours.get(30, TimeUnit.SECONDS)) {
            await().until(() -> gate.stats().waiting() == 1);
            assertThat(first.cancel(false)).isTrue();
            await().until(() -> gate.stats().waiting() == 1);
            assertThat(second.isDone()).isFalse();
            permit.close();
        }
        second.get(30, TimeUnit.SECONDS);
        assertThat(ran).containsExactly(2);
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 7: shutdownNow cancels what lanes hold, and no pool has ended while a thread of it is alive")
    void shutdownNowTakesWhatLanesHold() throws Exception {
        GatedPool pool = (GatedPool) builder().build();
        Lane lane = pool.lane("a");
        block(lane);
        TaskHandle<?> behind = lane.submit(adds(1));
        assertThat(pool.threads()).isEqualTo(1);
        assertThat(pool.shutdownNow()).hasSize(1);
        assertThat(behind.isCancelled()).isTrue();
        assertThat(pool.stats().queued()).isZero();
        assertThat(pool.isTerminated()).isFalse();
        end.countDown();
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
        assertThat(pool.threads()).isZero();
        assertThat(ran).isEmpty();
    }

    @Test
    void widthIsThatOfTheGate() {
        gate.resize(3);
        GatedPool pool = (GatedPool) builder().build();
        assertThat(pool.width()).isEqualTo(3);
        assertThat(pool.feedAhead()).isEqualTo(3);
        assertThat(pool.queueCapacity()).isZero();
        pool.resize(2);
        assertThat(gate.permits()).isEqualTo(2);
        assertCloses(pool);
    }

    @Test
    @DisplayName("promise 5: a task that waits lends its permit")
    void waitingTaskLendsItsPermit() throws Exception {
        WorkerPool pool = builder().build();
        TaskHandle<Integer> outer = pool.submit(() -> pool.submit(() -> 42).get());
        assertThat(outer.get(30, TimeUnit.SECONDS)).isEqualTo(42);
        assertCloses(pool);
    }

    @Test
    @DisplayName(
            "a pool is idle when the last task of a lane is cancelled that waits for its permit, and who waits is told")
    void idleWhenTheLastTaskOfALaneIsCancelled() throws Exception {
        WorkerPool pool = builder().build();
        block(pool.lane("a"));
        TaskHandle<?> last = pool.lane("a").submit(adds(1));
        var ours = gate.acquireAsync(1);
        end.countDown();
        try (Crew crew = new Crew(ThreadKind.PLATFORM);
                Permit permit = ours.get(30, TimeUnit.SECONDS)) {
            await().until(() -> gate.stats().waiting() == 1 && pool.stats().running() == 0);
            Crew.Member<Boolean> idle = crew.start(() -> pool.awaitIdle(LONG)).awaitParked();
            Crew.Member<Void> closed = crew.run(pool::close).awaitParked();
            assertThat(last.cancel(false)).isTrue();
            assertThat(idle.result()).isTrue();
            closed.result();
            permit.close();
        }
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 12: who waits for the end of a pool is told when its only task gets no thread")
    void endOfAPoolWithoutAThreadIsTold() throws Exception {
        AtomicReference<WorkerPool> pool = new AtomicReference<>();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            pool.set(builder()
                    .threadFactory(body -> {
                        crew.run(() -> pool.get().close()).awaitParked();
                        return null;
                    })
                    .build());
            assertThatThrownBy(() -> pool.get().execute(NOTHING)).isInstanceOf(RejectedExecutionException.class);
        }
        assertThat(assertCloses(pool.get()).rejected()).isEqualTo(1);
    }

    @Test
    @DisplayName("one task in 64 is timed, and with exact timings every one")
    void timesTasks() throws Exception {
        for (boolean exact : new boolean[] {false, true}) {
            WorkerPool.Builder builder = builder();
            WorkerPool pool = (exact ? builder.exactTimings() : builder).build();
            for (int i = 0; i < 128; i++) {
                pool.execute(NOTHING);
            }
            PoolStats stats = assertCloses(pool);
            assertThat(stats.queueWait().samples()).isEqualTo(exact ? 128 : 2);
            assertThat(stats.runTime().samples()).isEqualTo(exact ? 128 : 2);
        }
    }

    @Test
    @DisplayName("who would wait for a permit does not when its task is cancelled already, or the pool shut down")
    void whatIsDecidedDoesNotWaitForAPermit() throws Exception {
        GatedPool pool = (GatedPool) builder().build();
        try (Permit permit = gate.acquire()) {
            Task<?> cancelled = Task.of(pool, adds(1));
            cancelled.moveTo(Phase.CANCELLED);
            assertThat(pool.tryAdmit(cancelled, Long.MAX_VALUE)).isTrue();
            assertThat(pool.stats().cancelled()).isEqualTo(1);
            pool.shutdown();
            assertThatThrownBy(() -> pool.tryAdmit(Task.of(pool, adds(2)), Long.MAX_VALUE))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("shut down");
            assertThat(gate.stats().waiting()).isZero();
            permit.close();
        }
        PoolStats stats = assertCloses(pool);
        assertThat(stats.rejected()).isEqualTo(1);
        assertThat(stats.submitted()).isEqualTo(2);
        assertThat(ran).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @DisplayName(
            "promise 6: of two that wait to be the first of a lane one comes behind the other, however many permits there are")
    void oneOfTwoFirstsComesBehindTheOther(int laneCapacity) throws Exception {
        gate.resize(2);
        GatedPool pool = (GatedPool) builder().laneCapacity(laneCapacity).build();
        Lane lane = pool.lane("a");
        AtomicInteger active = new AtomicInteger();
        Callable<Integer> work = () -> {
            int together = active.incrementAndGet();
            Uninterruptibly.await(end);
            active.decrementAndGet();
            return together;
        };
        try (Crew crew = new Crew(ThreadKind.PLATFORM);
                Permit first = gate.acquire();
                Permit second = gate.acquire()) {
            List<Crew.Member<TaskHandle<Integer>>> submitters =
                    List.of(crew.start(() -> lane.submit(work)), crew.start(() -> lane.submit(work)));
            await().until(() -> gate.stats().waiting() == 2);
            first.close();
            await().until(() -> active.get() == 1);
            second.close();
            await().until(() -> gate.available() == 1);
            await().until(() -> pool.stats().queued() == laneCapacity - 1);
            end.countDown();
            for (Crew.Member<TaskHandle<Integer>> submitter : submitters) {
                assertThat(submitter.result().get(30, TimeUnit.SECONDS)).isEqualTo(1);
            }
        }
        assertThat(assertCloses(pool).succeeded()).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 6: when a task of a lane has ended the next one begins, and not the one after that, too")
    void oneOfALaneRuns() throws Exception {
        gate.resize(3);
        WorkerPool pool = builder().laneCapacity(4).build();
        Lane lane = pool.lane("a");
        CountDownLatch firstEnds = new CountDownLatch(1);
        TaskHandle<?> first = lane.submit(() -> Uninterruptibly.await(firstEnds));
        lane.submit(() -> Uninterruptibly.await(end));
        lane.submit(adds(3));
        firstEnds.countDown();
        assertThat(first.awaitExit(LONG)).isTrue();
        PoolStats stats = pool.stats();
        assertThat(stats.running()).isEqualTo(1);
        assertThat(stats.queued()).isEqualTo(1);
        assertThat(gate.available()).isEqualTo(2);
        end.countDown();
        assertCloses(pool);
        assertThat(ran).containsExactly(3);
    }
}
