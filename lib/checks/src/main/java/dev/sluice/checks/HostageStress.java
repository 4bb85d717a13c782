package dev.sluice.checks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineRun;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The work on the second item waits until the sink has seen the first: no result may be held back with a batch. */
@Command(
        name = "hostage",
        mixinStandardHelpOptions = true,
        description = "Pipelines whose second item waits for what the sink does with the first.")
final class HostageStress implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "100000", description = "of each combination; default 10^5")
    private int rounds;

    @Override
    public Integer call() throws InterruptedException {
        for (int workers : new int[] {1, 4}) {
            for (boolean ordered : new boolean[] {false, true}) {
                run(workers, ordered);
            }
        }
        return 0;
    }

    private void run(int workers, boolean ordered) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        String name = workers + " workers, " + (ordered ? "ordered" : "unordered");
        Watch watch = new Watch(name);
        watch.start("runner", () -> {
            for (int i = 0; i < rounds; i++) {
                once(workers, ordered);
                done.lazySet(i);
            }
        });
        watch.awaitAll(done::get);
        System.out.printf("%s: %d rounds, each ended%n", name, rounds);
    }

    private static void once(int workers, boolean ordered) throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        try (PipelineRun<?> run = Pipeline.from(List.of(1, 2, 3, 4, 5, 6, 7, 8))
                .stage(
                        "wait",
                        item -> {
                            if (item == 2) {
                                seen.await();
                            }
                            return item;
                        },
                        stage -> (ordered ? stage.ordered() : stage).workers(workers))
                .forEach("sink", item -> {
                    if (item == 1) {
                        seen.countDown();
                    }
                })
                .start()) {
            run.await();
        }
    }
}
