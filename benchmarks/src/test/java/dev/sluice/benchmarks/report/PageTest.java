package dev.sluice.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PageTest {
    private Scores scores;
    private String page;

    @BeforeEach
    void render() throws IOException, URISyntaxException {
        Path results = Path.of(Objects.requireNonNull(PageTest.class.getResource("results.json"))
                .toURI());
        scores = Scores.read(List.of(results));
        Machine machine = new Machine(2, "a processor", 4096, "Linux amd64", LocalDate.of(2026, 1, 2));
        page = Page.render("short", Topics.all(), scores, machine);
    }

    @Test
    void saysWhereWhenAndOnWhat() {
        assertThat(page)
                .contains("2 processors (a processor), 4096 MiB, Linux amd64, 2026-01-02, OpenJDK 64-Bit Server VM 25");
    }

    @Test
    void comparesMediansOfAllForks() {
        assertThat(page)
                .contains("| queue 1→1, capacity 1024 | 40.00 M/s | 10.00 M/s JDK_ARRAY | 4.00 | ≥ 3.00 | yes |");
    }

    @Test
    void showsWhereOthersWin() {
        assertThat(page)
                .contains("| 80.00 M/s CONVERSANT_PUSH_PULL | 0.50 | ≥ 1.20 | no |")
                .contains("| CONVERSANT_PUSH_PULL | 80.00 | 0.50 |\n| SLUICE_RING | 40.00 | 1.00 |");
    }

    @Test
    void comparesLatencyTheOtherWayRound() {
        assertThat(page)
                .contains("p50 | 20.00 µs | 25.00 µs JDK_THREAD_POOL | 0.80 | ≤ 1.00 | yes |")
                .contains("p99 | 90.00 µs | 80.00 µs JDK_THREAD_POOL | 1.13 | ≤ 1.00 | no |");
    }

    @Test
    void tellsAllocationEvenWithoutPeer() {
        assertThat(page).contains("| allocation, pool execute | 0.02 B/element |  |  | ≤ 0.50 B/element | yes |");
    }

    @Test
    void namesWhatWasNotRun() {
        assertThat(page)
                .contains("Not run here: JDK_LINKED, JDK_TRANSFER, CONVERSANT_DISRUPTOR, JOX, JCTOOLS_YIELDING.")
                .doesNotContain("## Gate");
    }

    @Test
    void drawsEachTopicThatWasRun(@TempDir Path folder) throws IOException {
        Topic queue = Topics.all().get(0);
        Path file = folder.resolve(Page.chart(queue));
        Chart.write(queue, queue.bars(scores), file);
        assertThat(page).contains("](" + Page.chart(queue) + ")");
        assertThat(Files.readString(file)).contains("<svg");
    }
}
