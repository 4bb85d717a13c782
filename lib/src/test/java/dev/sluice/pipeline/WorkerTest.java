package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.NoThreadLeaks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The worker of a stage that a run at rest does not know of; its thread is the test's. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WorkerTest {
    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    private final Execution execution = atRest.run.execution;
    private final Inputs inputs = new Inputs();
    private final Next next = new Next();
    private StageFunction<Object, Object> function = item -> item;
    private final StageRun stage = atRest.beside("s", s -> {}, inputs, next, Op.own(item -> function.apply(item)));
    private final Worker worker = (Worker) stage.worker();

    /** Gives what it has, and then, after a wait, the rest. */
    private final class Inputs implements Intake {
        final Queue<Object> items = new ArrayDeque<>();
        final Queue<Object> later = new ArrayDeque<>();
        Runnable atWait = () -> {};
        long taken;

        @Override
        public @Nullable Object poll(Meter meter) {
            Object item = items.poll();
            if (item != null) {
                meter.position = taken++;
            }
            return item;
        }

        @Override
        public boolean await(Meter meter) {
            assertThat(next.attended).as("who waits has handed over").isZero();
            atWait.run();
            items.addAll(later);
            later.clear();
            return !items.isEmpty();
        }

        @Override
        public long taken() {
            return taken;
        }

        @Override
        public boolean hasEnded() {
            return items.isEmpty();
        }
    }

    /** Notes who may put. */
    private static final class Next implements Downstream {
        final List<Object> taken = new ArrayList<>();
        int attended;
        int ended;
        int failed;
        Runnable atEnd = () -> {};

        @Override
        public boolean put(Object item, Meter meter) {
            assertThat(attended).isEqualTo(1);
            return taken.add(item);
        }

        @Override
        public void attend() {
            attended++;
        }

        @Override
        public void handOver() {
            attended--;
        }

        @Override
        public void end() {
            ended++;
            atEnd.run();
        }

        @Override
        public void fail() {
            failed++;
            atEnd.run();
        }
    }

    /** The worker is a party of the run. */
    @BeforeEach
    void counts() {
        execution.joins(1);
    }

    @AfterEach
    void takeInterruptOff() {
        Thread.interrupted();
    }

    private void assertHasLeft() {
        assertThat(stage.hasEnded()).isTrue();
        assertThat(next.attended).isZero();
        assertThat(worker.atWork()).isNull();
        assertThat(worker.interrupts().worker()).isNull();
        assertThat(worker.meter().isAtWork()).isFalse();
        assertThat(execution.isMember()).isFalse();
    }

    @Test
    void worksUntilThereIsNoMore() {
        List<Object> seen = new ArrayList<>();
        function = item -> {
            seen.add(worker.atWork());
            seen.add(worker.interrupts().worker());
            assertThat(execution.isMember()).isTrue();
            return item;
        };
        inputs.items.addAll(List.of(0, 1));
        inputs.later.add(2);
        long before = System.nanoTime();
        worker.run();
        assertThat(next.taken).containsExactly(0, 1, 2);
        assertThat(next.ended).isEqualTo(1);
        assertThat(seen).hasSize(6).containsOnly(Thread.currentThread());
        assertThat(worker.meter().life(0)).isBetween(0L, System.nanoTime() - before);
        // Of this thread it is known, and the note is from when the worker left.
        assertThat(worker.meter().cpu().nanos()).isNotNegative();
        assertThat(worker.meter().cpu().nanos()).isEqualTo(worker.meter().cpu().nanos());
        assertHasLeft();
    }

    @Test
    @DisplayName("promise 4: what interrupt the user's code leaves is gone when the worker waits, and when it has left")
    void interruptIsTakenOff() {
        List<Boolean> interrupted = new ArrayList<>();
        function = item -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            worker.interrupts().interrupt();
            return item;
        };
        inputs.items.addAll(List.of(0, 1));
        worker.run();
        assertThat(interrupted).containsExactly(false, false);
        assertThat(Thread.interrupted()).isFalse();
        assertHasLeft();
    }

    @Test
    @DisplayName("promise 4: a worker that leaves while others go on is interrupted no more")
    void whoLeavesBeforeTheOthersIsInterruptedNoMore() {
        StageRun wide = atRest.beside("w", s -> s.workers(2), inputs, next);
        Worker first = (Worker) wide.workers().get(0);
        first.run();
        assertThat(wide.hasEnded()).isFalse();
        assertThat(next.ended).isZero();
        assertThat(first.interrupts().worker()).isNull();
        first.interrupts().interrupt();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 8: a defect outside of the user's code fails the run, and the worker leaves")
    void defectFailsTheRun() {
        inputs.items.add(0);
        inputs.atWait = () -> {
            throw new IllegalStateException("defect");
        };
        worker.run();
        assertThat(execution.failure()).hasRootCauseMessage("defect");
        assertThat(next.failed).isEqualTo(1);
        assertThat(next.ended).isZero();
        assertHasLeft();
    }

    @Test
    @DisplayName("promise 8: a stage whose next one throws when it is told of the end fails, and the worker leaves")
    void endThatThrowsFailsTheRun() {
        next.atEnd = () -> {
            throw new IllegalStateException("end");
        };
        worker.run();
        assertThat(next.ended + next.failed).isEqualTo(2);
        assertThat(execution.failure()).hasRootCauseMessage("end");
        assertThat(execution.stages()).allMatch(StageRun::isAborted);
        assertHasLeft();
    }

    @Test
    @DisplayName(
            "promise 8: a worker for which there is no thread leaves, and the interrupt of the one that it leaves in stays")
    void workerWithoutAThreadLeaves() {
        inputs.items.add(0);
        long before = System.nanoTime();
        Thread.currentThread().interrupt();
        worker.neverStarts();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(next.taken).isEmpty();
        assertThat(next.failed).isEqualTo(1);
        assertHasLeft();
        assertThat(worker.meter().life(0)).isBetween(0L, System.nanoTime() - before);
    }

    @Test
    @DisplayName("promise 8: a worker for which there is no thread leaves that in which it does so as it was")
    void workerWithoutAThreadInterruptsNobody() {
        worker.neverStarts();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(next.ended).isEqualTo(1);
        assertHasLeft();
    }
}
