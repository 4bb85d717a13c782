package dev.sluice.pool;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Waiting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The sentences of the Javadoc of {@code Executor} and {@code ExecutorService}, over the pools of this library, and over two of
 * the JDK to show that the sentences are well read. What is said of {@code Future} is in {@link FutureConformanceTest}.
 */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ExecutorServiceConformanceTest {
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<ExecutorService> opened = new ArrayList<>();

    private ExecutorService open(Peer peer, int threads) {
        ExecutorService executor = peer.maker().of(threads);
        opened.add(executor);
        return executor;
    }

    @AfterEach
    void close() throws InterruptedException {
        release.countDown();
        for (ExecutorService executor : opened) {
            executor.shutdownNow();
            assertThat(executor.awaitTermination(10, SECONDS)).isTrue();
        }
    }

    private Callable<Integer> waits(CountDownLatch begun) {
        return () -> {
            begun.countDown();
            release.await();
            return 1;
        };
    }

    private static void interrupt(Thread waiting) {
        Waiting.untilWaiting(waiting);
        waiting.interrupt();
    }

    // ---- execute and submit --------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void executeRunsTheCommandOnceAtSomeTime(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 2);
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch ran = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            executor.execute(() -> {
                runs.incrementAndGet();
                ran.countDown();
            });
        }
        assertThat(ran.await(10, SECONDS)).isTrue();
        executor.shutdown();
        assertThat(executor.awaitTermination(10, SECONDS)).isTrue();
        assertThat(runs).hasValue(100);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void nullsAreRefused(Peer peer) {
        ExecutorService executor = open(peer, 1);
        assertThatThrownBy(() -> executor.execute(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.submit((Runnable) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.submit((Callable<?>) null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.submit(null, 1)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.invokeAll(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.invokeAll(Arrays.asList(() -> 1, null)))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.invokeAny(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> executor.invokeAny(Arrays.asList((Callable<Integer>) null)))
                .isInstanceOf(NullPointerException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void whatWasDoneBeforeSubmittingIsSeenByTheTaskAndItsDeedsAfterGet(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 2);
        int[] plain = new int[2];
        for (int i = 1; i <= 1000; i++) {
            plain[0] = i;
            executor.submit(() -> {
                        plain[1] = plain[0];
                    })
                    .get();
            assertThat(plain[1]).isEqualTo(i);
        }
    }

    // ---- shutting down -------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void isNeitherShutDownNorTerminatedUnlessToldTo(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 1);
        executor.submit(() -> 1).get();
        assertThat(executor.isShutdown()).isFalse();
        assertThat(executor.isTerminated()).isFalse();
        assertThat(executor.awaitTermination(0, SECONDS)).isFalse();
        assertThat(executor.awaitTermination(-1, SECONDS)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatQueue")
    void shutdownExecutesWhatWasSubmittedAndAcceptsNoMore(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 1);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        executor.submit(waits(begun));
        assertThat(begun.await(10, SECONDS)).isTrue();
        for (int i = 0; i < 10; i++) {
            executor.execute(ran::incrementAndGet);
        }
        executor.shutdown();
        executor.shutdown();
        assertThat(executor.isShutdown()).isTrue();
        assertThat(executor.isTerminated()).isFalse();
        assertThatThrownBy(() -> executor.execute(ran::incrementAndGet)).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> executor.submit(ran::incrementAndGet)).isInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertThat(executor.awaitTermination(10, SECONDS)).isTrue();
        assertThat(executor.isTerminated()).isTrue();
        assertThat(ran).hasValue(10);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatQueueAndGiveBack")
    void shutdownNowInterruptsWhatRunsAndGivesBackWhatNeverBegan(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 1);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        executor.execute(() -> {
            begun.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        assertThat(begun.await(10, SECONDS)).isTrue();
        Runnable first = () -> {};
        Runnable second = () -> {};
        executor.execute(first);
        executor.execute(second);
        assertThat(executor.shutdownNow()).containsExactly(first, second);
        assertThat(executor.awaitTermination(10, SECONDS)).isTrue();
        assertThat(interrupted).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void awaitTerminationIsInterruptible(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 1);
        CountDownLatch begun = new CountDownLatch(1);
        executor.submit(waits(begun));
        executor.shutdown();
        AtomicBoolean thrown = new AtomicBoolean();
        Thread waiting = new Thread(() -> {
            try {
                executor.awaitTermination(1000, SECONDS);
            } catch (InterruptedException e) {
                thrown.set(true);
            }
        });
        waiting.start();
        interrupt(waiting);
        waiting.join(10_000);
        assertThat(thrown).isTrue();
    }

    // ---- invokeAll -----------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void invokeAllGivesFuturesInOrderAllOfThemDone(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 2);
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            int me = i;
            tasks.add(() -> {
                if (me % 10 == 7) {
                    throw new IllegalStateException("planned");
                }
                return me;
            });
        }
        var futures = executor.invokeAll(tasks);
        assertThat(futures).hasSize(50);
        for (int i = 0; i < 50; i++) {
            var future = futures.get(i);
            assertThat(future.isDone()).isTrue();
            if (i % 10 == 7) {
                assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class);
            } else {
                assertThat(future.get()).isEqualTo(i);
            }
        }
        assertThat(executor.invokeAll(List.<Callable<Integer>>of())).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void timedInvokeAllCancelsWhatHasNotCompleted(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 2);
        CountDownLatch begun = new CountDownLatch(1);
        var futures = executor.invokeAll(List.of(() -> 5, waits(begun)), 1, SECONDS);
        assertThat(futures).hasSize(2);
        assertThat(futures.get(0).get()).isEqualTo(5);
        assertThat(futures.get(1).isCancelled()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatInterrupt")
    void interruptedInvokeAllCancelsWhatHasNotCompleted(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 1);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch taskInterrupted = new CountDownLatch(1);
        AtomicBoolean thrown = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            try {
                executor.invokeAll(List.<Callable<Integer>>of(() -> {
                    begun.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        taskInterrupted.countDown();
                    }
                    return 1;
                }));
            } catch (InterruptedException e) {
                thrown.set(true);
            }
        });
        caller.start();
        assertThat(begun.await(10, SECONDS)).isTrue();
        interrupt(caller);
        caller.join(10_000);
        assertThat(thrown).isTrue();
        assertThat(taskInterrupted.await(10, SECONDS)).isTrue();
    }

    // ---- invokeAny -----------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void invokeAnyGivesTheResultOfOneThatSucceeded(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 3);
        Callable<Integer> fails = () -> {
            throw new IllegalStateException("planned");
        };
        assertThat(executor.invokeAny(List.of(fails, () -> 5, fails))).isEqualTo(5);
        assertThat(executor.invokeAny(List.of(fails, () -> 5, fails), 10, SECONDS))
                .isEqualTo(5);
        assertThatThrownBy(() -> executor.invokeAny(List.of(fails, fails))).isInstanceOf(ExecutionException.class);
        assertThatThrownBy(() -> executor.invokeAny(List.<Callable<Integer>>of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatInterrupt")
    void invokeAnyCancelsTheOthers(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 2);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch otherInterrupted = new CountDownLatch(1);
        Callable<Integer> endless = () -> {
            begun.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                otherInterrupted.countDown();
                throw e;
            }
            return 1;
        };
        Callable<Integer> quick = () -> {
            begun.await();
            return 2;
        };
        assertThat(executor.invokeAny(List.of(endless, quick))).isEqualTo(2);
        assertThat(otherInterrupted.await(10, SECONDS)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#all")
    void timedInvokeAnyGivesUp(Peer peer) {
        ExecutorService executor = open(peer, 1);
        assertThatThrownBy(() -> executor.invokeAny(List.of(waits(new CountDownLatch(1))), 20, MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
    }

    // ---- close, JDK 19 -------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatClose")
    void closeWaitsForWhatWasSubmitted(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 2);
        AtomicInteger ran = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            executor.submit(ran::incrementAndGet);
        }
        Peer.close(executor);
        assertThat(ran).hasValue(20);
        assertThat(executor.isTerminated()).isTrue();
        Peer.close(executor);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.Peer#thatClose")
    void interruptedCloseStopsTheTasksWaitsOnAndKeepsTheFlag(Peer peer) throws Exception {
        ExecutorService executor = open(peer, 1);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean taskInterrupted = new AtomicBoolean();
        executor.execute(() -> {
            begun.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                taskInterrupted.set(true);
            }
        });
        assertThat(begun.await(10, SECONDS)).isTrue();
        AtomicBoolean flag = new AtomicBoolean();
        Thread closer = new Thread(() -> {
            Peer.close(executor);
            flag.set(executor.isTerminated() && Thread.currentThread().isInterrupted());
        });
        closer.start();
        interrupt(closer);
        closer.join(10_000);
        assertThat(flag).as("terminated, and the flag is set").isTrue();
        assertThat(taskInterrupted).isTrue();
    }
}
