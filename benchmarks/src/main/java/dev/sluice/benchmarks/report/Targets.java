package dev.sluice.benchmarks.report;

import dev.sluice.benchmarks.report.Target.Figure;
import java.util.List;
import java.util.Map;

/** What Sluice sets itself as targets, and what has to run to know. */
final class Targets {
    private static final String QUEUE = "QueueBenchmark.single";
    private static final String IDENTITY = "PipelineBenchmark.identity";
    private static final String EXECUTE = "PoolBenchmark.execute";
    private static final String SUBMIT = "PoolBenchmark.submit";
    private static final String BOUND = "PoolBenchmark.twoThreads";

    private Targets() {}

    static List<Selection> selections() {
        return List.of(
                Selection.of(QUEUE).with("capacity", "1024").with("flow", "ONE_TO_ONE"),
                Selection.of(IDENTITY),
                Selection.of(EXECUTE)
                        .with("work", "EMPTY", "NS_140", "US_2")
                        .with("pool", "SLUICE_QUEUED", "JDK_THREAD_POOL"),
                Selection.of(SUBMIT)
                        .with("work", "NS_140")
                        .with("workers", "2")
                        .with("pool", "SLUICE_QUEUED", "JDK_THREAD_POOL"),
                Selection.of(BOUND).with("work", "NS_140", "US_2"));
    }

    static List<Target> all() {
        Figure pipeline = pipeline("SLUICE");
        return List.of(
                Target.of("queue 1→1, capacity 1024", 3, queue("SLUICE_RING"), queue("JDK_ARRAY")),
                Target.of(
                        "queue 1→1, capacity 1024, the best that blocks",
                        1.2,
                        queue("SLUICE_RING"),
                        queue("JDK_ARRAY"),
                        queue("JDK_LINKED"),
                        queue("JDK_TRANSFER"),
                        queue("CONVERSANT_DISRUPTOR"),
                        queue("CONVERSANT_PUSH_PULL"),
                        queue("JOX")),
                Target.of("pipeline, 4 hops", 6, pipeline, pipeline("JDK_THREADS")),
                Target.of(
                        "pipeline, 4 hops, the best library",
                        2.5,
                        pipeline,
                        pipeline("REACTOR"),
                        pipeline("RXJAVA"),
                        pipeline("PEKKO"),
                        pipeline("JOX")),
                Target.of("pipeline, 4 hops, spinning rings", 0.8, pipeline, pipeline("JCTOOLS_YIELDING")),
                execute("empty", "EMPTY", 2, 3.5),
                execute("empty", "EMPTY", 8, 3),
                execute("140 ns", "NS_140", 2, 1.9),
                execute("140 ns", "NS_140", 8, 1.9),
                bound("140 ns", "NS_140", 2, 0.6),
                bound("140 ns", "NS_140", 8, 0.6),
                bound("2 µs", "US_2", 2, 0.9),
                bound("2 µs", "US_2", 8, 0.9),
                Target.of(
                        "pool submit, 140 ns, 2 workers",
                        1.7,
                        pool(SUBMIT, "SLUICE_QUEUED", "NS_140", 2),
                        pool(SUBMIT, "JDK_THREAD_POOL", "NS_140", 2)));
    }

    private static Figure queue(String queue) {
        return new Figure(queue, QUEUE, Map.of("queue", queue, "capacity", "1024", "flow", "ONE_TO_ONE"));
    }

    private static Figure pipeline(String pipeline) {
        return new Figure(pipeline, IDENTITY, Map.of("pipeline", pipeline));
    }

    private static Figure pool(String benchmark, String pool, String work, int workers) {
        return new Figure(pool, benchmark, Map.of("pool", pool, "work", work, "workers", "" + workers));
    }

    private static Target execute(String length, String work, int workers, double least) {
        return Target.of(
                "pool execute, " + length + ", " + workers + " workers",
                least,
                pool(EXECUTE, "SLUICE_QUEUED", work, workers),
                pool(EXECUTE, "JDK_THREAD_POOL", work, workers));
    }

    private static Target bound(String length, String work, int workers, double least) {
        return Target.of(
                "pool execute, " + length + ", " + workers + " workers, of two cores' bound",
                least,
                pool(EXECUTE, "SLUICE_QUEUED", work, workers),
                new Figure("two threads", BOUND, Map.of("work", work)));
    }
}
