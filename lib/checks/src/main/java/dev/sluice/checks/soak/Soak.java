package dev.sluice.checks.soak;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Random rounds in virtual machines with small heaps and all collectors, one after the other, for as long as told. It ends with
 * a report, also when it is told to stop, or one of the machines dies or hangs.
 */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = "Pools, gates, pipelines and queues in short random rounds in which things go wrong,"
                + " in small heaps and with several collectors.")
public final class Soak implements Callable<Integer> {
    private static final int ENOUGH_FOUND = 10;

    private static final List<String> KINDS = List.of("pool", "gate", "pipeline", "queue");

    @Option(names = "--minutes", defaultValue = "10", description = "default 10")
    private double minutes;

    @Option(names = "--seed", description = "of all rounds; a random one when not given, and printed")
    private @Nullable Long seed;

    @Option(names = "--report", description = "a file for the report, beside the standard output")
    private @Nullable Path report;

    @Option(names = "--machine-seconds", defaultValue = "60", description = "of each virtual machine; default 60")
    private int machineSeconds;

    @Option(names = "--round", description = "only this round, in this virtual machine")
    private @Nullable Long round;

    @Option(names = "--times", defaultValue = "1", description = "how often that round; default 1")
    private int times;

    @Option(
            names = "--patience",
            defaultValue = "90",
            description = "seconds after which a round is stuck; default 90; more on a busy machine")
    private int patience;

    @Option(
            names = "--kinds",
            split = ",",
            description = "only such rounds: pool, gate, pipeline, queue; the others are passed over")
    private List<String> kinds = List.of();

    @Option(names = "--from", hidden = true, description = "rounds from this one on, in this virtual machine")
    private @Nullable Long from;

    @Option(
            names = "--calm",
            description = "no machine has a heap that is filled: what is found is never the checks' own want of memory")
    private boolean calm;

    @Option(names = "--pressure", hidden = true, description = "with a heap that is filled again and again")
    private boolean pressure;

    /** For the command line. */
    public Soak() {}

    @Override
    public Integer call() throws Exception {
        if (!KINDS.containsAll(kinds)) {
            System.err.println("--kinds must be of " + KINDS + " but was " + kinds);
            return 2;
        }
        long all = seed != null ? seed : ThreadLocalRandom.current().nextInt(1 << 30);
        if (round != null) {
            return new Rounds(all, kinds, patience).repeat(round, times);
        }
        if (from != null) {
            return new Rounds(all, kinds, patience).run(from, 1_000_000_000L * machineSeconds, pressure);
        }
        return soak(all);
    }

    private int soak(long all) throws Exception {
        System.out.println("seed " + all);
        Report books = new Report(all);
        Thread atEnd = new Thread(() -> say(books, "STOPPED"));
        Runtime.getRuntime().addShutdownHook(atEnd);
        long end = System.nanoTime() + (long) (minutes * 60e9);
        int number = 0;
        while (books.found() < ENOUGH_FOUND) {
            long left = (end - System.nanoTime()) / 1_000_000_000L;
            if (left <= 0) {
                break;
            }
            int seconds = (int) Math.min(left, machineSeconds);
            Machine.of(number, all, seconds, patience, kinds, !calm && number % 3 == 2)
                    .run(books);
            number++;
        }
        Runtime.getRuntime().removeShutdownHook(atEnd);
        say(books, books.found() == 0 ? "PASSED" : "FAILED");
        return books.found() == 0 ? 0 : 1;
    }

    private void say(Report books, String verdict) {
        String text = books.text(verdict);
        System.out.print(text);
        if (report != null) {
            try (PrintStream out = new PrintStream(Files.newOutputStream(report), true, StandardCharsets.UTF_8)) {
                out.print(text);
            } catch (IOException e) {
                System.err.println("the report could not be written: " + e);
            }
        }
    }
}
