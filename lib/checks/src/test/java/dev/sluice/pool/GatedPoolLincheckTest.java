package dev.sluice.pool;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.checks.Schedules;
import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whole gated pools, without a clock: in no schedule does a shutdown, a cancel, an interrupt or a failure leave a thread waiting,
 * a handle without an outcome, a task uncounted, or a permit away.
 */
@Timeout(300)
class GatedPoolLincheckTest {
    private static GatedPool pool(Gate gate) {
        return new GatedPool(PoolSettings.of("explored", OnFull.BLOCK, Thread::new, 2), gate);
    }

    private static void explore(Runnable schedule) {
        Schedules.exploreWhenThereIsTime(
                100,
                schedule,
                () -> Gate.of(1),
                () -> Gate.of(1).tryAcquire().orElseThrow().close(),
                () -> Gate.of(1).acquireAsync(1, Runnable::run).join().close(),
                () -> pool(Gate.of(1)),
                () -> pool(Gate.of(1)).shutdown(),
                () -> pool(Gate.of(1)).lane("key"),
                () -> pool(Gate.of(1)).group(OnFailure.COLLECT),
                () -> pool(Gate.of(1)).execute(() -> {}),
                () -> await(pool(Gate.of(1)).submit(() -> 1)),
                () -> await(pool(Gate.of(1)).lane("key").submit(() -> 1)));
    }

