package dev.sluice.pipeline;

import dev.sluice.pipeline.PipelineStats.Bottleneck;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which stage holds the others up, and why.
 *
 * <p>Each stage has a load: how long it is busy, all of its workers at once, with what one item of the source leads to.
 * That is what it would need if nobody kept it from working, so the highest load is the limit of the pipeline. In
 * contrast to the busy shares the loads are right from the start, when everybody is busy because the queues are not full
 * yet, until the end, when some have been done for long.
 *
 * <p>What one item of the source leads to is known from the counts, so filters, batches and branches do not mislead. Where
 * there are several sources it is one item of one of them.
 */
final class Diagnosis {
    /** Who is less busy than this waits for others more than they wait for him. */
    private static final double LEAST_BUSY = 0.5;
    /** About the middle between balanced and slower by half, as factors go. */
    private static final double CLEARLY_MORE = 1.2;
    /** Of the busy time; who spends less of it on a processor waits for something. */
    private static final double COMPUTES = 0.6;
    /** Times of an item that differ by less are the same. */
    private static final double ABOUT = 0.85;
    /** These have one worker, whoever asks. */
    private static final Set<String> FIXED = Set.of(Definition.SOURCE, Definition.COLLECT, Definition.ITERATOR);

    /** @param nanos for each item of the source */
    private record Load(StageStats stage, double nanos) {}

    private Diagnosis() {}

    static Optional<Bottleneck> of(PipelineStats stats) {
        List<Load> loads = loads(stats);
        if (loads.size() < 2) {
            return Optional.empty();
        }
        Load first = loads.get(0);
        Load second = loads.get(1);
        if (first.stage.busy() < LEAST_BUSY || first.nanos < CLEARLY_MORE * second.nanos) {
            return Optional.empty();
        }
        String reason = numbers(first, second) + cause(first.stage, stats.stages());
        return Optional.of(new Bottleneck(first.stage.name(), reason));
    }

    /** The highest first. */
    private static List<Load> loads(PipelineStats stats) {
        double elapsed = stats.elapsed().toNanos();
        Map<String, Double> itemsForOne = itemsForOne(stats);
        return stats.stages().stream()
                .map(stage -> new Load(
                        stage, itemsForOne.getOrDefault(stage.name(), 0.0) * stage.busy() * elapsed / settled(stage)))
                .sorted(Comparator.comparingDouble(Load::nanos).reversed())
                .toList();
    }

    /** How many inputs of each stage one item of the sources leads to. */
    private static Map<String, Double> itemsForOne(PipelineStats stats) {
        Set<String> fed = stats.links().stream().map(LinkStats::to).collect(Collectors.toSet());
        List<StageStats> sources =
                stats.stages().stream().filter(s -> !fed.contains(s.name())).toList();
        double all = sources.stream().mapToDouble(Diagnosis::settled).sum();
        Map<String, Double> items = new HashMap<>();
        sources.forEach(source -> items.put(source.name(), settled(source) / all));
        for (StageStats stage : stats.stages()) {
            // It is behind those that lead to it, and so known.
            double each = items.getOrDefault(stage.name(), 0.0) / settled(stage);
            stats.links().stream()
                    .filter(link -> link.from().equals(stage.name()))
                    .forEach(link -> items.merge(link.to(), each * link.items(), Double::sum));
        }
        return items;
    }

    /** Who has not finished any is as if he were about to. */
    private static double settled(StageStats stage) {
        return Math.max(1, stage.in() - stage.inFlight());
    }

    private static String numbers(Load first, Load second) {
        return String.format(
                Locale.ROOT,
                "its %s busy %.0f %% of the time, %s for each item of the source; the next slowest, '%s', needs %s",
                first.stage.workers() == 1 ? "1 worker was" : first.stage.workers() + " workers were",
                100 * first.stage.busy(),
                Times.text(first.nanos),
                second.stage.name(),
                Times.text(second.nanos));
    }

    private static String cause(StageStats slow, List<StageStats> stages) {
        String cause = "";
        if (slow.computing().isPresent()) {
            double computing = slow.computing().getAsDouble();
            cause = computing >= COMPUTES
                    ? String.format(Locale.ROOT, "; it computes for %.0f %% of that", 100 * computing)
                    : String.format(Locale.ROOT, "; it waits for %.0f %% of that", 100 * (1 - computing));
        }
        Optional<StageStats> wider = FIXED.contains(slow.name()) ? Optional.empty() : wider(slow, stages);
        return cause
                + wider.map(other -> String.format(
                                "; an item takes no less in '%s', which has %d workers", other.name(), other.workers()))
                        .orElse("");
    }

    /** Of the stages with more workers the one whose items take most nearly as long; empty when all take less. */
    private static Optional<StageStats> wider(StageStats slow, List<StageStats> stages) {
        return stages.stream()
                .filter(other -> other.workers() > slow.workers())
                .filter(other -> timeOfAnItem(other) > ABOUT * timeOfAnItem(slow))
                .min(Comparator.comparingDouble(Diagnosis::timeOfAnItem));
    }

    /** In units that are the same for all stages of a run. */
    private static double timeOfAnItem(StageStats stage) {
        return stage.busy() * stage.workers() / settled(stage);
    }
}
