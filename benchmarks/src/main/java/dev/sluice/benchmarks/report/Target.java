package dev.sluice.benchmarks.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One comparison that has a target.
 *
 * @param work what is done
 * @param ours finds our figure
 * @param peers find the figures of those compared with, of which the best counts
 * @param least what our figure must be, divided by the best peer's; 0 when it is only reported
 */
record Target(String work, Figure ours, List<Figure> peers, double least) {

    /**
     * A figure to be looked up.
     *
     * @param name who
     * @param benchmark class and method
     * @param params the parameters
     */
    record Figure(String name, String benchmark, Map<String, String> params) {
        Optional<Double> in(Scores scores) {
            return scores.first(benchmark, params).map(Score::median);
        }
    }

    static Target of(String work, double least, Figure ours, Figure... peers) {
        return new Target(work, ours, List.of(peers), least);
    }

    /** The row of the table; none when one side was not run. */
    Optional<List<String>> row(Scores scores) {
        Optional<Figure> best = peers.stream()
                .filter(peer -> peer.in(scores).isPresent())
                .max(Comparator.comparing(peer -> peer.in(scores).orElseThrow()));
        if (best.isEmpty() || ours.in(scores).isEmpty()) {
            return Optional.empty();
        }
        double mine = ours.in(scores).orElseThrow();
        double theirs = best.get().in(scores).orElseThrow();
        double ratio = mine / theirs;
        Function<Double, String> millions = score -> String.format(Locale.ROOT, "%.2f M/s", score / 1000);
        return Optional.of(List.of(
                work,
                millions.apply(mine),
                millions.apply(theirs) + " " + best.get().name(),
                String.format(Locale.ROOT, "%.2f", ratio),
                least == 0 ? "" : String.format(Locale.ROOT, "%.2f", least),
                least == 0 ? "" : ratio >= least ? "yes" : "no"));
    }
}
