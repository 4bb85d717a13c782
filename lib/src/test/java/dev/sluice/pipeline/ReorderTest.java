package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.pipeline.Meter.Wait;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The reorder window of a stage that a run at rest does not know of, so that the test takes its results; the test plays the
 * part of the workers, too.
 */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class ReorderTest {
    private static final int WINDOW = 4;

    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    private final Execution execution = atRest.run.execution;
    private final Sink sink = new Sink();
    private final StageRun stage = atRest.beside("r", s -> s.workers(2).ordered(), sink);
    private final Reorder reorder = new Reorder(stage, WINDOW);
    private final List<Meter> meters = new ArrayList<>();

    private Worker worker() {
        Worker worker = (Worker) stage.worker();
        worker.meter().begin();
        meters.add(worker.meter());
        return worker;
    }

    /** A worker has taken an input. */
    private Slot begun(long position) {
        return begun(position, position);
    }

    private Slot begun(long position, Object input) {
        Worker worker = worker();
        assertThat(reorder.reserve(worker.meter())).isTrue();
        Slot slot = new Slot(input, position, worker);
        reorder.begin(slot);
        return slot;
    }

    /** The worker is done, and takes no other input. */
    private void finish(Slot slot, Fate fate, @Nullable Object last) {
        if (reorder.finish(slot, fate, last)) {
            reorder.release();
        }
    }

    private void finish(Slot slot) {
        finish(slot, Fate.COMPLETED, null);
    }

    private PipelineException fail(Slot slot) {
        IOException cause = new IOException("" + slot.position);
        PipelineException failure = new PipelineException("r", slot.position, cause);
        reorder.fail(slot, failure, cause);
        return failure;
    }

    private Throwable abort() {
        Throwable reason = new CancellationException("planned");
        stage.markAborted(reason);
        reorder.abort(reason);
        return reason;
    }

    private long count(Fate fate) {
        return meters.stream().mapToLong(meter -> meter.get(fate)).sum();
    }

    private List<Discarded.Entry> discarded() {
        execution.tellDiscards();
        return atRest.discarded.entries();
    }

    private List<Object> discardedItems() {
        return discarded().stream().map(Discarded.Entry::item).toList();
    }

    private static <T> Crew.Member<T> waiting(Crew.Member<T> member) {
        Waiting.untilWaiting(member.thread());
        return member;
    }

    private Crew.Member<Boolean> waitingToReserve(Crew crew) {
        Meter meter = worker().meter();
        return waiting(crew.start(() -> reorder.reserve(meter)));
    }

    private Crew.Member<Boolean> waitingToEmit(Crew crew, Slot slot, Object result) {
        return waiting(crew.start(() -> reorder.emit(slot, result)));
    }

    @Test
    @DisplayName("promise 6: results go out in the order of the inputs")
    void resultsGoOutInTheOrderOfTheInputs() {
        for (long first = 0; first < 9; first += 3) {
            Slot a = begun(first);
            Slot b = begun(first + 1);
            Slot c = begun(first + 2);
            finish(c, Fate.COMPLETED, first + 2);
            finish(b, Fate.COMPLETED, first + 1);
            assertThat(sink.taken).hasSize((int) first);
            assertThat(count(Fate.COMPLETED)).isEqualTo(first);
            finish(a, Fate.COMPLETED, first);
        }
        assertThat(sink.taken).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(count(Fate.COMPLETED)).isEqualTo(9);
    }

    @Test
    @DisplayName("promise 8: what the oldest input gives goes out at once")
    void resultsOfTheOldestGoOutAtOnce() {
        Slot first = begun(0);
        Slot second = begun(1);
        assertThat(reorder.emit(first, "a")).isTrue();
        assertThat(reorder.emit(second, "c")).isTrue();
        assertThat(reorder.emit(second, "d")).isTrue();
        assertThat(sink.taken).containsExactly("a");
        assertThat(reorder.emit(first, "b")).isTrue();
        assertThat(sink.taken).containsExactly("a", "b");
        finish(first);
        assertThat(sink.taken).containsExactly("a", "b", "c", "d");
        assertThat(reorder.emit(second, "e")).isTrue();
        assertThat(sink.taken).endsWith("e");
    }

    @Test
    @DisplayName("promise 1: no more inputs are in the window than its size")
    void holdsNoMoreThanItsSize() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        begun(2);
        begun(3);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> fifth = waitingToReserve(crew);
            Meter meter = meters.get(4);
            assertThat(meter.isAtWork()).isFalse();
            assertThat(reorder.finish(second, Fate.COMPLETED, "b")).isFalse();
            assertThat(fifth.task()).isNotDone();
            finish(first, Fate.COMPLETED, "a");
            assertThat(fifth.result()).isTrue();
            assertThat(meter.isAtWork()).isTrue();
            assertThat(meter.waited(Wait.BLOCKED, System.nanoTime())).isPositive();
        }
    }

    @Test
    @DisplayName("promise 1: who is done keeps a place for the next input, where there is one")
    void whoIsDoneKeepsAPlace() throws Exception {
        Slot first = begun(0);
        begun(1);
        begun(2);
        begun(3);
        assertThat(reorder.finish(first, Fate.COMPLETED, null)).isTrue();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> fifth = waitingToReserve(crew);
            reorder.release();
            assertThat(fifth.result()).isTrue();
        }
    }

    @Test
    @DisplayName("promise 8: when several inputs leave at once, as many are taken")
    void oneCallStandsForSeveralPlaces() throws Exception {
        List<Slot> slots = List.of(begun(0), begun(1), begun(2), begun(3));
        slots.subList(1, 4).forEach(slot -> finish(slot, Fate.FILTERED, null));
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            List<Crew.Member<Boolean>> next =
                    List.of(waitingToReserve(crew), waitingToReserve(crew), waitingToReserve(crew));
            // One place is for whoever calls it.
            assertThat(reorder.finish(slots.get(0), Fate.FILTERED, null)).isTrue();
            for (Crew.Member<Boolean> each : next) {
                assertThat(each.result()).isTrue();
            }
        }
        assertThat(count(Fate.FILTERED)).isEqualTo(4);
    }

    @Test
    @DisplayName("promise 1: as many results are kept as the window is wide, and the first of each input")
    void resultsBehindTheOldestAreBounded() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        for (int i = 0; i < WINDOW; i++) {
            assertThat(reorder.emit(second, i)).isTrue();
        }
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> fifth = waitingToEmit(crew, second, WINDOW);
            assertThat(reorder.emit(third, "a")).isTrue();
            Crew.Member<Boolean> another = waitingToEmit(crew, third, "b");
            Meter meter = second.worker.meter();
            assertThat(meter.isAtWork()).isFalse();
            assertThat(sink.taken).isEmpty();
            finish(first);
            assertThat(fifth.result()).isTrue();
            assertThat(another.result()).isTrue();
            assertThat(meter.isAtWork()).isTrue();
            assertThat(meter.waited(Wait.BLOCKED, System.nanoTime())).isPositive();
        }
        assertThat(sink.taken).containsExactly(0, 1, 2, 3, 4);
        finish(second);
        assertThat(sink.taken).containsExactly(0, 1, 2, 3, 4, "a", "b");
    }

    @Test
    @DisplayName("promise 8: who is done first has its results put by who is before it, and as they come from then on")
    void whoIsBeforePutsWhatIsThere() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        CountDownLatch goOn = new CountDownLatch(1);
        sink.takes = item -> {
            Uninterruptibly.await(goOn);
            return true;
        };
        reorder.emit(second, "b");
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            waiting(crew.run(() -> finish(first, Fate.COMPLETED, "a")));
            // One at a time puts.
            reorder.emit(second, "c");
            finish(second, Fate.COMPLETED, "d");
            goOn.countDown();
        }
        assertThat(sink.taken).containsExactly("a", "b", "c", "d");
        assertThat(count(Fate.COMPLETED)).isEqualTo(2);
        finish(begun(2), Fate.COMPLETED, "e");
        assertThat(sink.taken).endsWith("e");
    }

    @Test
    void whatIsNotCompletedCountsAtOnceAndOnce() {
        Slot first = begun(0);
        Slot second = begun(1);
        finish(second, Fate.SKIPPED, null);
        assertThat(count(Fate.SKIPPED)).isEqualTo(1);
        finish(first);
        assertThat(count(Fate.SKIPPED)).isEqualTo(1);
        assertThat(count(Fate.COMPLETED)).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 1: the last result of an input counts as the others do")
    void lastResultCounts() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        finish(begun(2), Fate.COMPLETED, "c");
        for (int i = 1; i < WINDOW; i++) {
            assertThat(reorder.emit(second, i)).isTrue();
        }
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> next = waitingToEmit(crew, second, WINDOW);
            finish(first);
            assertThat(next.result()).isTrue();
        }
        assertThat(sink.taken).containsExactly(1, 2, 3, 4);
    }

    @Test
    @DisplayName("promise 4: an abort ends the waits for a place, and nothing is wanted after it")
    void abortEndsTheWaitsForAPlace() throws Exception {
        Slot first = begun(0);
        begun(1);
        begun(2);
        begun(3);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            List<Crew.Member<Boolean>> waiting = List.of(waitingToReserve(crew), waitingToReserve(crew));
            abort();
            for (Crew.Member<Boolean> each : waiting) {
                assertThat(each.result()).isFalse();
            }
        }
        assertThat(reorder.isOpen()).isFalse();
        assertThat(reorder.wants(first)).isFalse();
        assertThat(reorder.emit(first, "no")).isFalse();
        assertThat(reorder.finish(first, Fate.COMPLETED, "no")).isFalse();
        assertThat(reorder.reserve(worker().meter())).isFalse();
        assertThat(sink.taken).isEmpty();
        assertThat(discardedItems()).containsExactly(0L);
        reorder.discardRest();
        assertThat(discardedItems()).containsExactly(0L, 1L, 2L, 3L);
        assertThat(count(Fate.COMPLETED)).isZero();
    }

    @Test
    @DisplayName("promise 4: an abort ends the waits for room for results")
    void abortEndsTheWaitsForRoom() throws Exception {
        begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        for (int i = 0; i < WINDOW; i++) {
            reorder.emit(second, i);
        }
        reorder.emit(third, "a");
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            List<Crew.Member<Boolean>> waiting =
                    List.of(waitingToEmit(crew, second, "no"), waitingToEmit(crew, third, "no"));
            abort();
            for (Crew.Member<Boolean> each : waiting) {
                assertThat(each.result()).isFalse();
            }
        }
        assertThat(sink.taken).isEmpty();
    }

    @Test
    @DisplayName("promise 2: what is done when the stage is aborted is discarded then, what is at work when it is done")
    void abortDiscardsWhatIsDone() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        finish(second, Fate.COMPLETED, "b");
        reorder.emit(third, "c");
        Throwable reason = abort();
        assertThat(discarded()).singleElement().isEqualTo(new Discarded.Entry(1L, "r", reason));
        finish(third);
        finish(first, Fate.COMPLETED, "a");
        assertThat(discardedItems()).containsExactly(1L, 2L, 0L);
        reorder.discardRest();
        assertThat(discardedItems()).hasSize(3);
        assertThat(sink.taken).isEmpty();
    }

    @Test
    @DisplayName("promise 2: what has gone out when the stage is aborted is completed, by who was putting it")
    void whatHasGoneOutIsCompletedAfterAnAbort() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        CountDownLatch goOn = new CountDownLatch(1);
        sink.takes = item -> {
            Uninterruptibly.await(goOn);
            return true;
        };
        reorder.emit(second, "b");
        finish(third, Fate.COMPLETED, "c");
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            waiting(crew.run(() -> finish(first)));
            abort();
            assertThat(discardedItems()).isEmpty();
            finish(second);
            assertThat(discardedItems()).isEmpty();
            goOn.countDown();
        }
        assertThat(sink.taken).containsExactly("b");
        assertThat(count(Fate.COMPLETED)).isEqualTo(2);
        assertThat(discardedItems()).containsExactly(2L);
    }

    @Test
    @DisplayName("promise 2: an input of which a result is refused is discarded, and what is behind it")
    void inputOfARefusedResultIsDiscarded() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        finish(third, Fate.COMPLETED, "d");
        reorder.emit(second, "b");
        finish(second, Fate.COMPLETED, "c");
        sink.takes = item -> !item.equals("b");
        finish(first, Fate.COMPLETED, "a");
        assertThat(sink.taken).containsExactly("a");
        assertThat(count(Fate.COMPLETED)).isEqualTo(1);
        assertThat(reorder.isOpen()).isFalse();
        assertThat(discardedItems()).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    @DisplayName("promise 2: an input of which a result is refused while it is worked on is discarded when that ends")
    void inputAtWorkIsDiscardedWhenItIsDone() {
        Slot first = begun(0);
        sink.takes = item -> false;
        assertThat(reorder.emit(first, "a")).isTrue();
        assertThat(reorder.wants(first)).isFalse();
        assertThat(discardedItems()).isEmpty();
        finish(first);
        assertThat(discardedItems()).containsExactly(0L);
        assertThat(count(Fate.COMPLETED)).isZero();
    }

    @Test
    @DisplayName("promise 3: after an error in the middle of a result nothing goes out, and its input is not completed")
    void nothingGoesOutAfterAnError() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        begun(3);
        reorder.emit(second, "b");
        finish(third, Fate.COMPLETED, "c");
        sink.takes = item -> {
            throw new IllegalStateException("broken");
        };
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Boolean> next = waitingToReserve(crew);
            assertThatThrownBy(() -> finish(first)).hasMessage("broken");
            assertThat(next.result()).isFalse();
        }
        assertThat(execution.failure()).hasRootCauseMessage("broken");
        sink.takes = item -> true;
        assertThat(reorder.emit(second, "no")).isFalse();
        finish(second);
        assertThat(sink.taken).isEmpty();
        assertThat(count(Fate.COMPLETED)).isEqualTo(1);
        assertThat(discardedItems()).containsExactlyInAnyOrder(1L, 2L);
        assertThat(discarded()).allSatisfy(entry -> assertThat(entry.reason()).hasRootCauseMessage("broken"));
    }

    @Test
    @DisplayName(
            "promise 2: what was counted as skipped and loses what it gave before is not discarded, but its source is told")
    void sourceIsToldOfLostResultsOfWhatHasMetItsFate() {
        List<Object> told = new ArrayList<>();
        Ticket ticket = new Ticket(told::add);
        Tracked input = new Tracked(1L, ticket);
        Slot first = begun(0);
        Slot second = begun(1, input);
        ticket.retain();
        reorder.emit(second, new Tracked("b", ticket));
        finish(second, Fate.SKIPPED, null);
        assertThat(told).isEmpty();
        Throwable reason = abort();
        assertThat(told).containsExactly(reason);
        finish(first);
        assertThat(discardedItems()).isEmpty();
        assertThat(count(Fate.SKIPPED)).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 2: of what was counted as skipped and loses a result by an error the source is told")
    void sourceIsToldOfAGap() {
        List<Throwable> told = new ArrayList<>();
        Ticket ticket = new Ticket(told::add);
        Slot first = begun(0);
        Slot second = begun(1, new Tracked(1L, ticket));
        ticket.retain();
        reorder.emit(second, new Tracked("b", ticket));
        finish(second, Fate.SKIPPED, null);
        sink.takes = item -> {
            throw new IllegalStateException("broken");
        };
        assertThatThrownBy(() -> finish(first)).hasMessage("broken");
        assertThat(told).singleElement().satisfies(reason -> assertThat(reason).hasRootCauseMessage("broken"));
        assertThat(discardedItems()).isEmpty();
        assertThat(count(Fate.SKIPPED)).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 3: what is before a failed input goes out, with what that gave, and nothing behind it")
    void whatIsBeforeAFailureGoesOut() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        Slot fourth = begun(3);
        reorder.emit(second, "b");
        finish(third, Fate.COMPLETED, "c");
        reorder.emit(fourth, "d");
        PipelineException failure = fail(second);
        assertThat(execution.failure()).isEqualTo(failure);
        assertThat(execution.stages().get(0).isAborted()).isTrue();
        assertThat(reorder.isOpen()).isFalse();
        assertThat(List.of(first, second, third, fourth).stream().map(reorder::wants))
                .containsExactly(true, true, false, false);
        assertThat(discarded())
                .containsExactly(
                        new Discarded.Entry(1L, "r", failure.getCause()), new Discarded.Entry(2L, "r", failure));
        assertThat(reorder.emit(fourth, "no")).isFalse();
        assertThat(reorder.finish(fourth, Fate.COMPLETED, null)).isFalse();
        assertThat(discarded()).last().isEqualTo(new Discarded.Entry(3L, "r", failure));
        assertThat(reorder.emit(first, "a")).isTrue();
        finish(first);
        assertThat(sink.taken).containsExactly("a", "b");
        assertThat(count(Fate.COMPLETED)).isEqualTo(1);
        reorder.discardRest();
        assertThat(discarded()).hasSize(3);
    }

    @Test
    @DisplayName("promise 3: the results of a failed input that is the oldest have gone out, and it takes no more")
    void oldestInputMayFail() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        reorder.emit(first, "a");
        reorder.emit(second, "b");
        fail(first);
        finish(second);
        assertThat(sink.taken).containsExactly("a");
        assertThat(discardedItems()).containsExactly(0L, 1L);
        assertThat(reorder.reserve(worker().meter())).isFalse();
    }

    @Test
    @DisplayName("promise 3: a failure interrupts who works on what is behind it, and nobody else")
    void failureInterruptsWhoWorksOnWhatIsBehindIt() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        Slot fourth = begun(3);
        finish(fourth, Fate.COMPLETED, "d");
        // The test's thread is that of each.
        List.of(first, second, fourth).forEach(slot -> slot.worker.interrupts().enter());
        fail(second);
        assertThat(Thread.interrupted()).isFalse();
        List.of(first, second, fourth).forEach(slot -> slot.worker.interrupts().leave());
        third.worker.interrupts().enter();
        fail(first);
        assertThat(Thread.interrupted()).isTrue();
        third.worker.interrupts().leave();
    }

    @Test
    @DisplayName(
            "promise 3: the failure of an earlier input takes that of a later one over, and one behind it is attached")
    void earlierFailureTakesOver() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        Throwable later = fail(second);
        Throwable notWanted = fail(third).getCause();
        assertThat(execution.failure()).isEqualTo(later);
        assertThat(later.getSuppressed()).containsExactly(notWanted);
        Throwable failure = fail(first);
        assertThat(execution.failure()).isEqualTo(failure);
        assertThat(failure.getSuppressed()).containsExactly(later);
        assertThat(discardedItems()).containsExactly(1L, 2L, 0L);
    }

    @Test
    @DisplayName("promise 3: a failure that comes second in the run is attached to the first")
    void failureInARunThatHasFailedIsAttached() {
        PipelineException elsewhere = new PipelineException("b", 0, new IOException());
        execution.fail(elsewhere, 2);
        PipelineException failure = fail(begun(0));
        assertThat(execution.failure()).isEqualTo(elsewhere);
        assertThat(elsewhere.getSuppressed()).containsExactly(failure);
    }

    @Test
    @DisplayName(
            "promise 3: a failure ends the waits behind it, and what is discarded makes room for what is before it")
    void failureEndsTheWaitsBehindIt() throws Exception {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        Slot fourth = begun(3);
        for (int i = 0; i < WINDOW; i++) {
            reorder.emit(fourth, i);
        }
        reorder.emit(second, "b");
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            List<Crew.Member<Boolean>> behind =
                    List.of(waitingToReserve(crew), waitingToReserve(crew), waitingToEmit(crew, fourth, "no"));
            Crew.Member<Boolean> before = waitingToEmit(crew, second, "c");
            fail(third);
            for (Crew.Member<Boolean> each : behind) {
                assertThat(each.result()).isFalse();
            }
            assertThat(waiting(before).task()).isNotDone();
            reorder.drop(fourth, null);
            assertThat(before.result()).isTrue();
        }
        finish(second);
        finish(first, Fate.COMPLETED, "a");
        assertThat(sink.taken).containsExactly("a", "b", "c");
    }

    @Test
    @DisplayName("promise 2: who drops an input says why, unless the stage knows better")
    void reasonOfADrop() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        Slot fourth = begun(3);
        IOException given = new IOException();
        reorder.drop(fourth, given);
        PipelineException failure = fail(first);
        reorder.drop(second, null);
        Throwable reason = abort();
        reorder.drop(third, null);
        assertThat(discarded())
                .containsExactly(
                        new Discarded.Entry(3L, "r", given),
                        new Discarded.Entry(0L, "r", failure.getCause()),
                        new Discarded.Entry(1L, "r", failure),
                        new Discarded.Entry(2L, "r", reason));
    }

    @Test
    @DisplayName(
            "promise 2: what a failed stage discards is told its failure, though the run has failed elsewhere before")
    void reasonOfADropInARunThatHasFailedElsewhere() {
        Slot first = begun(0);
        Slot second = begun(1);
        Slot third = begun(2);
        Slot fourth = begun(3);
        PipelineException elsewhere = new PipelineException("b", 0, new IOException());
        execution.fail(elsewhere, 2);
        reorder.drop(fourth, null);
        PipelineException failure = fail(first);
        reorder.drop(second, null);
        IOException given = new IOException();
        reorder.drop(third, given);
        assertThat(discarded())
                .containsExactly(
                        new Discarded.Entry(3L, "r", elsewhere),
                        new Discarded.Entry(0L, "r", failure.getCause()),
                        new Discarded.Entry(1L, "r", failure),
                        new Discarded.Entry(2L, "r", given));
    }

    @Test
    @DisplayName("promise 2: what is left when the last worker leaves is discarded")
    void whatIsLeftIsDiscarded() {
        begun(0);
        finish(begun(1), Fate.COMPLETED, "b");
        finish(begun(2), Fate.SKIPPED, null);
        reorder.discardRest();
        reorder.discardRest();
        assertThat(discardedItems()).containsExactly(0L, 1L);
        assertThat(sink.taken).isEmpty();
    }
}
