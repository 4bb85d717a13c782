package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.pipeline.Meter.Wait;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Workers of a stage with one worker that a run at rest does not know of; their turns are the test's thread's. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class StepWorkerTest {
    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    private final Execution execution = atRest.run.execution;
    private final Sink sink = new Sink();
    private StageFunction<Object, Object> function = item -> item;
    private final StageRun stage = atRest.beside("s", s -> {}, sink, Op.own(item -> function.apply(item)));
    private final Link link =
            new RingLink("s", 64, Link.Side.ONE, Link.Side.STEPS, LinkStub.NOTHING_HAPPENS, Waiters.FIRST_NAP_NANOS);
    private final Window window = new FreeWindow(stage, link, 8);
    private final StepWorker worker = worker();

    @AfterEach
    void takeInterruptOff() {
        Thread.interrupted();
    }

    private StepWorker worker() {
        return new StepWorker(stage, window, null);
    }

    private void put(int... items) {
        for (int item : items) {
            assertThat(link.tryPut(item, new Meter())).isEqualTo(Downstream.Put.DONE);
        }
    }

    /** Whether it has been called, and has not begun. */
    static boolean isDue(StepWorker worker) throws ReflectiveOperationException {
        Field phase = StepWorker.class.getDeclaredField("phase");
        phase.setAccessible(true);
        return ((AtomicInteger) phase.get(worker)).get() == 1;
    }

    @Test
    @DisplayName(
            "promise 8: a thread of a worker's own waits until it is called, whatever interrupts it, and ends with the stage")
    void threadOfItsOwnWaitsUntilItIsCalled() throws Exception {
        execution.joins(1);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Void> member = crew.run(worker::run);
            await().until(() -> isIdle(worker));
            Waiting.untilWaiting(member.thread());
            member.interrupt();
            await().until(() -> !member.thread().isInterrupted());
            Waiting.untilWaiting(member.thread());
            put(0);
            await().until(() -> sink.taken.size() == 1 && isIdle(worker));
            Waiting.untilWaiting(member.thread());
            put(1);
            await().until(() -> sink.taken.size() == 2);
            link.end();
        }
        assertThat(stage.hasEnded()).isTrue();
        assertThat(worker.meter().cpu().nanos()).isNotNegative();
    }

    private boolean isIdle(StepWorker one) {
        window.lock.lock();
        try {
            return one.isIdle;
        } finally {
            window.lock.unlock();
        }
    }

    @Test
    @DisplayName("promise 8: a stage whose next one throws when it is told of the end fails, and the worker leaves")
    void endThatThrowsFailsTheRun() {
        execution.joins(1);
        sink.atEnd = () -> {
            throw new IllegalStateException("end");
        };
        link.end();
        worker.turn();
        assertThat(execution.failure()).hasRootCauseMessage("end");
        assertThat(execution.stages()).allMatch(StageRun::isAborted);
        assertThat(worker.signal()).isFalse();
    }

    private void abort() {
        stage.markAborted(new CancellationException("planned"));
    }

    private List<Object> discarded() {
        execution.tellDiscards();
        return atRest.discarded.items();
    }

    @Test
    void worksUntilThereIsNothing() throws Exception {
        List<Object> seen = new ArrayList<>();
        function = item -> {
            seen.add(worker.atWork());
            seen.add(worker.interrupts().worker());
            assertThat(execution.isMember()).isTrue();
            return item;
        };
        put(0, 1);
        assertThat(worker.signal()).isTrue();
        worker.turn();
        assertThat(sink.taken).containsExactly(0, 1);
        assertThat(worker.meter().get(Fate.COMPLETED)).isEqualTo(2);
        assertThat(worker.atWork()).isNull();
        assertThat(worker.meter().isAtWork()).as("it waits").isFalse();
        assertThat(worker.interrupts().worker()).isNull();
        assertThat(execution.isMember()).isFalse();
        assertThat(isDue(worker)).isFalse();
        long before = System.nanoTime();
        put(2);
        worker.turn();
        assertThat(sink.taken).containsExactly(0, 1, 2);
        assertThat(seen).hasSize(6).containsOnly(Thread.currentThread());
        assertThat(worker.meter().waited(Wait.STARVED, System.nanoTime())).isPositive();
        long now = System.nanoTime();
        assertThat(worker.meter().life(now)).as("since its first turn").isGreaterThanOrEqualTo(now - before);
    }

    @Test
    @DisplayName("promise 8: a call that comes during a turn is not lost")
    void callDuringATurnIsNotLost() throws Exception {
        put(0);
        function = item -> {
            assertThat(worker.signal()).isTrue();
            assertThat(worker.signal()).isTrue();
            return item;
        };
        worker.turn();
        assertThat(isDue(worker)).isTrue();
        worker.turn();
        assertThat(isDue(worker)).isFalse();
    }

    @Test
    @DisplayName("promise 4: an interrupt of a worker in whose turn another has one waits until that is over")
    void turnInATurnIsNotInterruptedForTheOther() {
        StepWorker inner = worker();
        List<Boolean> interrupted = new ArrayList<>();
        function = item -> {
            if (item.equals(0)) {
                for (int i = 1; i <= 2; i++) {
                    put(i);
                    inner.turn();
                    interrupted.add(Thread.interrupted());
                    assertThat(execution.isMember()).isTrue();
                }
                worker.interrupts().interrupt();
                interrupted.add(Thread.interrupted());
            } else {
                worker.interrupts().interrupt();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                inner.interrupts().interrupt();
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            }
            return item;
        };
        put(0);
        worker.turn();
        assertThat(sink.taken).containsExactly(1, 2, 0);
        assertThat(interrupted).containsExactly(true, true, true);
        assertThat(execution.isMember()).isFalse();
        // It is nobody's turn.
        function = item -> {
            inner.interrupts().interrupt();
            return Thread.currentThread().isInterrupted();
        };
        put(3);
        inner.turn();
        assertThat(sink.taken).endsWith(true);
        assertThat(worker.interrupts().worker()).isNull();
    }

    @Test
    @DisplayName("promise 4: a turn is over when the next one in the same thread begins")
    void turnIsOverWhenTheNextBegins() throws Exception {
        StepWorker next = worker();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(() -> {
                worker.turn();
                next.turn();
            });
        }
        assertThat(worker.interrupts().worker()).isNull();
        assertThat(next.interrupts().worker()).isNull();
    }

    @Test
    @DisplayName("promise 8: a worker for which there is no thread leaves, and takes nothing upon itself")
    void workerWithoutAThreadLeaves() {
        execution.joins(1);
        put(0);
        List<Boolean> interrupted = new ArrayList<>();
        sink.atEnd = () -> interrupted.add(Thread.currentThread().isInterrupted());
        long before = System.nanoTime();
        Thread.currentThread().interrupt();
        worker.neverStarts();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupted).containsExactly(false);
        assertThat(sink.taken).isEmpty();
        assertThat(worker.signal()).isFalse();
        assertThat(stage.hasEnded()).isTrue();
        assertThat(worker.meter().isAtWork()).isFalse();
        assertThat(worker.meter().life(0)).isBetween(0L, System.nanoTime() - before);
    }

    @Test
    @DisplayName("promise 4: the end of a worker for which there is no thread is not interrupted for another one")
    void endInATurnIsNotInterruptedForTheOther() {
        execution.joins(1);
        StepWorker other = worker();
        List<Boolean> interrupted = new ArrayList<>();
        sink.atEnd = () -> {
            worker.interrupts().interrupt();
            interrupted.add(Thread.currentThread().isInterrupted());
        };
        function = item -> {
            other.neverStarts();
            interrupted.add(Thread.interrupted());
            return item;
        };
        put(0);
        worker.turn();
        assertThat(interrupted).containsExactly(false, true);
    }

    @Test
    @DisplayName("promise 1: a worker that has no room takes nothing more, and goes on when it is called")
    void whoHasNoRoomTakesNothing() throws Exception {
        sink.room = 1;
        put(0, 1, 2);
        worker.turn();
        assertThat(sink.taken).containsExactly(0);
        assertThat(worker.isAwaitingRoom()).isTrue();
        assertThat(isDue(worker)).isFalse();
        worker.turn();
        assertThat(sink.watchers).hasSize(1);
        assertThat(link.waiting()).isEqualTo(1);
        assertThat(sink.passedOn).isZero();
        sink.makeRoom(5);
        assertThat(worker.isAwaitingRoom()).isFalse();
        assertThat(isDue(worker)).isTrue();
        worker.turn();
        assertThat(sink.taken).containsExactly(0, 1, 2);
        assertThat(worker.meter().waited(Wait.BLOCKED, System.nanoTime())).isPositive();
        assertThat(sink.passedOn).as("there may be more than it has used").isEqualTo(1);
        put(3);
        worker.turn();
        assertThat(sink.passedOn).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 8: a worker that comes to know of room when it leaves a watcher does not wait")
    void roomThatComesAtOnceIsUsed() {
        assertThat(worker.awaitsRoom(sink)).isFalse();
        assertThat(worker.isAwaitingRoom()).isFalse();
        sink.room = 0;
        assertThat(worker.awaitsRoom(sink)).isTrue();
        assertThat(worker.isAwaitingRoom()).isTrue();
    }

    @Test
    @DisplayName("promise 8: room for which a worker is called that has ended, or ends without using it, is for others")
    void roomIsPassedOnByWhoEnds() {
        execution.joins(2);
        StepWorker other = worker();
        sink.room = 0;
        put(0, 1);
        worker.turn();
        other.turn();
        assertThat(sink.watchers).hasSize(2);
        abort();
        worker.turn();
        assertThat(worker.signal()).isFalse();
        assertThat(sink.passedOn).isZero();
        sink.makeRoom(1);
        assertThat(sink.passedOn).isEqualTo(1);
        other.turn();
        assertThat(other.signal()).isFalse();
        assertThat(sink.passedOn).isEqualTo(2);
        assertThat(sink.taken).isEmpty();
        assertThat(discarded()).containsExactly(0, 1);
    }

    @Test
    @DisplayName("promise 8: a worker that was called for an item and leaves has another one called for it")
    void whoLeavesHasAnotherOneCalled() {
        execution.joins(1);
        StepWorker other = worker();
        other.turn();
        worker.turn();
        put(0);
        assertThat(worker.isIdle).isFalse();
        assertThat(other.isIdle).isTrue();
        worker.dismiss();
        worker.turn();
        assertThat(worker.signal()).isFalse();
        assertThat(other.isIdle).isFalse();
        other.turn();
        assertThat(sink.taken).containsExactly(0);
    }

    @Test
    @DisplayName("promise 8: a defect fails the run, what is in hand is discarded, and the worker ends")
    void defectFailsTheRun() {
        execution.joins(1);
        sink.room = 0;
        put(0);
        worker.turn();
        sink.takes = item -> {
            throw new IllegalStateException("defect");
        };
        sink.makeRoom(1);
        worker.turn();
        assertThat(execution.failure()).hasRootCauseMessage("defect");
        assertThat(discarded()).containsExactly(0);
        assertThat(worker.signal()).isFalse();
        assertThat(stage.hasEnded()).isTrue();
        assertThat(worker.atWork()).isNull();
        assertThat(worker.interrupts().worker()).isNull();
        assertThat(execution.isMember()).isFalse();
    }
}
