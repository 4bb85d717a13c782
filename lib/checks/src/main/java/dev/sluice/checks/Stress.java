package dev.sluice.checks;

import dev.sluice.checks.soak.Cycles;
import dev.sluice.checks.soak.Soak;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The stress runs; each prints a line for each of its combinations and ends with status 0 only if nothing was wrong. */
@Command(
        name = "stress",
        mixinStandardHelpOptions = true,
        description = "Runs the full numbers of elements through the library and counts what comes out.",
        subcommands = {
            QueueStress.class,
            StuckHeadStress.class,
            HostageStress.class,
            IdleCheck.class,
            LaneStress.class,
            AccountsStress.class,
            PipelineStress.class,
            BottleneckStress.class,
            GateStress.class,
            GateWakeUp.class,
            GateWaits.class,
            MillionWaiters.class,
            Soak.class,
            Cycles.class
        })
public final class Stress implements Callable<Integer> {
    private Stress() {}

    /**
     * Runs one of them.
     *
     * @param args which, and its options
     */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Stress()).execute(args));
    }

    @Override
    public Integer call() {
        CommandLine.usage(this, System.err);
        return CommandLine.ExitCode.USAGE;
    }
}
