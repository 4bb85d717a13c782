package dev.sluice.examples.fetch;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.FileName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options of {@code fetch}. */
@Command(
        name = "fetch",
        header = "Downloads a list of URLs, several at a time.",
        description = {
            "",
            "Saves what each http or https URL leads to as a file in a folder, under the last part of the URL's path;"
                    + " where several URLs would have the same name, the later ones get a number. A file appears when"
                    + " all of it has come, and replaces one that is there already. For each a line is printed: file,"
                    + " bytes, URL.",
            "",
            "A download that fails because of the network, or with status 429 or 5xx, is tried again after a while;"
                    + " a Retry-After of up to a minute is respected.",
            ""
        },
        footer = {
            "",
            "Example: eight downloads at a time, no more than two from one host",
            "  java -jar examples.jar fetch --to pages --max 8 --per-host 2 urls.txt",
            "",
            "Exit status: 0 all saved, 1 some failed (they are listed on the standard error), 2 given up."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = dev.sluice.examples.Version.class)
public final class FetchCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "URLS",
            arity = "1..*",
            description = "URLs, or files with one URL on each line (# begins a comment); - is the standard input")
    private List<String> urls = new ArrayList<>();

    @Option(names = "--to", paramLabel = "FOLDER", description = "where the files go (default: the current folder)")
    private String folder = ".";

    @Option(names = "--max", paramLabel = "N", description = "downloads at a time (default: ${DEFAULT-VALUE})")
    private int max = 8;

    @Option(
            names = "--per-host",
            paramLabel = "N",
            description = "downloads at a time from one host (default: ${DEFAULT-VALUE})")
    private int perHost = 2;

    @Option(
            names = "--retries",
            paramLabel = "N",
            description = "how often to try a download again (default: ${DEFAULT-VALUE})")
    private int retries = 3;

    @Option(
            names = "--backoff",
            paramLabel = "MS",
            description = "milliseconds to wait before the first retry; doubled for each further one, and a part of it"
                    + " by chance (default: ${DEFAULT-VALUE})")
    private int backoff = 500;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "how long one attempt may take, to the last byte (default: ${DEFAULT-VALUE})")
    private int timeout = 60;

    @Option(
            names = "--max-size",
            paramLabel = "MIB",
            description = "the largest file to accept, in MiB (default: ${DEFAULT-VALUE})")
    private int maxSize = 1024;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    public FetchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Log log = new Log(System.out);
        try (UrlList list = new UrlList(urls)) {
            new Downloads(settings(), log).run(list);
        }
        return log.finish(System.err) ? 0 : 1;
    }

    private Settings settings() {
        return new Settings(
                folder(),
                atLeast(1, "--max", max),
                atLeast(1, "--per-host", perHost),
                atLeast(0, "--retries", retries),
                Duration.ofMillis(atLeast(1, "--backoff", backoff)),
                Duration.ofSeconds(atLeast(1, "--timeout", timeout)),
                (long) atLeast(1, "--max-size", maxSize) << 20);
    }

    private int atLeast(int least, String option, int value) {
        if (value < least) {
            throw new ParameterException(
                    spec.commandLine(), option + " must be at least " + least + " but was " + value);
        }
        return value;
    }

    private Path folder() {
        try {
            return Files.createDirectories(FileName.path(folder));
        } catch (IOException e) {
            throw new CommandFailure("cannot make the folder " + folder, e);
        }
    }
}
