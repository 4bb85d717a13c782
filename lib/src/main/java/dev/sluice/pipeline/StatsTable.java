package dev.sluice.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The numbers of a run as text. What has not happened at all, such as a retry, has no column. */
final class StatsTable {
    /** @param always whether there is such a column even when it has nothing but zeros */
    private record Column(String header, boolean always, Function<StageStats, String> cell) {
        static Column of(String header, Function<StageStats, String> cell) {
            return new Column(header, true, cell);
        }

        static Column ifAny(String header, ToLongFunction<StageStats> count) {
            return new Column(header, false, stage -> "" + count.applyAsLong(stage));
        }

        boolean isShown(List<StageStats> stages) {
            return always
                    || stages.stream().anyMatch(stage -> !cell.apply(stage).equals("0"));
        }
    }

    private static final List<Column> COLUMNS = List.of(
            Column.of("stage", StageStats::name),
            Column.of("workers", s -> "" + s.workers()),
            Column.of("in", s -> "" + s.in()),
            Column.of("completed", s -> "" + s.completed()),
            Column.ifAny("filtered", StageStats::filtered),
            Column.ifAny("skipped", StageStats::skipped),
            Column.ifAny("dead letters", StageStats::deadLettered),
            Column.ifAny("retried", StageStats::retried),
            Column.ifAny("discarded", s -> s.discarded() + s.discardedInQueue()),
            Column.ifAny("in flight", StageStats::inFlight),
            Column.of("out", s -> "" + s.out()),
            Column.of("a second", s -> String.format(Locale.ROOT, "%.0f", s.rate())),
            Column.of("queue", s -> s.queueCapacity() == 0 ? "-" : s.queued() + "/" + s.queueCapacity()),
            Column.of("oldest", s -> time(s.oldest())),
            Column.of("wait", s -> time(s.waitTime().mean())),
            Column.of("service", s -> time(s.serviceTime().mean())),
            Column.of("p99", s -> time(s.serviceTime().p99())),
            Column.of("busy", s -> percent(s.busy())),
            Column.of("starved", s -> percent(s.starved())),
            Column.of("blocked", s -> percent(s.blocked())));

    private StatsTable() {}

    static String of(PipelineStats stats) {
        List<Column> shown = COLUMNS.stream()
                .filter(column -> column.isShown(stats.stages()))
                .toList();
        List<List<String>> rows = new ArrayList<>();
        rows.add(shown.stream().map(Column::header).toList());
        for (StageStats stage : stats.stages()) {
            rows.add(shown.stream().map(column -> column.cell.apply(stage)).toList());
        }
        int[] widths = IntStream.range(0, shown.size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream().map(row -> line(row, widths)).collect(Collectors.joining("\n")) + "\n" + verdict(stats);
    }

    private static String time(Duration duration) {
        return duration.isZero() ? "-" : Times.text((double) duration.toNanos());
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
