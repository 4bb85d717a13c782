package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
class SlotTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private Slot slot;

    @BeforeEach
    void make() {
        PipelineRun<?> run = runs.start(Pipeline.from(List.of(1)).forEach("a", i -> {}));
        slot = new Slot("input", 0, (Worker) run.execution.stage("a").workers().get(0));
    }

    @Test
    void givesResultsInTheirOrder() {
        assertThat(slot.isEmpty()).isTrue();
        assertThat(slot.size()).isZero();
        for (int i = 0; i < 3; i++) {
            slot.add(i);
            assertThat(slot.size()).isEqualTo(i + 1);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(slot.isEmpty()).isFalse();
            assertThat(slot.poll()).isEqualTo(i);
            assertThat(slot.size()).isEqualTo(2 - i);
        }
        assertThat(slot.poll()).isNull();
        assertThat(slot.isEmpty()).isTrue();
    }

    @Test
    void resultThatIsRefusedIsTheFirstAgain() {
        slot.add("a");
        slot.add("b");
        Object refused = slot.poll();
        slot.addFirst(refused);
        assertThat(slot.size()).isEqualTo(2);
        assertThat(slot.poll()).isEqualTo("a");
        assertThat(slot.poll()).isEqualTo("b");
        slot.addFirst("b");
        assertThat(slot.size()).isEqualTo(1);
        assertThat(slot.poll()).isEqualTo("b");
    }

    @Test
    void nothingIsLeftWhenItIsCleared() {
        slot.add("a");
        slot.add("b");
        slot.clear();
        assertThat(slot.isEmpty()).isTrue();
        assertThat(slot.size()).isZero();
        slot.add("c");
        assertThat(slot.size()).isEqualTo(1);
        assertThat(slot.poll()).isEqualTo("c");
        assertThat(slot.poll()).isNull();
    }
}
