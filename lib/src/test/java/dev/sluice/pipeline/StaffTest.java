package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
class StaffTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private List<Hand> hands(int n) {
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1)).forEach("a", i -> {}));
        return Stream.generate(run.execution.stage("a")::worker).limit(n).toList();
    }

    @Test
    @DisplayName("promise 1: who was one too many and has not left counts when a stage is made wider again")
    void whoHasNotLeftIsKept() {
        Staff staff = new Staff(hands(4));
        assertThat(staff.resize(2, List.of())).isEmpty();
        assertThat(staff.letsGo()).isTrue();
        // One has left, one was to leave.
        assertThat(staff.resize(4, List.of())).isNull();
        List<Hand> spare = hands(1);
        assertThat(staff.resize(4, spare)).isEqualTo(spare);
        assertThat(staff.letsGo()).isFalse();
        assertThat(staff.wanted()).isEqualTo(4);
    }

    @Test
    void stageThatHasEndedHiresNobody() {
        Staff staff = new Staff(hands(1));
        assertThat(staff.ends()).isTrue();
        assertThat(staff.resize(4, List.of())).isEmpty();
    }

    @Test
    @DisplayName("promise 1: as many leave as are too many, and not one more")
    void asManyLeaveAsAreTooMany() {
        Staff staff = new Staff(hands(4));
        assertThat(staff.hasSurplus()).isFalse();
        assertThat(staff.letsGo()).isFalse();
        staff.resize(2, List.of());
        assertThat(staff.wanted()).isEqualTo(2);
        assertThat(staff.hasSurplus()).isTrue();
        assertThat(staff.letsGo()).isTrue();
        assertThat(staff.hasSurplus()).isTrue();
        assertThat(staff.letsGo()).isTrue();
        assertThat(staff.hasSurplus()).isFalse();
        assertThat(staff.letsGo()).isFalse();
    }

    @Test
    void stageEndsWithItsLastWorker() {
        Staff staff = new Staff(hands(2));
        assertThat(staff.resize(3, hands(1))).hasSize(1);
        assertThat(staff.hands()).hasSize(3);
        assertThat(staff.ends()).isFalse();
        assertThat(staff.ends()).isFalse();
        assertThat(staff.hasEnded()).isFalse();
        assertThat(staff.ends()).isTrue();
        assertThat(staff.hasEnded()).isTrue();
    }

    @Test
    void nothingChangesWhenThereAreTooFewToHire() {
        Staff staff = new Staff(hands(1));
        assertThat(staff.resize(3, hands(1))).isNull();
        assertThat(staff.wanted()).isEqualTo(1);
        assertThat(staff.hands()).hasSize(1);
        List<Hand> spare = hands(3);
        assertThat(staff.resize(3, spare)).isEqualTo(spare.subList(0, 2));
        assertThat(staff.wanted()).isEqualTo(3);
    }

    @Test
    @DisplayName("promise 8: who is hired and cannot come is not counted on")
    void whoCannotComeIsNotCountedOn() {
        Staff staff = new Staff(hands(1));
        staff.resize(2, hands(1));
        assertThat(staff.cannotCome()).isTrue();
        assertThat(staff.wanted()).isEqualTo(1);
        staff.resize(2, hands(1));
        staff.resize(1, List.of());
        // He is the one that is too many.
        assertThat(staff.cannotCome()).isTrue();
        assertThat(staff.wanted()).isEqualTo(1);
        assertThat(staff.hasSurplus()).isFalse();
        assertThat(staff.cannotCome()).as("nobody is left").isFalse();
    }

    @Test
    @DisplayName("the numbers of those who have left stay in the stage's")
    void numbersOfThoseWhoHaveLeftStay() {
        List<Hand> hands = hands(3);
        Staff staff = new Staff(hands);
        for (Hand hand : hands) {
            hand.meter().settled(Fate.COMPLETED, 5);
        }
        assertThat(staff.meters()).hasSize(3);
        staff.left(hands.get(0), 1000);
        staff.left(hands.get(0), 1000);
        staff.left(hands.get(1), 1000);
        assertThat(staff.hands()).containsExactly(hands.get(2));
        assertThat(staff.meters()).hasSize(2);
        assertThat(staff.meters().stream().mapToLong(meter -> meter.get(Fate.COMPLETED)))
                .containsExactlyInAnyOrder(10L, 5L);
    }
}