    /** Whether the task has run. */
    private static boolean await(TaskHandle<?> handle) {
        try {
            handle.get();
            return true;
        } catch (CancellationException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Closes the pool; all that was submitted is counted, and the permits are back. */
    private static void requireSettled(GatedPool pool, int submitted) {
        pool.close();
        Accounts accounts = pool.accounts;
        require(
                accounts.submitted == submitted
                        && accounts.succeeded + accounts.failed + accounts.cancelled + accounts.rejected == submitted,
                "accounts: " + accounts.submitted + " = " + accounts.succeeded + " + " + accounts.failed + " + "
                        + accounts.cancelled + " + " + accounts.rejected);
        require(pool.gate.available() == pool.gate.permits(), "permits: " + pool.gate);
        require(pool.gate.stats().waiting() == 0, "waiting: " + pool.gate);
    }

    /** To be refused is as good. */
    private static void submitAndAwait(GatedPool pool) {
        try {
            await(pool.submit(() -> 1));
        } catch (RejectedExecutionException e) {
            // As said.
        }
    }

    @Test
    void shutdownMeetsASubmission() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            AtomicInteger ran = new AtomicInteger();
            Thread submitter = start(() -> {
                try {
                    require(await(pool.submit(() -> ran.incrementAndGet())), "accepted, and not run");
                } catch (RejectedExecutionException e) {
                    require(ran.get() == 0, "refused, and run");
                }
            });
            pool.shutdown();
            join(submitter);
            requireSettled(pool, 1);
        });
    }

    @Test
    void stopMeetsASubmitterThatWaits() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            Permit held = pool.gate.tryAcquire().orElseThrow();
            Thread submitter = start(() -> submitAndAwait(pool));
            pool.shutdownNow();
            join(submitter); // though no permit comes
            held.close();
            requireSettled(pool, 1);
        });
    }

    @Test
    void interruptMeetsASubmitterThatWaits() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            Permit held = pool.gate.tryAcquire().orElseThrow();
            Thread submitter = start(() -> {
                try {
                    pool.execute(() -> {});
                } catch (RejectedExecutionException e) {
                    require(Thread.interrupted(), "refused, and not interrupted");
                }
            });
            submitter.interrupt();
            held.close();
            join(submitter);
            requireSettled(pool, 1);
        });
    }

    @Test
    void closedGateMeetsASubmitterThatWaits() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            Permit held = pool.gate.tryAcquire().orElseThrow();
            Thread submitter = start(() -> submitAndAwait(pool));
            pool.gate.close();
            held.close();
            join(submitter);
            requireSettled(pool, 1);
        });
    }

    @Test
    void cancelMeetsTheEndAndWhoWaitsForIt() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            TaskHandle<?> handle = pool.submit(() -> 1);
            AtomicInteger waited = new AtomicInteger();
            Thread waiter = start(() -> waited.set(await(handle) ? 1 : 2));
            boolean cancelled = handle.cancel(true);
            join(waiter);
            require(waited.get() == (cancelled ? 2 : 1), "cancelled: " + cancelled + ", seen: " + waited);
            requireSettled(pool, 1);
        });
    }

    @Test
    void threadThatCannotBeStartedLeavesThePermitToOthers() {
        explore(() -> {
            AtomicInteger threads = new AtomicInteger();
            GatedPool pool = new GatedPool(
                    PoolSettings.of(
                            "explored",
                            OnFull.BLOCK,
                            body -> threads.getAndIncrement() == 0 ? null : new Thread(body),
                            2),
                    Gate.of(1));
            AtomicInteger refused = new AtomicInteger();
            AtomicInteger ran = new AtomicInteger();
            Thread other = start(() -> submit(pool, ran, refused));
            submit(pool, ran, refused);
            join(other);
            require(refused.get() == 1, "refused: " + refused);
            requireSettled(pool, 2);
            require(ran.get() == 1, "ran: " + ran);
        });
    }

    private static void submit(GatedPool pool, AtomicInteger ran, AtomicInteger refused) {
        try {
            pool.execute(ran::getAndIncrement);
        } catch (RejectedExecutionException e) {
            refused.getAndIncrement();
        }
    }

    @Test
    void cancelInALaneMeetsTheEndBeforeIt() {
        explore(() -> {
            GatedPool pool = new GatedPool(PoolSettings.of("explored", OnFull.BLOCK, Thread::new, 4), Gate.of(2));
            Lane lane = pool.lane("key");
            AtomicInteger inside = new AtomicInteger();
            Runnable work = () -> {
                require(inside.incrementAndGet() == 1, "two of a key");
                inside.decrementAndGet();
            };
            lane.submit(work);
            TaskHandle<?> second = lane.submit(work);
            TaskHandle<?> third = lane.submit(work);
            second.cancel(false);
            require(await(third), "the last one did not run");
            requireSettled(pool, 3);
            require(pool.accounts.failed == 0, "two of a key: " + pool.accounts.failed);
        });
    }

    @Test
    void stopMeetsTheEndInALane() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            Lane lane = pool.lane("key");
            lane.submit(() -> {});
            TaskHandle<?> second = lane.submit(() -> {});
            pool.shutdownNow();
            await(second);
            requireSettled(pool, 2);
        });
    }

    @Test
    void closeOfAGroupMeetsAnEnd() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            AtomicInteger ran = new AtomicInteger();
            try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
                group.submit(ran::incrementAndGet);
            }
            require(ran.get() == 1, "closed before the end");
            requireSettled(pool, 1);
        });
    }

    @Test
    void cancelOfAGroupMeetsASubmission() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            Permit held = pool.gate.tryAcquire().orElseThrow();
            try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
                Thread submitter = start(() -> group.submit(() -> 1));
                group.cancel();
                join(submitter); // though no permit comes
                held.close();
            }
            requireSettled(pool, 1);
        });
    }

    @Test
    void failureInAGroupCancelsTheOther() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(2));
            AtomicInteger failures = new AtomicInteger();
            try (TaskGroup<Integer> group = pool.group(OnFailure.FAIL_FAST)) {
                group.submit(() -> {
                    throw new IllegalStateException("failed");
                });
                group.submit(() -> 1);
                group.join();
            } catch (ExecutionException e) {
                failures.getAndIncrement();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            require(failures.get() == 1, "the failure was not seen");
            requireSettled(pool, 2);
        });
    }

    @Test
    void interruptedCloseStopsThePool() {
        explore(() -> {
            GatedPool pool = pool(Gate.of(1));
            TaskHandle<?> handle = pool.submit(() -> 1);
            Thread closer = start(() -> {
                pool.close();
                require(pool.isTerminated(), "closed, and not terminated");
            });
            closer.interrupt();
            await(handle);
            join(closer);
            requireSettled(pool, 1);
        });
    }
}
