package dev.sluice.benchmarks.report;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The contents of JMH's JSON files. Immutable. */
final class Scores {
    private final List<Score> scores;
    private final String jdk;

    private Scores(List<Score> scores, String jdk) {
        this.scores = List.copyOf(scores);
        this.jdk = jdk;
    }

    static Scores read(List<Path> files) throws IOException {
        List<Score> scores = new ArrayList<>();
        String jdk = "";
        for (Path file : files) {
            // A document of this format is an object, and JMH's is a list.
            String document = "{\"results\":" + Files.readString(file) + "}";
            for (Config result : ConfigFactory.parseString(document).getConfigList("results")) {
                scores.add(score(result));
                jdk = result.getString("vmName") + " " + result.getString("vmVersion");
            }
        }
        return new Scores(scores, jdk);
    }

    /** The virtual machine that ran them. */
    String jdk() {
        return jdk;
    }

    List<Score> all() {
        return scores;
    }

    /** All of one benchmark that have these parameters among theirs. */
    List<Score> all(String benchmark, Map<String, String> params) {
        return scores.stream().filter(score -> score.matches(benchmark, params)).toList();
    }

    private static Score score(Config result) {
        String name = result.getString("benchmark");
        String method = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
        Map<String, String> params = new TreeMap<>();
        if (result.hasPath("params")) {
            Config given = result.getConfig("params");
            given.root().keySet().forEach(key -> params.put(key, given.getString(key)));
        }
        Map<String, Double> secondary = new TreeMap<>();
        result.getObject("secondaryMetrics").forEach((key, metric) -> {
            Config values = ((com.typesafe.config.ConfigObject) metric).toConfig();
            secondary.put(key.replace("·", ""), median(values));
        });
        Config primary = result.getConfig("primaryMetric");
        return new Score(method, params, median(primary), primary.getString("scoreUnit"), secondary);
    }

    /** JMH gives the raw data of sampled times as a histogram; its score is all that is left then. */
    private static double median(Config metric) {
        List<Double> values = new ArrayList<>();
        if (metric.hasPath("rawData")) {
            metric.getList("rawData")
                    .unwrapped()
                    .forEach(fork -> ((List<?>) fork).forEach(value -> values.add(number(value))));
        }
        if (values.isEmpty()) {
            return number(metric.getAnyRef("score"));
        }
        values.sort(null);
        int middle = values.size() / 2;
        return values.size() % 2 == 1 ? values.get(middle) : (values.get(middle - 1) + values.get(middle)) / 2;
    }

    /** JMH writes what is not a number as a string. */
    private static double number(Object value) {
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
