package dev.sluice.benchmarks.report;

import dev.sluice.benchmarks.report.Target.Figure;
import java.util.List;
import java.util.Map;

/** What Sluice sets itself as targets, and what has to run to know. */
final class Targets {
    private static final String QUEUE = "QueueBenchmark.single";
    private static final String IDENTITY = "PipelineBenchmark.identity";
    private static final String POOL = "PoolBenchmark.";
    private static final String LONG_TASK_POOL = "PoolLongTaskBenchmark.";

    private Targets() {}

    static List<Selection> selections() {
        return List.of(
                Selection.of(QUEUE).with("capacity", "1024").with("flow", "ONE_TO_ONE"),
                Selection.of(IDENTITY)
                        .with(
                                "pipeline",
                                "SLUICE",
                                "JDK_THREADS",
                                "REACTOR",
                                "RXJAVA",
                                "PEKKO",
                                "JOX",
                                "DISRUPTOR_BLOCKING",
                                "DISRUPTOR_YIELDING",
                                "JCTOOLS_YIELDING"),
                pool(POOL + "execute").with("work", "EMPTY", "NS_140"),
                pool(POOL + "submit").with("work", "NS_140").with("workers", "2"),
                Selection.of(POOL + "twoThreads").with("work", "NS_140"),
                pool(LONG_TASK_POOL + "execute").with("work", "US_2"),
                Selection.of(LONG_TASK_POOL + "twoThreads").with("work", "US_2"));
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
                Target.of(
                        "pipeline, 4 hops, spinning rings (only reported)", 0, pipeline, pipeline("JCTOOLS_YIELDING")),
                Target.of(
                        "pipeline, 4 hops, Disruptor (only reported)",
                        0,
                        pipeline,
                        pipeline("DISRUPTOR_BLOCKING"),
                        pipeline("DISRUPTOR_YIELDING")),
                execute("empty", "EMPTY", 2, 3.5),
                execute("empty", "EMPTY", 8, 3),
                execute("140 ns", "NS_140", 2, 1.9),
                execute("140 ns", "NS_140", 8, 1.9),
                bound("140 ns", POOL, "NS_140", 2, 0.6),
                bound("140 ns", POOL, "NS_140", 8, 0.6),
                bound("2 µs", LONG_TASK_POOL, "US_2", 2, 0.9),
                bound("2 µs", LONG_TASK_POOL, "US_2", 8, 0.9),
                Target.of(
                        "pool submit, 140 ns, 2 workers",
                        1.7,
                        pool(POOL + "submit", "SLUICE_QUEUED", "NS_140", 2),
                        pool(POOL + "submit", "JDK_THREAD_POOL", "NS_140", 2)));
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
                pool(POOL + "execute", "SLUICE_QUEUED", work, workers),
                pool(POOL + "execute", "JDK_THREAD_POOL", work, workers));
    }

    private static Target bound(String length, String benchmark, String work, int workers, double least) {
        return Target.of(
                "pool execute, " + length + ", " + workers + " workers, of two cores' bound",
                least,
                pool(benchmark + "execute", "SLUICE_QUEUED", work, workers),
                new Figure("two threads", benchmark + "twoThreads", Map.of("work", work)));
    }

    private static Selection pool(String benchmark) {
        return Selection.of(benchmark)
                .with("pool", "SLUICE_QUEUED", "JDK_THREAD_POOL")
                .with("submitters", "1");
    }
}
