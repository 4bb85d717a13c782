package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The numbers of a run as text. */
final class StatsTable {
    private static final List<String> HEADER = List.of(
            "stage",
            "workers",
            "in",
            "completed",
            "filtered",
            "skipped",
            "dead letters",
            "retried",
            "discarded",
            "in flight",
            "out",
            "queue",
            "busy",
            "starved",
            "blocked");

    private StatsTable() {}

    static String of(PipelineStats stats) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        stats.stages().forEach(stage -> rows.add(row(stage)));
        int[] widths = IntStream.range(0, HEADER.size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining("\n")) + "\n" + verdict(stats);
    }

    private static List<String> row(StageStats s) {
        return List.of(
                s.name(),
                "" + s.workers(),
                "" + s.in(),
                "" + s.completed(),
                "" + s.filtered(),
                "" + s.skipped(),
                "" + s.deadLettered(),
                "" + s.retried(),
                "" + (s.discarded() + s.discardedInQueue()),
                "" + s.inFlight(),
                "" + s.out(),
                s.queueCapacity() == 0 ? "-" : s.queued() + "/" + s.queueCapacity(),
                percent(s.busy()),
                percent(s.starved()),
                percent(s.blocked()));
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            // Names to the left, numbers to the right.
            line.append(i == 0 ? row.get(i) + padding : "  " + padding + row.get(i));
        }
        return line.toString();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String verdict(PipelineStats stats) {
        return stats.bottleneck()
                .map(b -> "bottleneck: '" + b.stage() + "': " + b.reason())
                .orElse("bottleneck: none stands out");
    }
}
