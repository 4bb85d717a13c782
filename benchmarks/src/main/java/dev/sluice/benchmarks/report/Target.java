package dev.sluice.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What one figure of ours is to be; makes its row of the table, or none when it was not run. */
sealed interface Target {
    Optional<List<String>> row(Scores scores);

    /** How many there are in a second, against the best of some others; where the least is 0 it is only reported. */
    record Faster(String work, double least, Figure ours, List<Figure> peers) implements Target {
        @Override
        public Optional<List<String>> row(Scores scores) {
            Optional<Figure> best = Target.present(peers, scores)
                    .reduce((a, b) -> a.in(scores).getAsDouble() >= b.in(scores).getAsDouble() ? a : b);
            if (best.isEmpty() || ours.in(scores).isEmpty()) {
                return Optional.empty();
            }
            double mine = ours.in(scores).getAsDouble();
            double theirs = best.get().in(scores).getAsDouble();
            return Optional.of(List.of(
                    work,
                    millions(mine),
                    millions(theirs) + " " + best.get().name(),
                    text(mine / theirs),
                    least == 0 ? "" : "≥ " + text(least),
                    least == 0 ? "" : Target.met(mine / theirs >= least)));
        }

        private static String millions(double perMilli) {
            return text(perMilli / 1000) + " M/s";
        }
    }

    /** How long it takes, in nanoseconds, against another. */
    record NoSlower(String work, Figure ours, Figure peer) implements Target {
        @Override
        public Optional<List<String>> row(Scores scores) {
            if (ours.in(scores).isEmpty() || peer.in(scores).isEmpty()) {
                return Optional.empty();
            }
            double mine = ours.in(scores).getAsDouble();
            double theirs = peer.in(scores).getAsDouble();
            return Optional.of(List.of(
                    work,
                    text(mine / 1000) + " µs",
                    text(theirs / 1000) + " µs " + peer.name(),
                    text(mine / theirs),
                    "≤ 1.00",
                    Target.met(mine <= theirs)));
        }
    }

    /** A figure that is to be nothing, or next to it, beside another's. */
    record AtMost(String work, double most, String unit, Figure ours, Figure peer) implements Target {
        @Override
        public Optional<List<String>> row(Scores scores) {
            if (ours.in(scores).isEmpty()) {
                return Optional.empty();
            }
            double mine = ours.in(scores).getAsDouble();
            String theirs = peer.in(scores).isEmpty()
                    ? ""
                    : text(peer.in(scores).getAsDouble()) + " " + unit + " " + peer.name();
            return Optional.of(List.of(
                    work,
                    text(mine) + " " + unit,
                    theirs,
                    "",
                    "≤ " + text(most) + " " + unit,
                    Target.met(mine <= most)));
        }
    }

    private static Stream<Figure> present(List<Figure> figures, Scores scores) {
        return figures.stream().filter(figure -> figure.in(scores).isPresent());
    }

    private static String met(boolean met) {
        return met ? "yes" : "no";
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
