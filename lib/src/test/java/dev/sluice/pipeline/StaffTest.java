package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
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
}
