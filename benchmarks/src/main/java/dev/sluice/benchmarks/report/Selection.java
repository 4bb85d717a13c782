package dev.sluice.benchmarks.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Some values of the parameters of one benchmark.
 *
 * @param benchmark class and method
 * @param params the values to run; of a parameter that is not named, all
 * @param isOnce whether one iteration without warm-up says all
 * @param warmUp how many times the usual warm-up it needs: more than once where an iteration does little
 */
record Selection(String benchmark, Map<String, List<String>> params, boolean isOnce, int warmUp) {

    static Selection of(String benchmark) {
        // Two thousand events in an iteration: the compiler is at work during the first of them.
        int warmUp = benchmark.startsWith("LatencyBenchmark.") ? 3 : 1;
        return new Selection(benchmark, Map.of(), false, warmUp);
    }

    Selection with(String param, String... values) {
        Map<String, List<String>> more = new LinkedHashMap<>(params);
        more.put(param, Arrays.asList(values));
        return new Selection(benchmark, more, isOnce, warmUp);
    }

    Selection once() {
        return new Selection(benchmark, params, true, warmUp);
    }

    ChainedOptionsBuilder options() {
        ChainedOptionsBuilder options = new OptionsBuilder().include("\\." + benchmark.replace(".", "\\.") + "$");
        params.forEach((param, values) -> options.param(param, values.toArray(String[]::new)));
        return options;
    }
}
