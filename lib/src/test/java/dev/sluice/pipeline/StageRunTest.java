package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Logged;
import dev.sluice.testing.NoThreadLeaks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of a stage with two workers, that a run at rest does not know of: the test plays their part. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class StageRunTest {
    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    private final Execution execution = atRest.run.execution;
    private final End end = new End();
    private final Inputs inputs = new Inputs();
    private final StageRun stage = atRest.beside("s", s -> s.workers(2), inputs, end);
    private final Interrupts worker = new Interrupts();
    private final Link link =
            new RingLink("w", 64, Link.Side.ONE, Link.Side.STEPS, LinkStub.NOTHING_HAPPENS, Waiters.FIRST_NAP_NANOS);

    /** Notes how it ends. */
    private final class End implements Downstream {
        final List<String> told = new ArrayList<>();
        /** Whether the thread was interrupted when it was told. */
        final List<Boolean> interrupted = new ArrayList<>();

        Runnable atEnd = () -> {};
        long received = 7;

        @Override
        public boolean put(Object item, Meter meter) {
            return true;
        }

        @Override
        public long received() {
            return received;
        }

        private void note(String what) {
            told.add(what);
            interrupted.add(Thread.currentThread().isInterrupted());
            assertThat(worker.worker()).isEqualTo(Thread.currentThread());
        }

        @Override
        public void end() {
            note("end");
            atEnd.run();
        }

        @Override
        public void fail() {
            note("fail");
        }
    }

    /** Inputs stand for two items each. */
    private static final class Inputs implements Intake {
        boolean ended = true;
        int closed;
        long taken = 9;

        @Nullable
        Object rest;

        @Nullable
        Exception atClose;

        @Override
        public @Nullable Object poll(Meter meter) {
            return null;
        }

        @Override
        public boolean await(Meter meter) {
            return false;
        }

        @Override
        public long taken() {
            return taken;
        }

        @Override
        public boolean hasEnded() {
            return ended;
        }

        @Override
        public int count(Object input) {
            return 2;
        }

        @Override
        public List<?> items(Object input) {
            Object item = Tracked.item(input);
            return List.of(item, item + "'");
        }

        @Override
        public @Nullable Object rest() {
            return rest;
        }

        @Override
        public void close() throws Exception {
            closed++;
            if (atClose != null) {
                throw atClose;
            }
        }
    }

    @AfterEach
    void takeInterruptOff() {
        Thread.interrupted();
    }

    private Throwable abort() {
        Throwable reason = new CancellationException("planned");
        stage.markAborted(reason);
        return reason;
    }

    private void bothEnd() {
        stage.workerEnds(worker);
        assertThat(end.told).isEmpty();
        assertThat(inputs.closed).isZero();
        assertThat(stage.hasEnded()).isFalse();
        stage.workerEnds(worker);
        assertThat(inputs.closed).isEqualTo(1);
        assertThat(stage.hasEnded()).isTrue();
        assertThat(worker.worker()).isNull();
    }

    private List<Discarded.Entry> discarded() {
        execution.tellDiscards();
        return atRest.discarded.entries();
    }

    @Test
    @DisplayName("promise 8: the last worker tells the next stage that there is no more")
    void lastWorkerEndsTheNextStage() {
        bothEnd();
        assertThat(end.told).containsExactly("end");
        assertThat(end.interrupted).containsExactly(false);
        assertThat(execution.failure()).isNull();
    }

    @Test
    @DisplayName("promise 3: when not all inputs have been taken it is a failure")
    void endBeforeAllHasBeenTakenIsAFailure() {
        inputs.ended = false;
        bothEnd();
        assertThat(end.told).containsExactly("fail");
    }

    @Test
    @DisplayName(
            "promise 3: a stage that has failed tells of that, and what interrupt its last worker had is kept for later")
    void failedStageTellsOfThat() {
        stage.markFailed();
        assertThat(stage.takesMore()).isFalse();
        assertThat(stage.isAborted()).isFalse();
        Thread.currentThread().interrupt();
        bothEnd();
        assertThat(end.told).containsExactly("fail");
        assertThat(end.interrupted).containsExactly(false);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("promise 4: who tells of an abort is interrupted, so that nothing is waited for")
    void whoTellsOfAnAbortIsInterrupted() {
        abort();
        bothEnd();
        assertThat(end.told).containsExactly("fail");
        assertThat(end.interrupted).containsExactly(true);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 3: when the end of the next stage throws, this one has failed")
    void endThatThrowsIsAFailure() {
        end.atEnd = () -> {
            throw new IllegalStateException("end");
        };
        bothEnd();
        assertThat(end.told).containsExactly("end", "fail");
        assertThat(end.interrupted).containsExactly(false, false);
        assertThat(execution.failure()).hasMessageContaining("'s'").hasRootCauseMessage("end");
    }

    @Test
    @DisplayName("promise 4: when the end of the next stage is aborted, what follows is interrupted, too")
    void endThatIsAbortedIsInterruptedAgain() {
        end.atEnd = () -> {
            abort();
            throw new IllegalStateException("end");
        };
        bothEnd();
        assertThat(end.told).containsExactly("end", "fail");
        assertThat(end.interrupted).containsExactly(false, true);
        assertThat(execution.failure()).isNull();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 3: a source whose close throws fails the run")
    void closeThatThrowsIsAFailure() {
        inputs.atClose = new IOException("close");
        bothEnd();
        assertThat(end.told).containsExactly("fail");
        assertThat(execution.failure()).hasRootCauseMessage("close");
        assertThat(execution.stages().get(0).isAborted())
                .as("the source is stopped")
                .isTrue();
    }

    @Test
    @DisplayName("promise 3: what is thrown outside of the items by a stage that is aborted is attached to the failure")
    void whatIsThrownAfterAnAbortIsAttached() {
        PipelineException failure = new PipelineException("b", 0, new IOException());
        execution.fail(failure, 2);
        abort();
        IOException later = new IOException("later");
        stage.failOutsideItems(3, later);
        assertThat(execution.failure()).isEqualTo(failure);
        assertThat(failure.getSuppressed()).containsExactly(later);
    }

    @Test
    void failureOutsideTheItemsKnowsWhere() {
        stage.failOutsideItems(3, new IOException("at 3"));
        assertThat(stage.takesMore()).isFalse();
        assertThat(execution.failure())
                .isInstanceOf(PipelineException.class)
                .hasRootCauseMessage("at 3")
                .satisfies(e -> assertThat(((PipelineException) e).position()).isEqualTo(3));
    }

    @Test
    @DisplayName("promise 2: what has been taken and makes no input any more is discarded at the end, item by item")
    void whatIsLeftIsDiscarded() {
        inputs.rest = "a";
        Throwable reason = abort();
        bothEnd();
        assertThat(discarded())
                .containsExactly(new Discarded.Entry("a", "s", reason), new Discarded.Entry("a'", "s", reason));
        assertThat(stage.stats(0, 1).discarded()).isEqualTo(2);
    }

    @Test
    @DisplayName("promise 2: what is left in the window is discarded at the end, but for what has met its fate")
    void whatIsLeftInTheWindowIsDiscarded() {
        StageRun stepped =
                atRest.beside("w", s -> s.ordered().window(4).retry(Retry.times(1)), link, new LinkIntake(link), end);
        List<Throwable> told = new ArrayList<>();
        Ticket ticket = new Ticket(told::add);
        Meter meter = new Meter();
        List<Work> works = new ArrayList<>();
        for (Object item : List.of(0, new Tracked(1, ticket))) {
            link.tryPut(item, meter);
            works.add(stepped.window().claim((StepWorker) stepped.worker(), meter));
        }
        ticket.retain();
        works.get(1).results.add(new Tracked("b", ticket));
        stepped.window().finish(works.get(1), Fate.SKIPPED, meter);
        stepped.workerEnds(worker);
        assertThat(discarded()).extracting(Discarded.Entry::item).containsExactly(0);
        assertThat(told).hasSize(1);
        assertThat(stepped.stats(0, 1).discarded()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 2: the reason that is told is that of the abort, or the one that is given, or the run's")
    void reasonThatIsTold() {
        IOException given = new IOException();
        assertThat(stage.reasonOr(null)).isInstanceOf(CancellationException.class);
        assertThat(stage.reasonOr(given)).isEqualTo(given);
        PipelineException failure = new PipelineException("b", 0, new IOException());
        execution.fail(failure, 2);
        assertThat(stage.reasonOr(null)).isEqualTo(failure);
        Throwable reason = abort();
        abort();
        assertThat(stage.reasonOr(given)).isEqualTo(reason);
        assertThat(stage.takesMore()).isFalse();
    }

    @Test
    @DisplayName("promise 4: whoever stops the stage interrupts all its workers, whatever comes of one of them")
    void stopInterruptsAllWorkers() {
        List<Hand> hands = stage.workers();
        assertThat(hands).hasSize(2);
        for (Hand hand : hands) {
            hand.interrupts().enter();
            stage.stop(new CancellationException());
            assertThat(Thread.interrupted()).isTrue();
            hand.interrupts().leave();
        }
    }

    @Test
    @DisplayName("promise 2: an item that is lost because its dead-letter sink failed is told of at once")
    void lostItemIsToldAtOnce() {
        IOException reason = new IOException();
        stage.lost("a", reason, new IOException());
        assertThat(atRest.discarded.entries())
                .containsExactly(new Discarded.Entry("a", "s", reason), new Discarded.Entry("a'", "s", reason));
        assertThat(stage.takesMore()).isTrue();
    }

    @Test
    @DisplayName("promise 2: the source is told that an input is done, or why it is not")
    void sourceIsTold() {
        List<@Nullable Throwable> told = new ArrayList<>();
        Meter meter = new Meter();
        stage.settle(new Tracked(0, new Ticket(told::add)), Fate.FILTERED, meter);
        assertThat(meter.get(Fate.FILTERED)).isEqualTo(2);
        IOException reason = new IOException();
        stage.discard(new Tracked(1, new Ticket(told::add)), reason);
        stage.refuse(new Tracked(2, new Ticket(told::add)), reason);
        assertThat(told).containsExactly(null, reason, reason);
    }

    @Test
    void numbersOfTheStage() {
        stage.discard("a", new IOException());
        StageStats stats = stage.stats(0, 1);
        assertThat(stats.name()).isEqualTo("s");
        assertThat(stats.workers()).isEqualTo(2);
        assertThat(stats.in()).isEqualTo(9);
        assertThat(stats.out()).isEqualTo(7);
        assertThat(stats.discarded()).isEqualTo(2);
        assertThat(stats.fullKey()).isEmpty();
    }

    @Test
    @DisplayName("what moves in a stage begins the time anew after which it is in the way")
    void stallEndsWhenSomethingMoves() {
        Hand hand = stage.workers().get(0);
        hand.meter().begin();
        hand.comesTo(Thread.currentThread());
        Stall.Suspicion suspicion = new Stall.Suspicion();
        long later = 0;
        assertThat(stage.stall(suspicion, later)).isNull();
        // None of them makes up for another.
        List<Runnable> moves = List.of(
                () -> {
                    inputs.taken++;
                    end.received++;
                },
                () -> {
                    end.received += 2;
                    stage.discard("a", new IOException());
                },
                () -> {
                    inputs.taken++;
                    hand.meter().settled(Fate.COMPLETED, 1);
                },
                () -> hand.meter().settled(Fate.COMPLETED, 1),
                () -> hand.meter().settled(Fate.FILTERED, 1),
                () -> hand.meter().settled(Fate.SKIPPED, 1),
                () -> stage.workers().get(1).meter().settled(Fate.DEAD_LETTERED, 1),
                () -> stage.discard("a", new IOException()));
        for (Runnable move : moves) {
            later += Stall.NANOS;
            Stall stall = stage.stall(suspicion, later);
            assertThat(stall).isNotNull();
            assertThat(stall.stage()).isEqualTo("s");
            assertThat(stall.isOfSource()).isTrue();
            assertThat(stall.worker()).isEqualTo(Thread.currentThread().getName());
            move.run();
            assertThat(stage.stall(suspicion, later)).isNull();
        }
        hand.comesTo(null);
        assertThat(stage.stall(suspicion, later + Stall.NANOS))
                .as("nobody is at work")
                .isNull();
    }

    @Test
    @DisplayName("what runs in the user's code at this moment is listed")
    void runningWorkersAreListed() {
        assertThat(stage.running()).isEmpty();
        Hand hand = stage.workers().get(1);
        hand.interrupts().enter();
        assertThat(stage.running()).singleElement().satisfies(running -> {
            assertThat(running.stage()).isEqualTo("s");
            assertThat(running.thread()).isEqualTo(Thread.currentThread().getName());
            assertThat(running.stack()).isNotEmpty();
        });
        hand.interrupts().leave();
    }

    @Test
    @DisplayName("scenario 50: of a dead-letter sink that fails the first failure is logged")
    void firstFailureOfADeadLetterSinkIsLogged() throws Exception {
        String log = Logged.during(() -> {
            stage.lost("a", new IOException(), new IOException("first"));
            stage.lost("b", new IOException(), new IOException("second"));
        });
        assertThat(log)
                .containsOnlyOnce("the dead-letter sink of stage 's' failed")
                .contains("first")
                .doesNotContain("second");
    }

    @Test
    @DisplayName("scenario 34: of items that match no branch the first is logged")
    void firstItemThatMatchesNoBranchIsLogged() throws Exception {
        String log = Logged.during(() -> {
            stage.unmatched(new IOException("no branch for 1"));
            stage.unmatched(new IOException("no branch for 2"));
        });
        assertThat(log).containsOnlyOnce("no branch for 1; it is discarded").doesNotContain("no branch for 2");
    }

    @Test
    @DisplayName("promise 4: whoever stops the stage calls its workers that rest")
    void stopCallsWorkersThatRest() throws Exception {
        StageRun stepped = atRest.beside("w", s -> s.workers(2).retry(Retry.times(1)), link, inputs, end);
        List<StepWorker> workers =
                stepped.workers().stream().map(StepWorker.class::cast).toList();
        assertThat(workers).hasSize(2);
        stepped.stop(new CancellationException());
        for (StepWorker each : workers) {
            assertThat(StepWorkerTest.isDue(each)).isTrue();
        }
    }

    @Test
    void keepsTheNumbersOfWhoHasLeft() {
        assertThat(stage.index()).isEqualTo(1);
        assertThat(stage.letsGo()).isFalse();
        assertThat(stage.window()).isNull();
        Hand hand = stage.workers().get(0);
        hand.meter().settled(Fate.COMPLETED, 3);
        stage.hasLeft(hand);
        assertThat(stage.workers()).hasSize(1);
        assertThat(stage.stats(0, 1).completed()).isEqualTo(3);
    }

    @Test
    @DisplayName("who asks for the numbers has the next items looked at")
    void numbersMakeASampleDue() {
        Meter meter = stage.workers().get(0).meter();
        meter.position = 1;
        meter.sampleAfter(1000);
        assertThat(meter.isSampleDue()).isFalse();
        stage.stats(0, 1);
        assertThat(meter.isSampleDue()).isTrue();
    }
}
