package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.pipeline.PipelineStats.Bottleneck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Numbers as a run of ten seconds would have them, and what follows from them. */
@Timeout(180)
class DiagnosisTest {
    private static final long SECONDS = 10;

    @Test
    void namesAStageThatComputes() {
        assertThat(bottleneck(
                        row("source", 1, 1000, 0.66), computing(row("a", 1, 1000, 0.99), 0.98), row("b", 1, 990, 0.6)))
                .isEqualTo(new Bottleneck(
                        "a",
                        "its 1 worker was busy 99 % of the time, 9.9 ms for each item of the source; the next slowest,"
                                + " 'source', needs 6.6 ms; it computes for 98 % of that"));
    }

    @Test
    void namesAStageThatWaits() {
        assertThat(bottleneck(
                        row("source", 1, 1000, 0.66), computing(row("a", 4, 1000, 0.99), 0.02), row("b", 1, 990, 0.6)))
                .isEqualTo(new Bottleneck(
                        "a",
                        "its 4 workers were busy 99 % of the time, 9.9 ms for each item of the source; the next slowest,"
                                + " 'source', needs 6.6 ms; it waits for 98 % of that"));
    }

    @Test
    void saysOfAStageWithTooFewWorkersWhoHasMore() {
        assertThat(bottleneck(
                                row("source", 1, 1000, 0.5),
                                row("wide", 6, 1000, 0.66),
                                row("narrow", 4, 1000, 1),
                                row("b", 1, 1000, 0.6))
                        .reason())
                .endsWith("; an item takes no less in 'wide', which has 6 workers");
    }

    @Test
    void namesTheSource() {
        assertThat(bottleneck(row("source", 1, 1000, 0.97), row("wide", 6, 1000, 0.64), row("sink", 1, 990, 0.6)))
                .isEqualTo(new Bottleneck(
                        "source",
                        "its 1 worker was busy 97 % of the time, 9.7 ms for each item of the source; the next slowest,"
                                + " 'wide', needs 6.4 ms"));
    }

    @Test
    void namesTheSink() {
        assertThat(bottleneck(row("source", 1, 1000, 0.66), row("a", 1, 1000, 0.66), row("sink", 1, 990, 0.98))
                        .stage())
                .isEqualTo("sink");
    }

    @Test
    void namesTheSlowStageWhileTheQueuesBeforeItFillUp() {
        assertThat(bottleneck(
                                row("source", 1, 1500, 1),
                                row("a", 1, 1490, 1),
                                row("b", 1, 1000, 1),
                                row("c", 1, 1000, 0.66))
                        .stage())
                .isEqualTo("b");
    }

    @Test
    void namesAStageThatHangsInItsFirstItem() {
        assertThat(bottleneck(row("source", 1, 5, 0.01), row("a", 1, 0, 1), row("b", 1, 0, 0))
                        .stage())
                .isEqualTo("a");
    }

    @Test
    void looksAtWhatAnItemOfTheSourceLeadsTo() {
        // The filter lets one of ten through. What is behind takes five times as long for each: half as long for all.
        assertThat(bottleneck(row("source", 1, 2000, 0.6), row("filter", 1, 2000, 0.99, 200), row("sink", 1, 200, 0.5))
                        .stage())
                .isEqualTo("filter");
        assertThat(bottleneck(row("source", 1, 2000, 0.6), row("filter", 1, 2000, 0.6, 200), row("sink", 1, 150, 0.99))
                        .stage())
                .isEqualTo("sink");
    }

    @Test
    void looksAtWhatEachBranchGets() {
        // Nine of ten items go to the left.
        List<StageStats> stages = List.of(
                row("source", 1, 1000, 0.3),
                row("source-2", 1, 500, 0.3),
                row("route", 1, 1500, 0.5),
                row("left", 1, 1350, 0.7),
                row("right", 1, 100, 0.9));
        List<LinkStats> links = List.of(
                new LinkStats("source", "route", 1000),
                new LinkStats("source-2", "route", 500),
                new LinkStats("route", "left", 1350),
                new LinkStats("route", "right", 150));
        PipelineStats stats = new PipelineStats(stages, links, Duration.ofSeconds(SECONDS));
        assertThat(stats.bottleneck().orElseThrow().stage()).isEqualTo("right");
    }

    @Test
    void namesNobodyWhereAllAreAsSlow() {
        assertNone(row("source", 1, 1000, 0.98), row("a", 3, 1000, 0.97), row("sink", 1, 1000, 0.9));
    }

    @Test
    void namesNobodyWhereTwoAreSlow() {
        assertNone(
                row("source", 1, 1000, 0.5), row("a", 1, 1000, 0.99), row("b", 1, 1000, 0.97), row("c", 1, 1000, 0.3));
    }

    @Test
    void namesNobodyWhereEverybodyWaitsForSomethingElse() {
        assertNone(row("source", 1, 1000, 0.01), row("a", 1, 1000, 0.4), row("b", 1, 1000, 0.1));
    }

    @Test
    void namesNobodyBeforeAnythingHasMoved() {
        assertNone(row("source", 1, 0, 0), row("a", 1, 0, 0));
        assertNone();
    }

    private static void assertNone(StageStats... stages) {
        assertThat(stats(stages).bottleneck()).isEmpty();
    }

    private static Bottleneck bottleneck(StageStats... stages) {
        return stats(stages).bottleneck().orElseThrow();
    }

    /** Of a straight chain. */
    private static PipelineStats stats(StageStats... stages) {
        List<LinkStats> links = new ArrayList<>();
        for (int i = 1; i < stages.length; i++) {
            links.add(new LinkStats(stages[i - 1].name(), stages[i].name(), stages[i - 1].out()));
        }
        return new PipelineStats(List.of(stages), links, Duration.ofSeconds(SECONDS));
    }

    private static StageStats row(String name, int workers, long done, double busy) {
        return row(name, workers, done, busy, done);
    }

    private static StageStats row(String name, int workers, long done, double busy, long out) {
        return new StageStats(
                name,
                workers,
                done + workers,
                done,
                0,
                0,
                0,
                0,
                0,
                workers,
                out,
                0,
                16,
                0,
                Optional.empty(),
                busy,
                1 - busy,
                0,
                (double) done / SECONDS,
                OptionalDouble.empty(),
                Duration.ZERO,
                Timing.NONE,
                Timing.NONE);
    }

    private static StageStats computing(StageStats s, double share) {
        return new StageStats(
                s.name(),
                s.workers(),
                s.in(),
                s.completed(),
                s.filtered(),
                s.skipped(),
                s.deadLettered(),
                s.retried(),
                s.discarded(),
                s.inFlight(),
                s.out(),
                s.queued(),
                s.queueCapacity(),
                s.discardedInQueue(),
                s.fullKey(),
                s.busy(),
                s.starved(),
                s.blocked(),
                s.rate(),
                OptionalDouble.of(share),
                s.oldest(),
                s.waitTime(),
                s.serviceTime());
    }
}
