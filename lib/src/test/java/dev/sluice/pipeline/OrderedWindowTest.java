package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.pipeline.Downstream.Put;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What becomes of the results in an ordered window, which is that of a stage that a run at rest does not know of; workers
 * without threads, whose part the test plays.
 */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class OrderedWindowTest {
    private static final int WINDOW = 4;
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    private final Execution execution = atRest.run.execution;
    private final Sink sink = new Sink();
    private final StageRun stage =
            atRest.beside("w", s -> s.workers(2).ordered().retry(Retry.times(1)), sink);
    private final Link link =
            new RingLink("w", 64, Link.Side.ONE, Link.Side.STEPS, LinkStub.NOTHING_HAPPENS, Waiters.FIRST_NAP_NANOS);
    private final OrderedWindow window = new OrderedWindow(stage, link, WINDOW);
    private final Meter meter = new Meter();

    /** A worker and what it has in hand. */
    private final class Busy {
        final StepWorker worker = new StepWorker(stage, window, null);
        final Window.Outbox outbox = window.outbox(worker, meter);
        final Work work;

        Busy(Object input) {
            assertThat(link.tryPut(input, meter)).isEqualTo(Put.DONE);
            Work claimed = window.claim(worker, meter);
            assertThat(claimed).isNotNull();
            work = claimed;
        }

        /** It has a result, which waits to be put. */
        boolean gives(Object result) throws ReflectiveOperationException {
            Method add = OrderedWindow.class.getDeclaredMethod("add", Work.class, Object.class);
            add.setAccessible(true);
            return (boolean) add.invoke(window, work, result);
        }

        Put flush() {
            return outbox.flush();
        }

        void finish() {
            window.finish(work, Fate.COMPLETED, meter);
        }

        PipelineException fail() {
            IOException cause = new IOException("" + work.position);
            PipelineException failure = new PipelineException("w", work.position, cause);
            window.fail(work, failure, cause);
            return failure;
        }

        /** Whether it has been called since it was asked last. */
        boolean wasCalled() throws ReflectiveOperationException {
            Field phase = StepWorker.class.getDeclaredField("phase");
            phase.setAccessible(true);
            return ((AtomicInteger) phase.get(worker)).getAndSet(0) != 0;
        }
    }

    private StepWorker idle() {
        StepWorker worker = new StepWorker(stage, window, null);
        assertThat(window.claim(worker, meter)).isNull();
        return worker;
    }

    private boolean isIdle(StepWorker worker) {
        window.lock.lock();
        try {
            return worker.isIdle;
        } finally {
            window.lock.unlock();
        }
    }

    private boolean waits(Work work) {
        window.lock.lock();
        try {
            return window.waits(work);
        } finally {
            window.lock.unlock();
        }
    }

    private Throwable abort() {
        Throwable reason = new CancellationException("planned");
        stage.markAborted(reason);
        return reason;
    }

    private List<Discarded.Entry> discarded() {
        execution.tellDiscards();
        return atRest.discarded.entries();
    }

    private List<Object> discardedItems() {
        return discarded().stream().map(Discarded.Entry::item).toList();
    }

    private long completed() {
        return meter.get(Fate.COMPLETED);
    }

    @Test
    @DisplayName("promise 6: results go out in the order of the inputs, put by who comes when the oldest has some")
    void resultsGoOutInTheOrderOfTheInputs() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        assertThat(second.gives("b")).isTrue();
        assertThat(second.flush()).isEqualTo(Put.DONE);
        second.finish();
        assertThat(second.flush()).isEqualTo(Put.DONE);
        assertThat(sink.taken).isEmpty();
        first.gives("a");
        assertThat(first.flush()).isEqualTo(Put.DONE);
        assertThat(sink.taken).containsExactly("a");
        first.gives("A");
        first.finish();
        first.flush();
        assertThat(sink.taken).containsExactly("a", "A", "b");
        assertThat(completed()).isEqualTo(2);
        assertThat(window.rest()).isEmpty();
    }

    @Test
    @DisplayName("promise 6: who has no room is called when there is some, and nobody else puts meanwhile")
    void whoHasNoRoomPutsWhenThereIsSome() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        sink.room = 1;
        first.gives("a");
        first.gives("A");
        assertThat(first.flush()).isEqualTo(Put.FULL);
        assertThat(first.worker.isAwaitingRoom()).isTrue();
        assertThat(first.flush()).isEqualTo(Put.FULL);
        assertThat(sink.watchers).hasSize(1);
        second.gives("b");
        second.finish();
        assertThat(second.flush()).as("it is not his to wait").isEqualTo(Put.DONE);
        assertThat(sink.watchers).hasSize(1);
        first.finish();
        sink.makeRoom(5);
        assertThat(first.wasCalled()).isTrue();
        second.flush();
        assertThat(sink.taken).containsExactly("a");
        assertThat(first.flush()).isEqualTo(Put.DONE);
        assertThat(sink.taken).containsExactly("a", "A", "b");
        assertThat(completed()).isEqualTo(2);
        // Who comes next may put.
        Busy third = new Busy(2);
        third.gives("c");
        third.flush();
        assertThat(sink.taken).endsWith("c");
    }

    @Test
    @DisplayName("promise 1: as many results are kept as the window is wide, and the first of each input")
    void resultsBehindTheOldestAreBounded() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        for (int i = 0; i < WINDOW; i++) {
            assertThat(second.outbox.hasRoom(second.work)).isTrue();
            second.gives(i);
        }
        assertThat(third.outbox.hasRoom(third.work)).isTrue();
        third.gives("c");
        assertThat(third.outbox.hasRoom(third.work)).isFalse();
        first.flush();
        assertThat(third.wasCalled()).isFalse();
        first.finish();
        first.flush();
        assertThat(third.wasCalled()).isTrue();
        assertThat(third.outbox.hasRoom(third.work)).isTrue();
        assertThat(sink.taken).containsExactly(0, 1, 2, 3);
        second.finish();
        second.flush();
        third.flush();
        assertThat(sink.taken).endsWith("c");
    }

    @Test
    @DisplayName(
            "promise 8: who waits for room for a result is called when one has gone out, though its item is not done")
    void whoWaitsForRoomIsCalledForEachResult() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        second.gives("b");
        for (int i = 1; i < WINDOW; i++) {
            first.gives(i);
        }
        assertThat(second.outbox.hasRoom(second.work)).isFalse();
        sink.room = 1;
        assertThat(first.flush()).isEqualTo(Put.FULL);
        assertThat(second.wasCalled()).isTrue();
        assertThat(second.outbox.hasRoom(second.work)).isTrue();
        sink.makeRoom(1);
        assertThat(first.flush()).isEqualTo(Put.FULL);
        assertThat(second.wasCalled()).as("it does not wait").isFalse();
    }

    @Test
    @DisplayName(
            "scenario 42: when the oldest may be tried again and nobody is idle, who waits for room is called for it")
    void whoWaitsForRoomIsCalledForTheOldest() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        for (int i = 0; i < WINDOW; i++) {
            second.gives(i);
        }
        assertThat(second.outbox.hasRoom(second.work)).isFalse();
        window.retry(first.work, 1);
        await().until(second::wasCalled);
        assertThat(window.claimHead(second.worker)).isEqualTo(first.work);
    }

    @Test
    @DisplayName("promise 8: who was called for an item that is tried again, and leaves, has another one called")
    void callForAnAttemptIsPassedOn() {
        Busy first = new Busy(0);
        StepWorker other = idle();
        StepWorker called = idle();
        window.retry(first.work, 1);
        await().until(() -> !isIdle(called));
        assertThat(isIdle(other)).isTrue();
        window.passOn(called);
        assertThat(isIdle(other)).isFalse();
        assertThat(window.claim(other, meter)).isEqualTo(first.work);
    }

    @Test
    @DisplayName("promise 3: of what waits for an attempt when another item fails, what is before that is tried again")
    void whatWaitsBeforeAFailureIsTriedAgain() {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        Busy fourth = new Busy(3);
        window.retry(first.work, HOUR);
        window.retry(third.work, HOUR);
        window.retry(fourth.work, 1);
        await().until(() -> !waits(fourth.work));
        second.fail();
        assertThat(waits(first.work)).isTrue();
        assertThat(waits(third.work)).isFalse();
        assertThat(discardedItems()).containsExactly(1, 2, 3);
        assertThat(window.claim(new StepWorker(stage, window, null), meter)).isNull();
        assertThat(window.withdraw(first.work)).isTrue();
    }

    @Test
    @DisplayName("promise 3: what may be tried again before a failed item is, and what is behind it is not")
    void whatIsReadyBeforeAFailureIsTriedAgain() {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        window.retry(first.work, 1);
        window.retry(third.work, 1);
        await().until(() -> !waits(first.work) && !waits(third.work));
        second.fail();
        assertThat(discardedItems()).containsExactly(1, 2);
        StepWorker next = new StepWorker(stage, window, null);
        assertThat(window.claim(next, meter)).isEqualTo(first.work);
        assertThat(window.claim(next, meter)).isNull();
    }

    @Test
    @DisplayName(
            "promise 2: what a failed stage discards is told its failure, though the run has failed elsewhere before")
    void reasonInARunThatHasFailedElsewhere() {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        Busy fourth = new Busy(3);
        PipelineException elsewhere = new PipelineException("b", 0, new IOException());
        execution.fail(elsewhere, 2);
        window.drop(fourth.work, null);
        PipelineException failure = first.fail();
        window.drop(second.work, null);
        IOException given = new IOException();
        window.drop(third.work, given);
        assertThat(discarded())
                .containsExactly(
                        new Discarded.Entry(3, "w", elsewhere),
                        new Discarded.Entry(0, "w", failure.getCause()),
                        new Discarded.Entry(1, "w", failure),
                        new Discarded.Entry(2, "w", given));
        assertThat(elsewhere.getSuppressed()).containsExactly(failure);
    }

    @Test
    @DisplayName("promise 8: when the oldest leaves, an idle worker takes the item for which there was no room")
    void whoIsIdleIsCalledWhenTheOldestLeaves() throws Exception {
        Busy first = new Busy(0);
        for (int i = 1; i < WINDOW; i++) {
            new Busy(i);
        }
        link.tryPut(WINDOW, meter);
        StepWorker idle = idle();
        first.gives("a");
        first.flush();
        assertThat(idle.isIdle).isTrue();
        first.finish();
        first.flush();
        assertThat(idle.isIdle).isFalse();
    }

    @Test
    @DisplayName(
            "promise 2: what has gone out when the stage is aborted is completed, the rest is for the last to discard")
    void whatHasGoneOutIsCompletedAfterAnAbort() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        second.gives("b");
        second.finish();
        third.finish();
        first.finish();
        abort();
        assertThat(first.flush()).isEqualTo(Put.DONE);
        assertThat(completed()).isEqualTo(1);
        assertThat(second.flush()).isEqualTo(Put.DONE);
        assertThat(sink.taken).isEmpty();
        assertThat(completed()).isEqualTo(1);
        assertThat(window.rest()).containsExactly(second.work, third.work);
    }

    @Test
    @DisplayName(
            "promise 4: nothing is added after an abort, there is always room for it, and what is in hand is discarded")
    void nothingIsAddedAfterAnAbort() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        first.gives("a");
        for (int i = 0; i < WINDOW; i++) {
            second.gives(i);
        }
        assertThat(second.outbox.hasRoom(second.work)).isFalse();
        Throwable reason = abort();
        assertThat(second.outbox.hasRoom(second.work)).isTrue();
        assertThat(second.gives("no")).isFalse();
        window.drop(second.work, null);
        assertThat(discarded()).containsExactly(new Discarded.Entry(1, "w", reason));
        assertThat(window.rest()).containsExactly(first.work);
    }

    @Test
    @DisplayName("promise 2: a result that is on its way when its item is discarded is taken once")
    void resultOnItsWayWhenItsItemIsDiscarded() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        first.finish();
        second.gives("b");
        second.gives("B");
        CountDownLatch goOn = new CountDownLatch(1);
        sink.takes = item -> {
            Uninterruptibly.await(goOn);
            return true;
        };
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Put> putting = crew.start(first::flush);
            Waiting.untilWaiting(putting.thread());
            Throwable reason = abort();
            window.drop(second.work, null);
            assertThat(discarded()).containsExactly(new Discarded.Entry(1, "w", reason));
            goOn.countDown();
            assertThat(putting.result()).isEqualTo(Put.DONE);
        }
        assertThat(sink.taken).containsExactly("b");
        assertThat(completed()).isEqualTo(1);
        assertThat(window.rest()).isEmpty();
        assertThat(discarded()).hasSize(1);
    }

    @Test
    @DisplayName(
            "promise 2: a result that is refused stays with its item, which is discarded, and so is what is behind it")
    void refusedResultStaysWithItsItem() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        sink.takes = item -> false;
        second.gives("b");
        second.finish();
        first.gives("a");
        first.finish();
        assertThat(first.flush()).isEqualTo(Put.DONE);
        assertThat(completed()).isZero();
        assertThat(window.rest()).containsExactly(first.work, second.work);
        assertThat(sink.taken).isEmpty();
    }

    @Test
    @DisplayName("promise 3: the results that a failed item has given go out, those of what is behind it do not")
    void resultsOfAFailedItemGoOut() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        Busy fourth = new Busy(3);
        second.gives("b");
        third.gives("c");
        third.finish();
        fourth.gives("d");
        PipelineException failure = second.fail();
        assertThat(discarded())
                .containsExactly(new Discarded.Entry(1, "w", failure.getCause()), new Discarded.Entry(2, "w", failure));
        assertThat(window.hasEnded()).isFalse();
        assertThat(fourth.gives("no")).isFalse();
        window.drop(fourth.work, null);
        assertThat(discarded()).last().isEqualTo(new Discarded.Entry(3, "w", failure));
        first.gives("a");
        first.finish();
        first.flush();
        assertThat(sink.taken).containsExactly("a", "b");
        assertThat(completed()).isEqualTo(1);
        assertThat(window.hasEnded()).isTrue();
        assertThat(window.rest()).isEmpty();
        assertThat(discarded()).hasSize(3);
    }

    @Test
    @DisplayName(
            "promise 1: what a failure discards makes room for the results of what is before it, and calls who waits")
    void failureMakesRoom() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        Busy fourth = new Busy(3);
        second.gives("b");
        for (int i = 1; i < WINDOW; i++) {
            fourth.gives(i);
        }
        fourth.finish();
        assertThat(second.outbox.hasRoom(second.work)).isFalse();
        third.fail();
        assertThat(second.wasCalled()).isTrue();
        for (int i = 1; i < WINDOW; i++) {
            assertThat(second.outbox.hasRoom(second.work)).isTrue();
            second.gives(i);
        }
        assertThat(second.outbox.hasRoom(second.work)).isFalse();
        first.finish();
        second.finish();
        first.flush();
        assertThat(sink.taken).containsExactly("b", 1, 2, 3);
    }

    @Test
    @DisplayName(
            "promise 2: what was counted as skipped and loses what it gave before is not discarded, but its source is told")
    void sourceIsToldOfLostResultsOfWhatHasMetItsFate() throws Exception {
        List<@Nullable Throwable> told = new ArrayList<>();
        Ticket ticket = new Ticket(told::add);
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(new Tracked(2, ticket));
        ticket.retain();
        third.gives(new Tracked("c", ticket));
        window.finish(third.work, Fate.SKIPPED, meter);
        assertThat(told).isEmpty();
        PipelineException failure = second.fail();
        assertThat(told).containsExactly(failure);
        assertThat(discardedItems()).containsExactly(1);
        assertThat(meter.get(Fate.SKIPPED)).isEqualTo(1);
        first.finish();
        first.flush();
        assertThat(completed()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 2: a failure behind one that counts is discarded, and a reason that is given is told")
    void reasonsThatAreTold() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        Busy third = new Busy(2);
        IOException given = new IOException("given");
        window.drop(third.work, given);
        PipelineException failure = first.fail();
        second.fail();
        assertThat(discarded())
                .containsExactly(
                        new Discarded.Entry(2, "w", given),
                        new Discarded.Entry(0, "w", failure.getCause()),
                        new Discarded.Entry(1, "w", failure));
        assertThat(failure.getSuppressed()).singleElement().isInstanceOf(IOException.class);
    }

    @Test
    @DisplayName("promise 3: when the failed item is the oldest and has nothing to put, who is idle is called to leave")
    void endIsCalledWhenTheFailedItemHasNothingToPut() throws Exception {
        Busy first = new Busy(0);
        Busy second = new Busy(1);
        second.gives("b");
        second.fail();
        StepWorker idle = idle();
        assertThat(idle.isIdle).isTrue();
        first.finish();
        first.flush();
        assertThat(sink.taken).containsExactly("b");
        assertThat(idle.isIdle).isFalse();
        assertThat(execution.failure()).hasRootCauseMessage("1");
    }

    /** A worker of a stage that has this window's kind for its own. */
    private StepWorker working(Op... ops) {
        StageRun stepped =
                atRest.beside("w", s -> s.ordered().retry(Retry.times(1)), link, new LinkIntake(link), sink, ops);
        return (StepWorker) stepped.worker();
    }

    @Test
    @DisplayName("promise 2: an item that gives something is completed, though a filter has declined a part of it")
    void itemThatGivesSomethingIsCompleted() {
        StepWorker worker = working(Op.flatMap(item -> List.of(item, 10)), Op.filter(item -> item.equals(10)));
        link.tryPut(0, meter);
        link.tryPut(10, meter);
        worker.turn();
        assertThat(sink.taken).containsExactly(10, 10, 10);
        assertThat(worker.meter().get(Fate.COMPLETED)).isEqualTo(2);
        assertThat(discarded()).isEmpty();
    }

    @Test
    @DisplayName("promise 4: what is made when the stage has been aborted goes nowhere, and its item is discarded")
    void whatIsMadeAfterAnAbortGoesNowhere() {
        execution.joins(1);
        List<StageRun> aborted = new ArrayList<>();
        Throwable reason = new CancellationException("planned");
        StageRun stepped = atRest.beside(
                "w", s -> s.ordered().retry(Retry.times(1)), link, new LinkIntake(link), sink, Op.own(item -> {
                    aborted.get(0).markAborted(reason);
                    return item;
                }));
        aborted.add(stepped);
        link.tryPut(0, meter);
        ((StepWorker) stepped.worker()).turn();
        assertThat(sink.taken).isEmpty();
        assertThat(discarded()).containsExactly(new Discarded.Entry(0, "w", reason));
        assertThat(stepped.hasEnded()).isTrue();
    }
}
