package dev.sluice.checks;

import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.PipelineStats.Bottleneck;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Pipelines with one known slow place, and balanced ones: is the bottleneck named, and no other? */
@Command(
        name = "bottleneck",
        mixinStandardHelpOptions = true,
        description =
                "Runs random pipelines of which one place is slower than the others, by a little, and balanced ones,"
                        + " and asks each for its bottleneck: half-way and at the end. Wants a machine with nothing else to do.")
final class BottleneckStress implements Callable<Integer> {
    @Option(names = "--seed", description = "of the pipelines; another each time when not given")
    private long seed = System.nanoTime() % 1_000_000;

    @Option(names = "--slow", defaultValue = "20", description = "pipelines with a slow place; default 20")
    private int slow;

    @Option(names = "--balanced", defaultValue = "10", description = "pipelines without one; default 10")
    private int balanced;

    @Option(names = "--factor", defaultValue = "1.5", description = "how much slower the slow place is; default 1.5")
    private double factor;

    @Option(names = "--millis", defaultValue = "1500", description = "how long each runs, about; default 1500")
    private long millis;

    @Option(names = "--verbose", description = "print all tables, not only those of wrong answers")
    private boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        System.out.printf("seed %d; processors %d%n", seed, Runtime.getRuntime().availableProcessors());
        // What the virtual machine does when it is new is not to be measured.
        RandomPipeline.balanced(new Random(seed))
                .build(TimeUnit.SECONDS.toNanos(1))
                .run();
        int wrong = 0;
        Random random = new Random(seed);
        for (int i = 0; i < slow + balanced; i++) {
            RandomPipeline pipeline = i < slow
                    ? RandomPipeline.withSlowPlace(new Random(random.nextLong()), i, factor)
                    : RandomPipeline.balanced(new Random(random.nextLong()));
            wrong += check(i, pipeline) ? 0 : 1;
        }
        System.out.printf("%d of %d wrong%n", wrong, slow + balanced);
        return wrong == 0 ? 0 : 1;
    }

    private boolean check(int number, RandomPipeline pipeline) throws InterruptedException {
        PipelineStats halfWay;
        PipelineStats end;
        try (PipelineRun<?> run =
                pipeline.build(TimeUnit.MILLISECONDS.toNanos(millis)).start()) {
            TimeUnit.MILLISECONDS.sleep(millis / 2);
            halfWay = run.stats();
            run.await();
            end = run.stats();
        }
        boolean right =
                named(halfWay).equals(pipeline.slowPlace()) && named(end).equals(pipeline.slowPlace());
        System.out.printf(
                "%2d %s: %s; named half-way: %s, at the end: %s%n",
                number, right ? "right" : "WRONG", pipeline, named(halfWay), named(end));
        if (!right || verbose) {
            System.out.println(halfWay + "\n" + end);
        } else {
            end.bottleneck().ifPresent(it -> System.out.println("     " + it.reason()));
        }
        return right;
    }

    private static String named(PipelineStats stats) {
        return stats.bottleneck().map(Bottleneck::stage).orElse(RandomPipeline.NONE);
    }
}
