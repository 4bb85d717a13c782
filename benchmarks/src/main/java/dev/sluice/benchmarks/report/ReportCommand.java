package dev.sluice.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code report}: runs a profile, or takes the results of an earlier run, and writes the page. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Runs a profile of the benchmarks and writes one page about it, with JMH's JSON beside it.")
public final class ReportCommand implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "DIR", description = "where to write; ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmark-report");

    @Option(names = "--profile", description = "${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE}")
    private Profile profile = Profile.SHORT;

    @Option(names = "--only", paramLabel = "REGEX", description = "runs only what it is found in, such as Queue")
    private Pattern only = Pattern.compile("");

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "runs nothing: takes the results in this file of JMH's JSON; may be given several times")
    private List<Path> from = new ArrayList<>();

    @Override
    public Integer call() throws IOException, RunnerException {
        Files.createDirectories(out);
        String name = profile.name().toLowerCase(Locale.ROOT);
        List<Path> files = from;
        if (from.isEmpty()) {
            Path json = out.resolve(name + ".json");
            run(json);
            files = List.of(json);
        }
        Scores scores = Scores.read(files);
        for (Topic topic : Topics.all()) {
            if (topic.ours(scores).isPresent()) {
                Chart.write(topic, topic.bars(scores), out.resolve(Page.chart(topic)));
            }
        }
        String page = Page.render(name, Topics.all(), scores, Machine.here());
        Files.writeString(out.resolve(name + ".md"), page);
        System.out.println();
        System.out.println(page);
        return 0;
    }

    /** Writes the file anew after each benchmark, so that a run that is stopped has not been for nothing. */
    private void run(Path json) throws RunnerException {
        List<RunResult> results = new ArrayList<>();
        for (Selection selection : profile.selections()) {
            if (only.matcher(selection.benchmark()).find()) {
                results.addAll(new Runner(profile.options(selection)).run());
                ResultFormatFactory.getInstance(ResultFormatType.JSON, json.toString())
                        .writeOut(results);
            }
        }
    }
}
