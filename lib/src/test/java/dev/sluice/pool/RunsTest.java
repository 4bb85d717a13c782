package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The queued variant under a deep backlog of short tasks, of which a worker claims several at a time. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class RunsTest {
    private static final int DEEP = 512;
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** Lets the pool find out that its tasks are short; then no worker does anything until the latch is open. */
    private static CountDownLatch hold(WorkerPool pool, int width) throws Exception {
        for (int i = 0; i < DEEP; i++) {
            pool.execute(() -> {});
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        CountDownLatch held = new CountDownLatch(width);
        CountDownLatch open = new CountDownLatch(1);
        for (int i = 0; i < width; i++) {
            pool.execute(() -> {
                held.countDown();
                Uninterruptibly.await(open);
            });
        }
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        return open;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 6: what is claimed and not begun is open to others while a task of the same claim blocks")
    void nothingIsStrandedBehindABlockedTask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, DEEP);
        int rounds = Rounds.of(2_000);
        for (int round = 0; round < rounds; round++) {
            CountDownLatch open = hold(pool, 2);
            CountDownLatch others = new CountDownLatch(DEEP - 1);
            for (int i = 0; i < DEEP; i++) {
                pool.execute(i == 100 + round % 100 ? () -> Uninterruptibly.await(others) : others::countDown);
            }
            open.countDown();
            assertThat(others.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 6: one worker keeps the order, also when its tasks lend it in the middle of a claim")
    void oneWorkerKeepsTheOrderWhileItIsLent(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, DEEP);
        int rounds = Rounds.of(500);
        for (int round = 0; round < rounds; round++) {
            CountDownLatch open = hold(pool, 1);
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            List<TaskHandle<?>> handles = Collections.synchronizedList(new ArrayList<>());
            for (int i = 0; i < DEEP; i++) {
                int number = i;
                handles.add(pool.submit(() -> {
                    order.add(number);
                    if (number % 100 == 10 && number + 20 < DEEP) {
                        handles.get(number + 20).get(30, TimeUnit.SECONDS);
                    }
                    return number;
                }));
            }
            open.countDown();
            for (TaskHandle<?> handle : handles) {
                handle.get(30, TimeUnit.SECONDS);
            }
            assertThat(order).isEqualTo(IntStream.range(0, DEEP).boxed().toList());
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName(
            "promises 1 and 4: places are counted exactly while workers hold claimed tasks, cancelled ones are free")
    void claimedTasksCountAgainstTheCapacityUntilCancelled(PoolKind kind) throws Exception {
        int capacity = 64;
        WorkerPool pool = kind.pool(2, capacity);
        int rounds = Rounds.of(2_000);
        for (int round = 0; round < rounds; round++) {
            CountDownLatch open = hold(pool, 2);
            CountDownLatch again = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(2);
            List<TaskHandle<?>> handles = new ArrayList<>();
            for (int i = 0; i < capacity; i++) {
                handles.add(pool.submit(() -> {
                    begun.countDown();
                    return again.await(60, TimeUnit.SECONDS);
                }));
            }
            open.countDown();
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(pool.stats().queued()).isEqualTo(capacity - 2);
            assertThat(pool.stats().running()).isEqualTo(2);
            long cancelled =
                    handles.stream().filter(handle -> handle.cancel(false)).count();
            assertThat(cancelled).isEqualTo(capacity);
            assertThat(pool.stats().queued()).isZero();
            for (int i = 0; i < capacity; i++) {
                assertThat(pool.trySubmit(() -> {})).isPresent();
            }
            assertThat(pool.trySubmit(() -> {})).isEmpty();
            assertAddsUp(pool.stats());
            again.countDown();
            assertThat(pool.awaitIdle(LONG)).isTrue();
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName(
            "scenario 6: a task cancelled while workers begin what they have claimed runs or does not, and is counted once")
    void cancelRacesTheBeginningOfAClaimedTask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, DEEP);
        int rounds = Rounds.of(2_000);
        for (int round = 0; round < rounds; round++) {
            PoolStats before = pool.stats();
            CountDownLatch open = hold(pool, 2);
            AtomicInteger ran = new AtomicInteger();
            List<TaskHandle<?>> handles = new ArrayList<>();
            for (int i = 0; i < DEEP; i++) {
                handles.add(pool.submit(ran::incrementAndGet));
            }
            open.countDown();
            int unrun = 0;
            for (int i = DEEP - 1; i >= 0; i--) {
                unrun += handles.get(i).cancel(false) ? 1 : 0;
            }
            assertThat(pool.awaitIdle(LONG)).isTrue();
            PoolStats after = pool.stats();
            assertAddsUp(after);
            assertThat(after.cancelled() - before.cancelled()).isEqualTo(unrun);
            assertThat(handles).allMatch(TaskHandle::isDone);
            assertThat(ran.get()).isGreaterThanOrEqualTo(DEEP - unrun);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName(
            "promise 7: shutdownNow returns a bare task or lets it run, never both, while workers begin what they have claimed")
    void shutdownNowRacesTheBeginningOfAClaimedTask(PoolKind kind) throws Exception {
        int rounds = Rounds.of(5_000);
        for (int round = 0; round < rounds; round++) {
            WorkerPool pool = kind.pool(2, DEEP);
            CountDownLatch open = hold(pool, 2);
            Set<Integer> ran = ConcurrentHashMap.newKeySet();
            for (int i = 0; i < DEEP; i++) {
                int number = i;
                pool.execute(() -> ran.add(number));
            }
            open.countDown();
            int pause = round % 50;
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofNanos(1_000))
                    .until(() -> ran.size() >= pause);
            List<Runnable> unrun = pool.shutdownNow();
            assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            assertThat(ran.size() + unrun.size()).isEqualTo(DEEP);
            unrun.forEach(Runnable::run);
            assertThat(ran).hasSize(DEEP);
            assertCloses(pool);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 7: shutdownNow interrupts every bare task that it does not return")
    void shutdownNowInterruptsBareTasks(PoolKind kind) throws Exception {
        int rounds = Rounds.of(20_000);
        for (int round = 0; round < rounds; round++) {
            WorkerPool pool = kind.pool(2, 16);
            CountDownLatch never = new CountDownLatch(1);
            AtomicInteger interrupted = new AtomicInteger();
            try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
                crew.run(() -> {
                    for (int i = 0; i < 4; i++) {
                        try {
                            pool.execute(() -> {
                                try {
                                    never.await();
                                } catch (InterruptedException e) {
                                    interrupted.incrementAndGet();
                                }
                            });
                        } catch (RejectedExecutionException e) {
                            break;
                        }
                    }
                });
                int unrun = pool.shutdownNow().size();
                assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
                assertThat(pool.stats().cancelled()).isEqualTo(unrun);
                assertThat(pool.stats().succeeded()).isEqualTo(interrupted.get());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("no wake-up of a worker is lost, whether it is about to sleep or to find a task")
    void everyTaskFindsAWorker(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        int rounds = Rounds.of(200_000);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int submitter = 0; submitter < 2; submitter++) {
                int share = submitter;
                crew.run(() -> {
                    for (int i = 0; i < rounds; i++) {
                        TaskHandle<Integer> handle = pool.submit(() -> 1);
                        assertThat(handle.get(30, TimeUnit.SECONDS)).isEqualTo(1);
                        for (int spin = (i * 7 + share) % 400; spin > 0; spin--) {
                            Thread.onSpinWait();
                        }
                    }
                });
            }
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("nobody keeps watch over a pool in which nothing waits, though a task runs")
    void sleepersSleepForGoodWhileNothingWaits(PoolKind kind) throws Exception {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        WorkerPool pool = WorkerPool.builder()
                .workers(3)
                .threadFactory(body -> {
                    Thread thread = kind.threads().factory().newThread(body);
                    workers.add(thread);
                    return thread;
                })
                .build();
        hold(pool, 3).countDown();
        CountDownLatch open = hold(pool, 1);
        await().until(() -> workers.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
        open.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("tasks that wait behind many short ones find every worker, however few processors there are")
    void tasksThatWaitBehindShortOnesFindEveryWorker(PoolKind kind) throws Exception {
        int width = PROCESSORS + 2;
        WorkerPool pool = kind.pool(width, DEEP);
        int rounds = Rounds.of(2_000);
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < 2 * DEEP; i++) {
                pool.execute(() -> {});
            }
            CountDownLatch all = new CountDownLatch(width);
            List<TaskHandle<Boolean>> waiting = new ArrayList<>();
            for (int i = 0; i < width; i++) {
                waiting.add(pool.submit(() -> {
                    all.countDown();
                    return all.await(30, TimeUnit.SECONDS);
                }));
            }
            for (TaskHandle<Boolean> handle : waiting) {
                assertThat(handle.get(20, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 5: a bare task that waits for its own pool has its worker lent, and knows itself")
    void bareTasksLendTheirWorker(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch ended = new CountDownLatch(1);
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        pool.execute(() -> {
            try {
                seen.add(pool.submit(() -> 1).get());
                seen.add(pool.submit(() -> 2).get(30, TimeUnit.SECONDS));
                pool.close();
            } catch (IllegalStateException e) {
                seen.add("refused");
            } catch (Exception e) {
                seen.add(e);
            } finally {
                ended.countDown();
            }
        });
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).containsExactly(1, 2, "refused");
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertCloses(pool);
    }
}
