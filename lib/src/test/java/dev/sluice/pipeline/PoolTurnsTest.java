package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.internal.Clock;
import dev.sluice.internal.Threads;
import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.NoThreadLeaks;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The turns of three workers of a stage that a run at rest does not know of, in a pool that the test keeps busy. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PoolTurnsTest {
    private static final int WORKERS = 3;

    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    private final Execution execution = atRest.run.execution;
    private final Sink sink = new Sink();
    private final Queue<String> threads = new ConcurrentLinkedQueue<>();
    private final StageRun stage = atRest.beside("p", s -> s.workers(WORKERS), sink, Op.own(item -> {
        threads.add(Thread.currentThread().getName());
        return item;
    }));
    private final Link link =
            new RingLink("p", 64, Link.Side.ONE, Link.Side.STEPS, LinkStub.NOTHING_HAPPENS, Waiters.FIRST_NAP_NANOS);
    private final Window window = new FreeWindow(stage, link, 8);
    private final ThreadFactory factory = Threads.platform("pool-", true);
    /** Who has made the threads of the pool. */
    private final Queue<String> makers = new ConcurrentLinkedQueue<>();

    private final WorkerPool pool = WorkerPool.builder()
            .workers(1)
            .queueCapacity(1)
            .threadFactory(task -> {
                makers.add(Thread.currentThread().getName());
                return factory.newThread(task);
            })
            .build();
    private final PoolTurns turns = new PoolTurns(pool, stage);
    private final List<StepWorker> workers = Stream.generate(() -> new StepWorker(stage, window, turns))
            .limit(WORKERS)
            .toList();
    private final CountDownLatch mayGo = new CountDownLatch(1);

    /** Before the run's part ends: the workers are parties of it. */
    @AfterEach
    void end() {
        mayGo.countDown();
        link.end();
        workers.forEach(StepWorker::call);
        await().until(stage::hasEnded);
        pool.close();
    }

    private void begin() {
        execution.joins(WORKERS);
    }

    private void put(Object... items) {
        for (Object item : items) {
            assertThat(link.tryPut(item, new Meter())).isEqualTo(Downstream.Put.DONE);
        }
    }

    private void keepBusy(int tasks) {
        CountDownLatch begun = new CountDownLatch(1);
        pool.execute(() -> {
            begun.countDown();
            Uninterruptibly.await(mayGo);
        });
        Uninterruptibly.await(begun);
        for (int i = 1; i < tasks; i++) {
            pool.execute(() -> {});
        }
    }

    private void abort() {
        stage.markAborted(new CancellationException("planned"));
        workers.forEach(StepWorker::call);
    }

    @Test
    void workersWorkInThePool() {
        begin();
        put(0, 1);
        workers.get(0).call();
        await().until(() -> sink.taken.size() == 2);
        assertThat(threads).containsOnly("pool-1");
    }

    @Test
    @DisplayName("promise 8: workers for which the pool has no room stand in line, and one thread waits for it")
    void whoFindsNoRoomStandsInLine() {
        begin();
        keepBusy(2);
        put(0, 1, 2);
        for (StepWorker worker : workers) {
            worker.call();
            await().until(() -> pool.stats().waiting() == 1);
            worker.call();
        }
        assertThat(sink.taken).isEmpty();
        assertThat(pool.stats().rejected()).isEqualTo(1);
        mayGo.countDown();
        await().until(() -> sink.taken.size() == 3 && pool.stats().succeeded() >= 2 + WORKERS);
        assertThat(threads).containsOnly("pool-1");
        // The line is empty: the next one goes to the pool again.
        put(3);
        await().until(() -> sink.taken.size() == 4);
    }

    @Test
    @DisplayName("promise 4: who stands in line when the stage is aborted ends, whatever the pool is at")
    void whoStandsInLineEndsWithAnAbort() {
        begin();
        keepBusy(2);
        put(0, 1, 2);
        workers.forEach(StepWorker::call);
        await().until(() -> pool.stats().waiting() == 1);
        assertThat(stage.hasEnded()).isFalse();
        abort();
        await().until(stage::hasEnded);
        assertThat(pool.stats().succeeded()).isZero();
        assertThat(threads).isEmpty();
    }

    @Test
    @DisplayName("promise 4: whose turn is in the pool's queue when the stage is aborted ends before it comes")
    void whoIsQueuedEndsWithAnAbort() {
        begin();
        keepBusy(1);
        put(0);
        workers.get(0).call();
        assertThat(pool.stats().queued()).isEqualTo(1);
        workers.get(0).call();
        assertThat(pool.stats().queued()).isEqualTo(1);
        abort();
        await().until(stage::hasEnded);
        assertThat(pool.stats().succeeded()).isZero();
        mayGo.countDown();
        await().until(() -> pool.stats().succeeded() == 2);
        assertThat(threads).isEmpty();
    }

    @Test
    @DisplayName("promise 4: who is called when the stage has been aborted asks nothing of the pool")
    void whoIsCalledAfterAnAbortEnds() {
        begin();
        keepBusy(1);
        abort();
        await().until(stage::hasEnded);
        assertThat(pool.stats().submitted()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 8: who is called by the clock stands in line, for the pool's threads are not made by that")
    void whoIsCalledByTheClockStandsInLine() {
        begin();
        put(0);
        Clock.in(1, workers.get(0)::call);
        await().until(() -> sink.taken.size() == 1);
        assertThat(threads).containsOnly("pool-1");
        assertThat(makers).containsExactly("sluice-turns-1");
    }

    @Test
    @DisplayName("promise 8: a pool that has been shut down fails the run, and the workers end")
    void poolThatHasBeenShutDownFailsTheRun() {
        begin();
        pool.shutdown();
        put(0);
        workers.get(0).call();
        await().until(() -> execution.failure() != null);
        assertThat(execution.failure()).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThat(threads).isEmpty();
    }

    @Test
    @DisplayName("promise 8: a pool that is shut down while it has no room fails the run, and those in line end")
    void poolThatIsShutDownFailsTheRun() {
        begin();
        keepBusy(2);
        workers.forEach(StepWorker::call);
        await().until(() -> pool.stats().waiting() == 1);
        pool.shutdown();
        await().until(() -> execution.failure() != null);
        assertThat(execution.failure()).hasRootCauseInstanceOf(RejectedExecutionException.class);
    }

    @Test
    @DisplayName("promise 8: a turn that the pool drops fails the run")
    void turnThatIsDroppedFailsTheRun() {
        begin();
        keepBusy(1);
        workers.get(0).call();
        assertThat(pool.shutdownNow()).hasSize(1);
        await().until(() -> execution.failure() != null);
        assertThat(execution.failure()).hasRootCauseInstanceOf(CancellationException.class);
    }

    @Test
    @DisplayName("promise 8: a turn for which the pool had no room at first, and which it drops then, fails the run")
    void turnThatHasStoodInLineAndIsDroppedFailsTheRun() {
        begin();
        CountDownLatch first = new CountDownLatch(1);
        pool.execute(() -> Uninterruptibly.await(first));
        await().until(() -> pool.stats().running() == 1);
        pool.execute(() -> Uninterruptibly.await(mayGo));
        workers.get(0).call();
        await().until(() -> pool.stats().waiting() == 1);
        first.countDown();
        await().until(() -> pool.stats().waiting() == 0 && pool.stats().queued() == 1);
        assertThat(pool.shutdownNow()).hasSize(1);
        await().until(() -> execution.failure() != null);
        assertThat(execution.failure()).hasRootCauseInstanceOf(CancellationException.class);
    }

    @Test
    @DisplayName("promise 4: who waited for room is not interrupted when he runs the user's code")
    void userCodeIsNotInterruptedForRoom() {
        begin();
        Queue<String> interrupted = new ConcurrentLinkedQueue<>();
        Ticket ticket = new Ticket(reason -> {
            workers.get(0).call();
            interrupted.add(Thread.currentThread().getName().replaceAll("[0-9]", "")
                    + Thread.currentThread().isInterrupted());
        });
        sink.room = 0;
        put(new Tracked(0, ticket));
        workers.get(0).call();
        await().until(workers.get(0)::isAwaitingRoom);
        keepBusy(2);
        workers.get(1).call();
        await().until(() -> pool.stats().waiting() == 1);
        abort();
        await().until(stage::hasEnded);
        assertThat(interrupted).containsExactly("sluice-turns-false");
    }

    @Test
    @DisplayName("promise 8: a worker that has worked for long goes to the end of the pool's queue")
    void whoHasWorkedForLongLetsOthersIn() {
        begin();
        Queue<Object> order = new ConcurrentLinkedQueue<>();
        sink.takes = item -> {
            order.add(item);
            if (item.equals(0)) {
                pool.execute(() -> order.add("other"));
                long begun = System.nanoTime();
                while (System.nanoTime() - begun < 5_000_000) {
                    Thread.onSpinWait();
                }
            }
            return true;
        };
        put(0, 1);
        workers.get(0).call();
        await().until(() -> order.size() == 3);
        assertThat(order).containsExactly(0, "other", 1);
    }
}
