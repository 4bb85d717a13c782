package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.NoThreadLeaks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The thread of the test is the worker of the source, and the one that cuts it. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class FeedIntakeTest {
    private final List<String> told = new ArrayList<>();
    private final Meter meter = new Meter();
    private final Interrupts worker = new Interrupts();
    private final FeedIntake intake = new FeedIntake(new Feed() {
        private int next;

        @Override
        public Object next(Meter ofWorker) {
            return next < 3 ? next++ : null;
        }

        @Override
        public void close() {
            told.add("closed");
        }

        @Override
        public void runEnds() {
            told.add("run ended");
        }
    });

    @AfterEach
    void takeOff() {
        Thread.interrupted();
    }

    @Test
    void countsWhatItGivesUntilTheFeedHasNoMore() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(intake.position()).isEqualTo(i);
            assertThat(intake.poll(meter)).isEqualTo(i);
            assertThat(meter.position).isEqualTo(i);
            assertThat(intake.taken()).isEqualTo(i + 1);
        }
        assertThat(intake.hasEnded()).isFalse();
        assertThat(intake.poll(meter)).isNull();
        assertThat(intake.hasEnded()).isTrue();
        assertThat(intake.await(meter)).isFalse();
        assertThat(intake.taken()).isEqualTo(3);
        assertThat(intake.isCut()).isFalse();
        intake.close();
        intake.runEnds();
        assertThat(told).containsExactly("closed", "run ended");
    }

    @Test
    @DisplayName(
            "scenario 47: a cut source is interrupted until it has returned once more, and what it gives then counts")
    void interruptComesUntilTheLastNextHasReturned() throws Exception {
        worker.enter();
        assertThat(intake.poll(meter)).isEqualTo(0);
        intake.cut();
        assertThat(intake.isCut()).isTrue();
        assertThat(intake.hasEnded()).isTrue();
        intake.interrupt(worker);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(intake.poll(meter)).isEqualTo(1);
        assertThat(intake.taken()).isEqualTo(2);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        intake.interrupt(worker);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    @DisplayName("promise 4: a source that is not cut keeps its interrupts")
    void interruptOfAnotherIsNotTakenOff() throws Exception {
        Thread.currentThread().interrupt();
        assertThat(intake.poll(meter)).isEqualTo(0);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }
}
