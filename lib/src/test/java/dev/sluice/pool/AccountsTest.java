package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertAddsUp;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.Collection;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Promise 2: the accounts add up and every handle becomes terminal, whatever happens. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class AccountsTest {

    @Test
    @DisplayName("promise 2: what a worker has counted that leaves is added to the rest, and none of it twice")
    void tallyOfAWorkerThatLeavesIsAdded() {
        Accounts accounts = new Accounts();
        for (Ending ending : Ending.values()) {
            accounts.end(ending);
        }
        Tally left = tally(1_000);
        accounts.add(left);
        accounts.dropNew();
        PoolStats.Timing none = new Histogram().timing();
        PoolStats stats = accounts.snapshot("a", 1, 2, tally(1), 3, none, none);
        assertThat(stats.succeeded()).isEqualTo(1 + 1_000 + 1);
        assertThat(stats.failed()).isEqualTo(1 + 2_000 + 2);
        assertThat(stats.cancelled()).isEqualTo(1 + 3_000 + 3);
        assertThat(stats.dropped()).isEqualTo(1 + 4_000 + 1 + 4);
        assertThat(stats.submitted()).isEqualTo(1 + 5);
        assertThat(stats.running()).isEqualTo(3 + 6);
    }

    @Test
    @DisplayName("promise 2: what is not let in counts as submitted, and as what became of it")
    void whatIsNotLetInIsCountedTwice() {
        Accounts accounts = new Accounts();
        accounts.rejectNew();
        accounts.cancelNew();
        accounts.cancelNew();
        accounts.dropNew();
        accounts.dropNew();
        accounts.dropNew();
        PoolStats.Timing none = new Histogram().timing();
        PoolStats stats = accounts.snapshot("a", 1, 2, new Tally(), 0, none, none);
        assertThat(stats.submitted()).isEqualTo(6);
        assertThat(stats.rejected()).isEqualTo(1);
        assertThat(stats.cancelled()).isEqualTo(2);
        assertThat(stats.dropped()).isEqualTo(3);
    }

    private static Tally tally(long unit) {
        Tally tally = new Tally();
        tally.succeeded = unit;
        tally.failed = 2 * unit;
        tally.cancelled = 3 * unit;
        tally.dropped = 4 * unit;
        tally.accepted = 5 * unit;
        tally.running = 6 * unit;
        return tally;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promises 1 and 2: a storm of submits, cancels, failures and resizes leaves accounts that add up")
    void stormAddsUp(PoolKind kind) throws Exception {
        for (OnFull policy : kind.policies()) {
            storm(kind, policy, 42 + policy.ordinal());
        }
    }

    private static void storm(PoolKind kind, OnFull policy, long seed) throws Exception {
        int width = 3;
        int capacity = 4;
        WorkerPool pool = kind.pool(width, capacity, policy);
        Collection<TaskHandle<?>> handles = new ConcurrentLinkedQueue<>();
        AtomicLong calls = new AtomicLong();
        AtomicLong ran = new AtomicLong();
        AtomicInteger workersActive = new AtomicInteger();
        AtomicInteger workersMost = new AtomicInteger();
        int perThread = Rounds.of(100_000) / 4;
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            for (int t = 0; t < 4; t++) {
                Random random = new Random(seed * 31 + t);
                crew.run(() -> {
                    Thread submitter = Thread.currentThread();
                    for (int i = 0; i < perThread; i++) {
                        boolean fails = random.nextInt(10) == 0;
                        calls.incrementAndGet();
                        try {
                            TaskHandle<?> handle = submit(pool, random, () -> {
                                boolean inWorker = Thread.currentThread() != submitter;
                                if (inWorker) {
                                    workersMost.accumulateAndGet(workersActive.incrementAndGet(), Math::max);
                                }
                                ran.incrementAndGet();
                                Thread.yield();
                                if (inWorker) {
                                    workersActive.decrementAndGet();
                                }
                                if (fails) {
                                    throw new IllegalStateException("as planned");
                                }
                            });
                            if (handle != null) {
                                handles.add(handle);
                                if (random.nextInt(5) == 0) {
                                    handle.cancel(random.nextBoolean());
                                }
                            }
                        } catch (RejectedExecutionException e) {
                            assertThat(policy).isEqualTo(OnFull.REJECT);
                        }
                        if (i % 64 == 0) {
                            assertAddsUp(pool.stats());
                            pool.resize(1 + random.nextInt(width));
                        }
                    }
                });
            }
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        PoolStats stats = assertCloses(pool);
        assertThat(stats.submitted()).isEqualTo(calls.get());
        assertThat(stats.succeeded() + stats.failed()).isLessThanOrEqualTo(ran.get());
        assertThat(workersMost.get()).isBetween(1, width);
        assertThat(handles).allSatisfy(handle -> {
            assertThat(handle.isDone()).isTrue();
            assertThat(handle.awaitExit(Duration.ZERO)).isTrue();
        });
    }

    private static TaskHandle<?> submit(WorkerPool pool, Random random, Runnable task) throws InterruptedException {
        return switch (random.nextInt(4)) {
            case 0 -> pool.trySubmit(task).orElse(null);
            case 1 ->
                pool.trySubmit(task, Duration.ofNanos(random.nextInt(50_000))).orElse(null);
            default -> pool.submit(task);
        };
    }
}
