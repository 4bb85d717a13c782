package dev.sluice.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is in the word of a gate, while somebody has been called and gets no processor. */
@Timeout(180)
class AdmissionTest {
    private static final int CHECKPOINT = 4096;
    private static final long FLAGS = Admission.LINE | Admission.BAR | Admission.CALL;

    private static Admission admission(Duration bound) {
        return new Admission("db", 2, 10, Fairness.bounded(bound));
    }

    /** Somebody waits for a permit, and is told that one has become free. */
    private static Deaf calledAt(Admission admission) {
        Deaf deaf = new Deaf(1);
        assertThat(admission.tryEnter(2)).isTrue();
        assertThat(admission.line().lineUp(deaf)).isTrue();
        assertThat(admission.word() & FLAGS).isEqualTo(FLAGS);
        admission.leave(1);
        return deaf;
    }

    private static int overtakeUntilServed(Admission admission, Waiter waiter, int most) {
        int overtakes = 0;
        while (waiter.fate == Waiter.Fate.CALLED && overtakes < most && admission.tryEnter(1)) {
            admission.leave(1);
            overtakes++;
        }
        return overtakes;
    }

    @Test
    @DisplayName(
            "promise 7: who has been called and gets no processor is overtaken a few thousand times more, and served")
    void whoGetsNoProcessorIsServedAfterAFewThousandOvertakes() {
        Duration bound = Duration.ofMillis(100);
        Admission admission = admission(bound);
        Deaf deaf = calledAt(admission);
        await().until(() -> System.nanoTime() - deaf.arrived > bound.toNanos());
        // None, where the bound has passed before it could be called.
        assertThat(overtakeUntilServed(admission, deaf, 2 * CHECKPOINT)).isIn(0, CHECKPOINT);
        assertThat(deaf.fate).isEqualTo(Waiter.Fate.GRANTED);
        assertThat(admission.free()).isZero();
    }

    @Test
    void overtakesAreCountedOffOnceInAFewThousand() throws Exception {
        Admission admission = admission(Duration.ofHours(1));
        Deaf deaf = calledAt(admission);
        assertThat(overtakeUntilServed(admission, deaf, CHECKPOINT - 1)).isEqualTo(CHECKPOINT - 1);
        assertThat(Admission.overtakes(admission.word())).isEqualTo(CHECKPOINT - 1);
        assertThat(overtakeUntilServed(admission, deaf, 1)).isEqualTo(1);
        assertThat(Admission.overtakes(admission.word())).isZero();
        assertThat(admission.word() & FLAGS).isEqualTo(Admission.LINE);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            assertThat(crew.start(() -> admission.line().stats(Durations.NONE).overtakes())
                            .result())
                    .isEqualTo(CHECKPOINT);
        }
    }

    @Test
    void flagsAreDownWhenNobodyWaitsAnyMore() {
        List<Consumer<Admission>> ends = List.of(
                admission -> admission.line().close(),
                admission -> admission.line().resize(1));
        for (Consumer<Admission> end : ends) {
            Admission admission = admission(Duration.ofHours(1));
            assertThat(admission.tryEnter(2)).isTrue();
            Deaf deaf = new Deaf(2);
            admission.line().lineUp(deaf);
            end.accept(admission);
            assertThat(deaf.fate).isEqualTo(Waiter.Fate.REFUSED);
            assertThat(admission.word() & FLAGS).isZero();
        }
        Admission admission = admission(Duration.ofHours(1));
        Deaf deaf = calledAt(admission);
        assertThat(admission.line().abandon(deaf)).isTrue();
        assertThat(admission.word() & FLAGS).isZero();
    }

    @Test
    void whoFindsAPermitFreeAtTheLineTakesIt() throws Exception {
        Admission admission = admission(Duration.ofHours(1));
        assertThat(admission.line().enter(1, LockedLine.FOREVER)).isTrue();
        assertThat(admission.line().enter(1, TimeUnit.HOURS.toNanos(1))).isTrue();
        assertThat(admission.free()).isZero();
        assertThatThrownBy(() -> admission.line().enter(3, LockedLine.FOREVER))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Keeps what it was told when it lined up. */
    private static final class Told extends Waiter {
        private int before = -1;
        private boolean isHandedOver;

        Told() {
            super(1);
        }

        @Override
        void linedUp(int before, boolean isHandedOver) {
            this.before = before;
            this.isHandedOver = isHandedOver;
        }

        @Override
        boolean tell() {
            return true;
        }
    }

    @Test
    void whoLinesUpIsToldHowManyAreBeforeItAndWhetherPermitsAreHandedOver() {
        for (Fairness fairness : List.of(Fairness.strict(), Fairness.bounded(Duration.ofHours(1)))) {
            Admission admission = new Admission("db", 1, 10, fairness);
            assertThat(admission.tryEnter(1)).isTrue();
            for (int before = 0; before < 3; before++) {
                Told told = new Told();
                admission.line().lineUp(told);
                assertThat(told.before).isEqualTo(before);
                assertThat(told.isHandedOver).isEqualTo(fairness.equals(Fairness.strict()));
            }
        }
    }
}
