package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a job is called, and how the report of a close says so. */
@Timeout(180)
class JobTest {
    private final Job<Integer> plain = Job.of("report-17", () -> 1);

    @Test
    void copyDiffersInWhatItIsAskedFor() throws Exception {
        Duration limit = Duration.ofHours(1);
        Job<Integer> first = plain.type("render").metadata(Map.of("order", 5)).timeLimit(limit);
        Job<Integer> second =
                plain.timeLimit(limit).metadata(Map.of("order", 5)).type("render");
        for (Job<Integer> job : List.of(first, second)) {
            assertThat(job.id()).isEqualTo("report-17");
            assertThat(job.type()).isEqualTo("render");
            assertThat(job.metadata()).isEqualTo(Map.of("order", 5));
            assertThat(job.timeLimit()).contains(limit);
            assertThat(job.limit()).isEqualTo(limit);
            assertThat(job.work().call()).isEqualTo(1);
        }
        assertThat(plain.type()).isEmpty();
        assertThat(plain.metadata()).isEmpty();
        assertThat(plain.timeLimit()).isEmpty();
    }

    @Test
    void metadataAreCopied() {
        Map<String, Object> mine = new HashMap<>(Map.of("a", 1));
        Job<Integer> job = plain.metadata(mine);
        mine.put("b", 2);
        assertThat(job.metadata()).isEqualTo(Map.of("a", 1));
    }

    @Test
    void nullIsNamed() {
        Map<String, Object> noValue = new HashMap<>();
        noValue.put("order", null);
        assertThatThrownBy(() -> plain.metadata(noValue))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("metadata[order]");
        Map<String, Object> noKey = new HashMap<>();
        noKey.put(null, 1);
        assertThatThrownBy(() -> plain.metadata(noKey))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("metadata key");
    }

    @Test
    void saysWhatItIs() {
        assertThat(plain).hasToString("Job[report-17]");
        assertThat(plain.type("render")).hasToString("Job[report-17, render]");
        assertThat(plain.metadata(Map.of("order", 5))).hasToString("Job[report-17, {order=5}]");
    }

    @Test
    @DisplayName("the report of a close has a line for each job that is left, and the stack of what still runs")
    void reportSaysWhatIsLeft() {
        StackTraceElement frame = new StackTraceElement("Render", "page", "Render.java", 12);
        ShutdownReport.StillRunning running =
                new ShutdownReport.StillRunning(Job.of("running", () -> 1), List.of(frame));
        ShutdownReport report = new ShutdownReport(3, List.of(plain), List.of(running));
        assertThat(report.toString().lines())
                .containsExactly(
                        "completed while closing: 3",
                        "    never started: Job[report-17]",
                        "    still running: Job[running]",
                        "        at Render.page(Render.java:12)");
    }

    @Test
    void reportIsCleanWhenNothingIsLeft() {
        ShutdownReport.StillRunning running = new ShutdownReport.StillRunning(plain, List.of());
        assertThat(new ShutdownReport(3, List.of(), List.of()).isClean()).isTrue();
        assertThat(new ShutdownReport(3, List.of(plain), List.of()).isClean()).isFalse();
        assertThat(new ShutdownReport(3, List.of(), List.of(running)).isClean()).isFalse();
    }
}
