package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code invokeAll} and {@code invokeAny} where something goes wrong: no room, no time, an interrupt, a closed pool. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class BulkTest {
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void releaseAll() {
        release.countDown();
    }

    private static final Callable<Integer> ENDLESS = () -> {
        new CountDownLatch(1).await();
        return 1;
    };
    private static final Callable<Integer> FAILING = () -> {
        throw new IllegalStateException("no");
    };

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void interruptedInvokeAllCancelsItsTasks(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Throwable> caller = crew.start(
                            () -> catchThrowable(() -> pool.invokeAll(List.of(ENDLESS, ENDLESS))))
                    .awaitParked();
            caller.interrupt();
            assertThat(caller.result()).isInstanceOf(InterruptedException.class);
        }
        assertThat(assertCloses(pool).cancelled()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void interruptedInvokeAnyCancelsItsTasks(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Throwable> caller = crew.start(
                            () -> catchThrowable(() -> pool.invokeAny(List.of(ENDLESS, ENDLESS))))
                    .awaitParked();
            caller.interrupt();
            assertThat(caller.result()).isInstanceOf(InterruptedException.class);
        }
        assertThat(assertCloses(pool).cancelled()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void refusedInvokeAllCancelsWhatWasTaken(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.REJECT);
        assertThatThrownBy(() -> pool.invokeAll(List.of(ENDLESS, ENDLESS, ENDLESS, ENDLESS)))
                .isInstanceOf(RejectedExecutionException.class);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.rejected()).isEqualTo(1);
        assertThat(stats.cancelled()).isEqualTo(stats.submitted() - 1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void invokeAllWithoutTimeRunsNothing(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        AtomicInteger ran = new AtomicInteger();
        for (long time : new long[] {0, -1, Long.MIN_VALUE}) {
            List<Future<Integer>> futures =
                    pool.invokeAll(Collections.nCopies(3, () -> waitFor(ran)), time, TimeUnit.DAYS);
            assertThat(futures).hasSize(3).allMatch(Future::isDone);
        }
        assertThat(ran.get()).isZero();
        assertCloses(pool);
    }

    private static int waitFor(AtomicInteger ran) throws InterruptedException {
        new CountDownLatch(1).await();
        return ran.incrementAndGet();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void invokeAnyGivesTheFailureWhenAllFail(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        assertThatThrownBy(() -> pool.invokeAny(List.of(FAILING, FAILING, FAILING), 30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.of(ENDLESS), 0, TimeUnit.SECONDS))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.of(FAILING, ENDLESS), 50, TimeUnit.MILLISECONDS))
                .as("one could still succeed")
                .isInstanceOf(TimeoutException.class);
        assertCloses(pool);
    }

    private void block(WorkerPool pool) throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        pool.execute(() -> {
            running.countDown();
            Uninterruptibly.await(release);
        });
        running.await();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void invokeAnySaysThatEveryTaskWasDropped(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.DROP_NEWEST);
        block(pool);
        pool.execute(() -> {}); // fills the queue, if there is one
        assertThatThrownBy(() -> pool.invokeAny(List.of(() -> 1, () -> 2)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void invokeAnySaysThatItsTaskWasCancelled(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        block(pool);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Throwable> caller = crew.start(() -> catchThrowable(() -> pool.invokeAny(List.of(() -> 1))))
                    .awaitParked();
            assertThat(pool.shutdownNow()).hasSize(1);
            assertThat(caller.result())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(CancellationException.class);
        }
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void invokeAnySucceedsThoughThePoolIsNarrowerThanItsTasks(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        assertThat(pool.invokeAny(List.of(FAILING, FAILING, FAILING, () -> 4, FAILING)))
                .isEqualTo(4);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void closedPoolRefusesBulkCalls(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        pool.close();
        assertThatThrownBy(() -> pool.invokeAll(List.of(ENDLESS))).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.of(ENDLESS))).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.invokeAll(List.of(ENDLESS), 1, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.of(ENDLESS), 1, null)).isInstanceOf(NullPointerException.class);
    }
}
