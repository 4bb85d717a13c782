package dev.sluice.checks;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.pool.Lane;
import dev.sluice.pool.OnFailure;
import dev.sluice.pool.TaskGroup;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Shutdown, close, cancel and interrupt of a gated pool with real threads: in no schedule is a task left pending, or a permit
 * taken, or does anybody wait for ever. The pool has no watch over tasks that are stuck, whose clock would be a thread that
 * outlives the schedule.
 */
@Timeout(300)
class GatedPoolLincheckTest {
    /** A pool with one permit. */
    private static final class One {
        final Gate gate = Gate.builder().name("one").permits(1).build();
        final WorkerPool pool = WorkerPool.builder()
                .name("explored")
                .gate(gate)
                .threadFactory(Thread::new)
                .stuckAfter(Duration.ZERO)
                .build();
        final AtomicInteger ran = new AtomicInteger();

        TaskHandle<?> submit() {
            return pool.submit((Runnable) ran::incrementAndGet);
        }

        TaskHandle<?> submitUnlessRefused() {
            try {
                return submit();
            } catch (RejectedExecutionException e) {
                return null;
            }
        }

        void requireEnd(TaskHandle<?> task) throws InterruptedException {
            pool.shutdown();
            require(pool.awaitTermination(1, TimeUnit.DAYS), "no end");
            require(gate.available() == 1, "permits: " + gate.available());
            require(task == null || task.isDone(), "pending");
            require(task != null || ran.get() == 0, "refused, and run");
        }
    }

    @Test
    void shutdownMeetsASubmission() {
        submissionMeets(WorkerPool::shutdown);
    }

    @Test
    void stopMeetsASubmission() {
        submissionMeets(WorkerPool::shutdownNow);
    }

    @Test
    void closeMeetsASubmission() {
        submissionMeets(WorkerPool::close);
    }

    /** What happens to a pool. */
    private interface Event {
        void happen(WorkerPool pool);
    }

    private static void submissionMeets(Event event) {
        explore(() -> {
            One one = new One();
            TaskHandle<?>[] task = new TaskHandle<?>[1];
            Thread submit = start(() -> task[0] = one.submitUnlessRefused());
            Thread other = start(() -> event.happen(one.pool));
            join(submit, other);
            one.requireEnd(task[0]);
        });
    }

    @Test
    void stopMeetsTheWork() {
        workMeets(WorkerPool::shutdownNow);
    }

    @Test
    void shutdownMeetsTheWork() {
        workMeets(WorkerPool::shutdown);
    }

    @Test
    void closeWaitsForTheWork() {
        workMeets(WorkerPool::close);
    }

    private static void workMeets(Event event) {
        explore(() -> {
            One one = new One();
            TaskHandle<?> task = one.submit();
            join(start(() -> event.happen(one.pool)));
            one.requireEnd(task);
        });
    }

    @Test
    void cancelMeetsTheWork() {
        explore(() -> {
            One one = new One();
            TaskHandle<?> task = one.submit();
            join(start(() -> task.cancel(true)));
            one.requireEnd(task);
        });
    }

    @Test
    void cancelsMeet() {
        explore(() -> {
            One one = new One();
            TaskHandle<?> task = one.submit();
            AtomicInteger won = new AtomicInteger();
            Crew.Work cancel = () -> won.addAndGet(task.cancel(false) ? 1 : 0);
            join(start(cancel), start(cancel));
            one.requireEnd(task);
            require(won.get() == (task.isCancelled() ? 1 : 0), "cancelled: " + won);
        });
    }

    @Test
    void cancelMeetsAStop() {
        explore(() -> {
            One one = new One();
            TaskHandle<?> task = one.submit();
            join(start(() -> task.cancel(true)), start(one.pool::shutdownNow));
            one.requireEnd(task);
        });
    }

    @Test
    void cancelMeetsWhoWaitsForTheTask() {
        explore(() -> {
            One one = new One();
            TaskHandle<?> task = one.submit();
            Thread waits = start(() -> get(task));
            join(start(() -> task.cancel(false)), waits);
            one.requireEnd(task);
        });
    }

    @Test
    void interruptMeetsWhoWaitsForTheTask() {
        explore(() -> {
            One one = new One();
            TaskHandle<?> task = one.submit();
            Thread waits = start(() -> get(task));
            waits.interrupt();
            join(waits);
            one.requireEnd(task);
        });
    }

    private static void get(TaskHandle<?> task) throws InterruptedException {
        try {
            task.get();
        } catch (CancellationException e) {
            // As good.
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void interruptOfASubmitterMeetsItsPermit() {
        blockedSubmitterMeets((submitter, one) -> submitter.interrupt());
    }

    @Test
    void shutdownMeetsASubmitterThatWaits() {
        blockedSubmitterMeets((submitter, one) -> one.pool.shutdown());
    }

    @Test
    void stopMeetsASubmitterThatWaits() {
        blockedSubmitterMeets((submitter, one) -> one.pool.shutdownNow());
    }

    @Test
    void closeOfTheGateMeetsASubmitterThatWaits() {
        blockedSubmitterMeets((submitter, one) -> one.gate.close());
    }

    /** What happens to a submitter that waits. */
    private interface Disturbance {
        void disturb(Thread submitter, One one);
    }

    private static void blockedSubmitterMeets(Disturbance disturbance) {
        explore(() -> {
            One one = new One();
            Permit held = one.gate.acquire();
            TaskHandle<?>[] task = new TaskHandle<?>[1];
            Thread submitter = start(() -> task[0] = one.submitUnlessRefused());
            Thread release = start(held::close);
            disturbance.disturb(submitter, one);
            join(submitter, release);
            one.requireEnd(task[0]);
        });
    }

    @Test
    void stopMeetsALane() {
        laneMeets((first, one) -> one.pool.shutdownNow());
    }

    @Test
    void cancelMeetsALane() {
        laneMeets((first, one) -> first.cancel(true));
    }

    /** What happens to two tasks of a lane, of which this is the first. */
    private interface Blow {
        void fall(TaskHandle<?> first, One one);
    }

    private static void laneMeets(Blow blow) {
        explore(() -> {
            One one = new One();
            Lane lane = one.pool.lane("key");
            TaskHandle<?> first = lane.submit((Runnable) one.ran::incrementAndGet);
            TaskHandle<?> second = lane.submit((Runnable) one.ran::incrementAndGet);
            join(start(() -> blow.fall(first, one)));
            one.requireEnd(first);
            require(second.isDone(), "pending behind " + first);
        });
    }

    @Test
    void closeOfAGroupMeetsTheEndOfACancelledTask() {
        explore(() -> {
            One one = new One();
            TaskGroup<Integer> group = one.pool.group(OnFailure.COLLECT);
            TaskHandle<Integer> task = group.submit(one.ran::incrementAndGet);
            Thread cancel = start(() -> task.cancel(false));
            group.close();
            join(cancel);
            one.requireEnd(task);
        });
    }

    private static void explore(Schedule schedule) {
        Lincheck.runConcurrentTest(Schedules.of(500), () -> {
            try {
                schedule.run();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** What is done in one schedule. */
    private interface Schedule {
        void run() throws InterruptedException;
    }
}
