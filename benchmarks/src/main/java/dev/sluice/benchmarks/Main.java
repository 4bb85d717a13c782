package dev.sluice.benchmarks;

import dev.sluice.benchmarks.report.ReportCommand;
import java.util.Arrays;
import picocli.CommandLine;

/** The program in the jar: {@code report} is a command of its own, and all other arguments are JMH's. */
public final class Main {
    private Main() {}

    /**
     * Runs benchmarks.
     *
     * @param args {@code report} and its options, or those of JMH
     * @throws Exception what JMH throws
     */
    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("report")) {
            System.exit(new CommandLine(new ReportCommand())
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .execute(Arrays.copyOfRange(args, 1, args.length)));
        }
        org.openjdk.jmh.Main.main(args);
    }
}
