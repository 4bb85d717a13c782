package dev.sluice.examples.enrich;

import dev.sluice.examples.io.OutputFile;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of {@code enrich}. */
@Command(
        name = "enrich",
        header = "Joins a CSV feed with a lookup table, row by row, in the feed's order.",
        description = {
            "",
            "Reads FEED, drops the rows that a condition keeps out, finds for each row left the row of TABLE that"
                    + " belongs to it, and writes it to OUT with some of that row's columns behind its own. A row that"
                    + " cannot be parsed or has no match goes to the rejects, with its line number, the reason and its"
                    + " text. Files are CSV (RFC 4180, read leniently) in UTF-8, with a header row. Memory does not grow"
                    + " with the feed.",
            "",
            "Without arguments: a demo, which makes a retailer's feed of 200,000 rows and enriches it.",
            ""
        },
        footer = {
            "",
            "Example: radio beacons that are no NDBs, with their country's name and continent",
            "  java -jar examples.jar enrich --in navaids.csv --lookup countries.csv \\",
            "    --on iso_country=code \\",
            "    --take name=country,continent=continent --where 'type!=NDB' \\",
            "    --out enriched.csv --rejects rejects.csv",
            "",
            "Exit status: 0 done (also with rejects), 2 not done; then no output has been written or replaced."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = dev.sluice.examples.Version.class)
public final class EnrichCommand implements Callable<Integer> {
    @Option(names = "--in", paramLabel = "FEED", description = "the feed; - is the standard input")
    private @Nullable String in;

    @Option(
            names = "--out",
            paramLabel = "OUT",
            description = "where the rows go; - is the standard output. The file appears when it is whole; one that is"
                    + " there already is replaced, but a device or a FIFO is written to")
    private @Nullable String out;

    @Option(names = "--lookup", paramLabel = "TABLE", description = "the lookup table; it is held in memory")
    private @Nullable String lookup;

    @Option(
            names = "--on",
            paramLabel = "column=lookupColumn",
            description = "the feed's column and the table's that must be equal; the first of equal keys counts")
    private @Nullable String on;

    @Option(
            names = "--take",
            paramLabel = "a=x,b=y",
            description = "columns of the table, and what each is called in the output")
    private @Nullable String take;

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description =
                    "keep a row only if: 'col=v', 'col!=v', 'col<n' or 'col>n'; n and the cell are numbers. May be"
                            + " given more than once: all must hold")
    private List<String> where = new ArrayList<>();

    @Option(
            names = "--rejects",
            paramLabel = "FILE",
            description = "where the rejects go, with the columns line,reason,raw. Without it they are counted")
    private @Nullable String rejects;

    @Option(
            names = "--diagram",
            paramLabel = "FILE",
            description = "where a picture of the run goes, with its numbers: a Mermaid flowchart")
    private @Nullable String diagram;

    @Option(names = "--workers", paramLabel = "N", description = "threads that parse (default: one for each processor)")
    private int workers = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--progress",
            negatable = true,
            description = "show a progress bar, or do not (default: when the standard error is a terminal)")
    private @Nullable Boolean progress;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    public EnrichCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (workers < 1) {
            throw new ParameterException(spec.commandLine(), "--workers must be at least 1 but was " + workers);
        }
        boolean demo = in == null && out == null && lookup == null && on == null && take == null;
        if (demo && where.isEmpty() && rejects == null && diagram == null) {
            run(Demo.prepare(workers));
        } else {
            run(request());
        }
        return 0;
    }

    private Request request() {
        return new Request(
                required("--in", in),
                required("--out", out),
                required("--lookup", lookup),
                Join.parse(required("--on", on), required("--take", take)),
                where.stream().map(Condition::parse).toList(),
                rejects,
                diagram,
                workers);
    }

    private String required(String option, @Nullable String value) {
        if (value == null) {
            throw new ParameterException(spec.commandLine(), option + " is missing");
        }
        return value;
    }

    private void run(Request request) throws IOException, InterruptedException {
        Progress shown = progress == null ? Progress.whenWatched() : progress ? Progress.SHOWN : Progress.HIDDEN;
        Report report = new Enrichment(request).run(shown);
        PrintStream to = OutputFile.isStandardOutput(request.out()) ? System.err : System.out;
        report.print(to, request);
    }
}
