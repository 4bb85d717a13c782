package dev.sluice.benchmarks.report;

import java.util.Map;

/**
 * What JMH found for one benchmark with one set of parameters.
 *
 * @param benchmark class and method, such as {@code QueueBenchmark.single}
 * @param params the values of its parameters
 * @param median of all iterations of all forks
 * @param unit of the median, such as {@code ops/ms}
 * @param secondary medians of what was measured beside it, such as {@code gc.alloc.rate.norm}, by name
 */
record Score(String benchmark, Map<String, String> params, double median, String unit, Map<String, Double> secondary) {

    /** What was measured beside it, or the score itself for an empty name; NaN when there is none. */
    double metric(String name) {
        return name.isEmpty() ? median : secondary.getOrDefault(name, Double.NaN);
    }

    boolean matches(String wanted, Map<String, String> some) {
        return benchmark.equals(wanted) && params.entrySet().containsAll(some.entrySet());
    }
}
