package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What code that knows only {@code ExecutorService} relies on. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ExecutorContractTest {

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void invokeAllGivesEveryFutureDoneInOrder(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 2);
        List<Callable<Integer>> tasks = new ArrayList<>();
        IntStream.range(0, 20).forEach(i -> tasks.add(() -> i));
        tasks.add(() -> {
            throw new IllegalStateException("one fails");
        });
        List<Future<Integer>> futures = pool.invokeAll(tasks);
        assertThat(futures).hasSize(21).allMatch(Future::isDone);
        for (int i = 0; i < 20; i++) {
            assertThat(futures.get(i).get()).isEqualTo(i);
        }
        assertThatThrownBy(() -> futures.get(20).get()).isInstanceOf(ExecutionException.class);
        assertThat(pool.invokeAll(List.<Callable<Integer>>of())).isEmpty();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void timedInvokeAllCancelsWhatIsLate(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        Callable<Integer> endless = () -> {
            new CountDownLatch(1).await();
            return 1;
        };
        List<Future<Integer>> futures =
                pool.invokeAll(List.of(endless, endless, endless, endless), 50, TimeUnit.MILLISECONDS);
        assertThat(futures).hasSize(4).allMatch(Future::isCancelled);
        assertThat(assertCloses(pool).cancelled()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void invokeAnyGivesASuccessAndCancelsTheRest(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(3, 4);
        Callable<String> endless = () -> {
            new CountDownLatch(1).await();
            return "never";
        };
        Callable<String> failing = () -> {
            throw new IllegalStateException("no");
        };
        assertThat(pool.invokeAny(List.of(endless, failing, () -> "yes"))).isEqualTo("yes");
        assertThatThrownBy(() -> pool.invokeAny(List.of(failing, failing)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.of(endless, failing), 50, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> pool.invokeAny(List.<Callable<String>>of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void nullsAreRefusedAtOnce(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        assertThatThrownBy(() -> pool.submit((Callable<Object>) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.submit(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.invokeAll(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.invokeAny(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.invokeAll(Arrays.asList(() -> 1, null))).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> pool.invokeAny(Arrays.asList(() -> 1, null))).isInstanceOf(NullPointerException.class);
        assertThat(pool.stats().submitted()).isZero();
        assertThat(pool.submit(() -> null).get())
                .as("a null result is a result")
                .isNull();
        assertThat(pool.submit(() -> {}, "given").get()).isEqualTo("given");
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void servesCompletableFutureAndCompletionService(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        Executor executor = pool;
        assertThat(CompletableFuture.supplyAsync(() -> 20, executor)
                        .thenApplyAsync(value -> value + 1, executor)
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo(21);
        ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(pool);
        for (int i = 0; i < 5; i++) {
            service.submit(() -> 1);
        }
        int sum = 0;
        for (int i = 0; i < 5; i++) {
            sum += service.take().get();
        }
        assertThat(sum).isEqualTo(5);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void lifeCycleIsThatOfAnExecutorService(PoolKind kind) throws Exception {
        ExecutorService pool = kind.pool(1, 2);
        CountDownLatch release = new CountDownLatch(1);
        Future<?> accepted = pool.submit(() -> Uninterruptibly.await(release));
        assertThat(pool.isShutdown()).isFalse();
        assertThat(pool.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
        pool.shutdown();
        assertThat(pool.isShutdown()).isTrue();
        assertThat(pool.isTerminated()).isFalse();
        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        release.countDown();
        accepted.get(30, TimeUnit.SECONDS);
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.isTerminated()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void callbacksOfAFinishedTaskMaySubmitToItsFullPool(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        TaskHandle<Integer> first = pool.submit(() -> {
            release.await();
            return 1;
        });
        CompletableFuture<Integer> sum = first.toCompletableFuture().thenApply(value -> {
            try {
                int all = value;
                for (int i = 0; i < 3; i++) {
                    all += pool.submit(() -> 1).get(30, TimeUnit.SECONDS);
                }
                return all;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        release.countDown();
        assertThat(sum.get(30, TimeUnit.SECONDS)).isEqualTo(4);
        assertCloses(pool);
    }
}
