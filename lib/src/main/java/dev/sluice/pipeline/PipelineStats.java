package dev.sluice.pipeline;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The numbers of a run at one moment; printed, a table with a line for each stage and one that names the bottleneck.
 *
 * @param stages in the order of the pipeline, each behind those that hand items on to it
 * @param links what has gone from one to the other
 * @param elapsed the time since the start, until the end
 */
public record PipelineStats(List<StageStats> stages, List<LinkStats> links, Duration elapsed) {
    private static final double LEAST_BUSY = 0.5;
    private static final double CLEARLY_MORE = 0.15;

    /**
     * Keeps copies of the lists.
     *
     * @param stages in the order of the pipeline, each behind those that hand items on to it
     * @param links what has gone from one to the other
     * @param elapsed the time since the start, until the end
     */
    public PipelineStats {
        stages = List.copyOf(stages);
        links = List.copyOf(links);
    }

    /**
     * The stage that the others wait for.
     *
     * @param stage its name
     * @param reason a sentence with the numbers that say so
     */
    public record Bottleneck(String stage, String reason) {}

    /**
     * The stage that holds the others up: the one whose workers were busy for the largest share of the time, if that is
     * at least half of it and clearly (by 15 percentage points) more than any other's.
     *
     * @return the stage, or empty when there is none that stands out
     */
    public Optional<Bottleneck> bottleneck() {
        List<StageStats> busiest = stages.stream()
                .sorted(Comparator.comparingDouble(StageStats::busy).reversed())
                .toList();
        if (busiest.size() < 2) {
            return Optional.empty();
        }
        StageStats first = busiest.get(0);
        StageStats second = busiest.get(1);
        if (first.busy() < LEAST_BUSY || first.busy() - second.busy() < CLEARLY_MORE) {
            return Optional.empty();
        }
        return Optional.of(new Bottleneck(first.name(), reason(first, second)));
    }

    private static String reason(StageStats first, StageStats second) {
        return String.format(
                Locale.ROOT,
                "its %s busy %.0f %% of the time, the next busiest is '%s' with %.0f %%",
                first.workers() == 1 ? "1 worker was" : first.workers() + " workers were",
                100 * first.busy(),
                second.name(),
                100 * second.busy());
    }

    /** An aligned table, and a last line that names the bottleneck or says that there is none. */
    @Override
    public String toString() {
        return StatsTable.of(this);
    }
}
