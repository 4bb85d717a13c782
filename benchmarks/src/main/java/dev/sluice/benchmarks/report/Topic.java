package dev.sluice.benchmarks.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One comparison of ours with all others, which is a table and a chart.
 *
 * @param title what is done
 * @param benchmark class and method
 * @param fixed its parameters that are alike for all
 * @param compared the parameter that tells them apart
 * @param kinds the values of that parameter to run, ours first
 * @param metric what is compared
 * @param bounds what is no peer but stands beside them
 */
record Topic(
        String title,
        String benchmark,
        Map<String, String> fixed,
        String compared,
        List<String> kinds,
        Metric metric,
        List<Figure> bounds) {

    /** What is shown of a score. */
    enum Metric {
        MILLIONS_PER_SECOND("", 1e-3, "M/s", true),
        MILLISECONDS("", 1, "ms", false),
        P50("p50", 1e-3, "µs, median", false),
        P99("p99", 1e-3, "µs, 99th percentile", false),
        CPU("cpuMicros", 1, "µs of processor time in 10 s", false),
        MEMORY("residentMiB", 1, "MiB resident", false);

        private final String name;
        private final double factor;
        private final String unit;
        private final boolean moreIsBetter;

        Metric(String name, double factor, String unit, boolean moreIsBetter) {
            this.name = name;
            this.factor = factor;
            this.unit = unit;
            this.moreIsBetter = moreIsBetter;
        }

        String unit() {
            return unit;
        }

        boolean moreIsBetter() {
            return moreIsBetter;
        }
    }

    static Topic of(String title, String benchmark, String compared, String... kinds) {
        return new Topic(title, benchmark, Map.of(), compared, List.of(kinds), Metric.MILLIONS_PER_SECOND, List.of());
    }

    Topic with(String... paramsAndValues) {
        Map<String, String> more = new LinkedHashMap<>(fixed);
        for (int i = 0; i < paramsAndValues.length; i += 2) {
            more.put(paramsAndValues[i], paramsAndValues[i + 1]);
        }
        return new Topic(title, benchmark, more, compared, kinds, metric, bounds);
    }

    Topic in(Metric wanted) {
        return new Topic(title, benchmark, fixed, compared, kinds, wanted, bounds);
    }

    Topic beside(Figure... figures) {
        return new Topic(title, benchmark, fixed, compared, kinds, metric, List.of(figures));
    }

    Stream<Selection> selections() {
        Selection ours = Selection.of(benchmark).with(compared, kinds.toArray(String[]::new));
        for (Map.Entry<String, String> param : fixed.entrySet()) {
            ours = ours.with(param.getKey(), param.getValue());
        }
        return Stream.concat(Stream.of(ours), bounds.stream().map(Topic::selection));
    }

    private static Selection selection(Figure bound) {
        Selection selection = Selection.of(bound.benchmark());
        for (Map.Entry<String, String> param : bound.params().entrySet()) {
            selection = selection.with(param.getKey(), param.getValue());
        }
        return selection;
    }

    /**
     * One line of the table.
     *
     * @param kind who
     * @param value in the unit of the metric
     */
    record Bar(String kind, double value) {}

    /** What was run, the best first. */
    List<Bar> bars(Scores scores) {
        Comparator<Bar> byValue = Comparator.comparingDouble(Bar::value);
        return Stream.concat(kinds.stream().map(this::figure), bounds.stream())
                .flatMap(figure -> bar(figure, scores).stream())
                .sorted(metric.moreIsBetter ? byValue.reversed() : byValue)
                .toList();
    }

    Optional<Bar> ours(Scores scores) {
        return bar(figure(kinds.get(0)), scores);
    }

    private Figure figure(String kind) {
        Map<String, String> params = new LinkedHashMap<>(fixed);
        params.put(compared, kind);
        return Figure.of(kind, benchmark, params);
    }

    private Optional<Bar> bar(Figure figure, Scores scores) {
        return figure.metric(metric.name).in(scores).stream()
                .mapToObj(value -> new Bar(figure.name(), value * metric.factor))
                .findFirst();
    }
}
