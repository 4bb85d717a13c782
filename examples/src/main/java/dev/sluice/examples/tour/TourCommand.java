package dev.sluice.examples.tour;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.pipeline.OnError;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pool.Job;
import dev.sluice.pool.OnFailure;
import dev.sluice.pool.Outcome;
import dev.sluice.pool.Outcomes;
import dev.sluice.pool.TaskGroup;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/** The library in a few lines each; the README quotes them. */
@Command(
        name = "tour",
        description = {
            "Runs the few lines that show each part of the library, and prints what they give.",
            "Read it beside its source; the README quotes it."
        },
        mixinStandardHelpOptions = true)
public final class TourCommand implements Runnable {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final List<Shop> shops = List.of(new Shop("north", 19), new Shop("south", 17), new Shop("west", 23));
    private final String item = "kettle";

    /** Somebody who has prices. */
    record Shop(String name, int markup) {
        int priceOf(String item) {
            return item.length() * markup;
        }
    }

    @Override
    public void run() {
        try {
            System.out.println("== a group of tasks with a deadline");
            askTheShops();
            System.out.println("== a pipeline");
            System.out.println(runThePipeline());
            System.out.println("== a bulk of jobs, results as they come");
            runTheBulk(jobs(5));
            System.out.println("== a semaphore in place of a wait group");
            System.out.println(runGated(jobs(5)) + " done");
            System.out.println("== a gate around code that has threads of its own");
            guard(Gate.of(1), () -> System.out.println("alone"));
            System.out.println("== where the time goes");
            System.out.println(watch());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            System.out.println("interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void askTheShops() throws InterruptedException, ExecutionException {
        try (WorkerPool pool = WorkerPool.of(8);
                TaskGroup<Integer> group = pool.group(OnFailure.FAIL_FAST, Duration.ofSeconds(2))) {
            for (Shop shop : shops) {
                group.submit(() -> shop.priceOf(item));
            }
            for (Outcome<Integer> price : group.outcomes()) {
                System.out.println(price.orElseThrow());
            }
            group.join();
        }
    }

    private static List<Integer> runThePipeline() throws InterruptedException {
        List<String> lines = List.of("7", "seven", "35");
        return Pipeline.from(lines)
                .stage("parse", Integer::parseInt, s -> s.workers(4).ordered().onError(OnError.skip()))
                .filter(number -> number % 7 == 0)
                .stage("enrich", number -> number / 7)
                .collect(Collectors.toList())
                .run();
    }

    private static List<Job<Integer>> jobs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Job.<Integer>of("job-" + i, () -> 100 / i)
                        .type("division")
                        .metadata(Map.of("divisor", i)))
                .toList();
    }

    private static void runTheBulk(Iterable<Job<Integer>> jobs) {
        try (WorkerPool pool = WorkerPool.of(4);
                Outcomes<Integer> outcomes = pool.outcomes(jobs)) {
            for (Outcome<Integer> outcome : outcomes) {
                System.out.println(outcome);
            }
        }
    }

    private static long runGated(List<Job<Integer>> jobs) throws InterruptedException {
        Gate gate = Gate.of(3);
        try (WorkerPool pool = WorkerPool.gated(gate)) {
            jobs.forEach(pool::submit); // a permit is taken here, and given back when the job has ended
            pool.awaitIdle(MINUTE); // every permit is home
            return pool.stats().succeeded() + pool.stats().failed();
        }
    }

    private static void guard(Gate gate, Runnable task) throws InterruptedException {
        try (Permit permit = gate.acquire()) {
            task.run();
        }
    }

    private static PipelineStats watch() throws InterruptedException {
        Pipeline<Void> pipeline = Pipeline.fromEach(
                        () -> IntStream.range(0, 100_000).boxed())
                .name("digits")
                .stage("spell", Integer::toBinaryString, s -> s.workers(2))
                .batch(500, Duration.ofMillis(50))
                .forEach("count", batch -> {});
        try (PipelineRun<Void> run = pipeline.start()) {
            run.await();
            return run.stats();
        }
    }
}
