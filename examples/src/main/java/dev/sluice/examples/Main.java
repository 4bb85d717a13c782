package dev.sluice.examples;

import dev.sluice.examples.checksum.ChecksumCommand;
import dev.sluice.examples.enrich.EnrichCommand;
import dev.sluice.examples.fetch.FetchCommand;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.orders.OrdersCommand;
import dev.sluice.examples.tour.TourCommand;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command line: {@code java -jar examples.jar SUBCOMMAND ...}. */
@Command(
        name = "java -jar examples.jar",
        description = "Programs that do real work with Sluice. SUBCOMMAND --help explains each.",
        subcommands = {
            EnrichCommand.class,
            ChecksumCommand.class,
            FetchCommand.class,
            OrdersCommand.class,
            TourCommand.class
        },
        versionProvider = Version.class,
        mixinStandardHelpOptions = true)
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    Main() {}

    /** Runs the subcommand and ends the process with its status: 0 done, 1 done in part, 2 not begun or given up. */
    public static void main(String... args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return new CommandLine(new Main())
                .setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler(Main::explain)
                // A file name may begin with @.
                .setExpandAtFiles(false)
                .execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Which example? " + spec.subcommands().keySet());
    }

    private static int misused(ParameterException misuse, String[] args) {
        CommandLine command = misuse.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        System.err.println(command.getCommandName() + ": " + misuse.getMessage() + " ('" + name + " --help' explains)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int explain(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (readerIsGone(failure)) {
            return CommandLine.ExitCode.SOFTWARE;
        }
        if (failure instanceof CommandFailure) {
            System.err.println(command.getCommandName() + ": " + failure.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        throw failure;
    }

    /** Whether whoever read our output has seen enough, as {@code head} has; nothing is left to be said to them. */
    private static boolean readerIsGone(Throwable failure) {
        if (failure instanceof IOException && "Broken pipe".equals(failure.getMessage())) {
            return true;
        }
        return failure.getCause() != null && readerIsGone(failure.getCause());
    }
}
