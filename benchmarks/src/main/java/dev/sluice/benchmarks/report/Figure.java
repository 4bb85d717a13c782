package dev.sluice.benchmarks.report;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * One figure to be looked up.
 *
 * @param name who
 * @param benchmark class and method
 * @param params its parameters
 * @param metric what was measured beside the score; empty for the score itself
 */
record Figure(String name, String benchmark, Map<String, String> params, String metric) {
    static final String ALLOCATION = "gc.alloc.rate.norm";

    static Figure of(String name, String benchmark, Map<String, String> params) {
        return new Figure(name, benchmark, params, "");
    }

    Figure metric(String wanted) {
        return new Figure(name, benchmark, params, wanted);
    }

    OptionalDouble in(Scores scores) {
        return scores.all(benchmark, params).stream()
                .mapToDouble(score -> score.metric(metric))
                .filter(value -> !Double.isNaN(value))
                .findFirst();
    }
}
