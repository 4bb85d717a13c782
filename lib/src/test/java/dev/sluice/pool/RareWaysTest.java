package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ways into a pool, and out of it, that other tests do not take. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class RareWaysTest {
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        end.countDown();
    }

    private static WorkerPool.Builder narrow(OnFull onFull) {
        return WorkerPool.builder().workers(1).queueCapacity(1).onFull(onFull);
    }

    @Test
    @DisplayName("promise 1: execute refuses, as submit does, when the queue is full")
    void executeRefusesWhenTheQueueIsFull() throws Exception {
        WorkerPool pool = narrow(OnFull.REJECT).build();
        PoolKind.fill(pool, end);
        assertThatThrownBy(() -> pool.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("full");
        end.countDown();
        assertCloses(pool);
        assertThat(pool.stats().rejected()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 4: an interrupt ends the wait of execute for room, and stays set")
    void interruptEndsTheWaitOfExecute() throws Exception {
        WorkerPool pool = narrow(OnFull.BLOCK).build();
        PoolKind.fill(pool, end);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> submitter = crew.start(() -> {
                assertThatThrownBy(() -> pool.execute(() -> {}))
                        .isInstanceOf(RejectedExecutionException.class)
                        .hasCauseInstanceOf(InterruptedException.class);
                return Thread.interrupted();
            });
            submitter.awaitParked();
            submitter.thread().interrupt();
            assertThat(submitter.result()).isTrue();
        }
        end.countDown();
        assertCloses(pool);
        assertThat(pool.stats().succeeded()).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 2: what execute has refused for want of a thread is never run")
    void executeIsRefusedForWantOfAThread() {
        AtomicInteger threads = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .threadFactory(body -> threads.getAndIncrement() == 0 ? null : new Thread(body))
                .build();
        assertThatThrownBy(() -> pool.execute(() -> ran.addAndGet(100))).isInstanceOf(RejectedExecutionException.class);
        pool.execute(ran::incrementAndGet);
        assertCloses(pool);
        assertThat(ran).hasValue(1);
        assertThat(pool.stats().rejected()).isEqualTo(1);
    }

    @Test
    @DisplayName("a lane whose tasks all run drops the new one, where the oldest would have been dropped")
    void fullLaneOfRunningTasksDropsTheNewOne() throws Exception {
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .queueCapacity(4)
                .laneCapacity(1)
                .onFull(OnFull.DROP_OLDEST)
                .build();
        CountDownLatch begun = new CountDownLatch(1);
        Lane lane = pool.lane("key");
        lane.execute(() -> {
            begun.countDown();
            Uninterruptibly.await(end);
        });
        begun.await();
        TaskHandle<?> dropped = lane.submit(() -> {});
        assertThatThrownBy(dropped::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
        end.countDown();
        assertCloses(pool);
        assertThat(pool.stats().dropped()).isEqualTo(1);
    }

    @Test
    void jobsAreTriedAsTasksAre() throws Exception {
        WorkerPool pool = narrow(OnFull.BLOCK).build();
        PoolKind.fill(pool, end);
        Job<Integer> job = Job.of("job", () -> 1);
        assertThat(pool.trySubmit(job, Duration.ofNanos(1))).isEmpty();
        assertThat(pool.lane("key").trySubmit(job)).isEmpty();
        end.countDown();
        assertThat(pool.awaitIdle(Duration.ofSeconds(30))).isTrue();
        Optional<TaskHandle<Integer>> inLane = pool.lane("key").trySubmit(job);
        assertThat(inLane.orElseThrow().get()).isEqualTo(1);
        assertThat(pool.lane("key").trySubmit(() -> 2).orElseThrow().get(30, TimeUnit.SECONDS))
                .isEqualTo(2);
        Runnable nothing = () -> {};
        TaskHandle<?> runnable = pool.lane("key").trySubmit(nothing).orElseThrow();
        assertThat(runnable.get(30, TimeUnit.SECONDS)).isNull();
        Optional<TaskHandle<Integer>> inTime = pool.trySubmit(job, Duration.ofSeconds(30));
        assertThat(inTime.orElseThrow().get()).isEqualTo(1);
        assertCloses(pool);
    }

    @Test
    @DisplayName("promise 4: who is interrupted already does not try within a time")
    void interruptedThreadDoesNotTryWithinATime() throws Exception {
        WorkerPool pool = narrow(OnFull.BLOCK).build();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> pool.trySubmit(() -> 1, Duration.ofSeconds(1)))
                .isInstanceOf(InterruptedException.class);
        assertCloses(pool);
        assertThat(pool.stats().submitted()).isZero();
    }

    @Test
    @DisplayName("promise 7: an interrupt of a close with a time limit stops the pool, and stays set")
    void interruptedCloseStopsThePool() throws Exception {
        WorkerPool pool = narrow(OnFull.BLOCK).build();
        PoolKind.fill(pool, end);
        Thread.currentThread().interrupt();
        ShutdownReport report = pool.close(Duration.ofDays(1));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.neverStarted()).hasSize(1);
        assertThat(report.stillRunning()).hasSize(1);
        end.countDown();
        assertCloses(pool);
    }

    @Test
    void threadsAreDaemonsWhereThatIsAskedFor() throws Exception {
        for (boolean daemon : new boolean[] {false, true}) {
            WorkerPool pool = WorkerPool.builder().workers(1).daemon(daemon).build();
            assertThat(pool.submit(() -> Thread.currentThread().isDaemon()).get())
                    .isEqualTo(daemon);
            assertCloses(pool);
        }
    }

    @Test
    void outcomeIsNotAskedForTwice() throws Exception {
        WorkerPool pool = narrow(OnFull.BLOCK).build();
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
            group.submit(() -> 1);
            var outcomes = group.outcomes().iterator();
            assertThat(outcomes.next()).isInstanceOf(Outcome.Success.class);
            assertThat(outcomes.hasNext()).isFalse();
            assertThatThrownBy(outcomes::next).isInstanceOf(java.util.NoSuchElementException.class);
        }
        assertCloses(pool);
    }
}
