package dev.sluice.benchmarks.report;

import dev.sluice.benchmarks.report.Target.AtMost;
import dev.sluice.benchmarks.report.Target.Faster;
import dev.sluice.benchmarks.report.Target.NoSlower;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What Sluice sets itself as targets, and what has to run to know. */
final class Targets {
    private static final String QUEUE = "QueueBenchmark.single";
    private static final String IDENTITY = "PipelineBenchmark.identity";
    private static final String ORDERED = "PipelineBenchmark.ordered";
    private static final String UNORDERED = "PipelineBenchmark.unordered";
    private static final String WAITING = "WaitingItemsBenchmark.ordered";
    private static final String POOL = "PoolBenchmark.";
    private static final String LONG_TASK_POOL = "PoolLongTaskBenchmark.";
    private static final String CROWD = "GateBenchmark.eightThreads";
    private static final String ALONE = "GateBenchmark.oneThread";
    private static final String START = "LatencyBenchmark.submitToStart";
    private static final String THROUGH = "LatencyBenchmark.itemInToOut";

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
                Selection.of(ORDERED).with("pipeline", "SLUICE"),
                Selection.of(UNORDERED).with("pipeline", "SLUICE"),
                Selection.of(WAITING).with("pipeline", "SLUICE", "JDK_MAP_CONCURRENT"),
                pools(POOL + "execute").with("submitters", "1").with("work", "EMPTY", "NS_140"),
                pools(POOL + "submit")
                        .with("submitters", "1")
                        .with("work", "NS_140")
                        .with("workers", "2"),
                Selection.of(POOL + "twoThreads").with("work", "NS_140"),
                pools(LONG_TASK_POOL + "execute").with("submitters", "1").with("work", "US_2"),
                Selection.of(LONG_TASK_POOL + "twoThreads").with("work", "US_2"),
                Selection.of(CROWD)
                        .with("permits", "1", "4")
                        .with(
                                "gate",
                                "SLUICE_BOUNDED",
                                "SLUICE_BOUNDED_RUN",
                                "SLUICE_STRICT",
                                "JDK_FAIR",
                                "JDK_UNFAIR"),
                Selection.of(ALONE)
                        .with("permits", "1")
                        .with("gate", "SLUICE_BOUNDED", "SLUICE_BOUNDED_RUN", "JDK_FAIR", "JDK_UNFAIR"),
                pools(START),
                pipelines(THROUGH),
                pools("IdleBenchmark.pool").once(),
                pipelines("IdleBenchmark.pipeline").once());
    }

    static List<Target> all() {
        List<Target> targets = new ArrayList<>();
        queue(targets);
        pipeline(targets);
        pool(targets);
        gate(targets);
        latency(targets);
        rest(targets);
        return targets;
    }

    private static void queue(List<Target> targets) {
        String work = "queue 1→1, capacity 1024";
        Figure ours = queue("SLUICE_RING");
        targets.add(faster(work, 3, ours, queue("JDK_ARRAY")));
        targets.add(faster(
                work + ", the best that blocks",
                1.2,
                ours,
                queue("JDK_ARRAY"),
                queue("JDK_LINKED"),
                queue("JDK_TRANSFER"),
                queue("CONVERSANT_DISRUPTOR"),
                queue("CONVERSANT_PUSH_PULL"),
                queue("JOX")));
        targets.add(faster(work + ", yielding rings", 0, ours, queue("JCTOOLS_YIELDING")));
    }

    private static void pipeline(List<Target> targets) {
        String work = "pipeline, 4 hops";
        Figure ours = pipeline(IDENTITY, "SLUICE");
        targets.add(faster(work, 6, ours, pipeline(IDENTITY, "JDK_THREADS")));
        targets.add(faster(
                work + ", the best library",
                2.5,
                ours,
                pipeline(IDENTITY, "REACTOR"),
                pipeline(IDENTITY, "RXJAVA"),
                pipeline(IDENTITY, "PEKKO"),
                pipeline(IDENTITY, "JOX")));
        targets.add(faster(
                work + ", Disruptor",
                0,
                ours,
                pipeline(IDENTITY, "DISRUPTOR_BLOCKING"),
                pipeline(IDENTITY, "DISRUPTOR_YIELDING")));
        targets.add(faster(work + ", yielding rings", 0, ours, pipeline(IDENTITY, "JCTOOLS_YIELDING")));
        targets.add(faster(
                "ordered, 1 µs, 4 workers, of what it is unordered",
                0.8,
                pipeline(ORDERED, "SLUICE"),
                pipeline(UNORDERED, "SLUICE")));
        targets.add(faster(
                "ordered, items that wait for 1 ms, some for 100, 32 at a time",
                2.5,
                pipeline(WAITING, "SLUICE"),
                pipeline(WAITING, "JDK_MAP_CONCURRENT")));
    }

    private static void pool(List<Target> targets) {
        for (String workers : List.of("2", "8")) {
            String after = ", " + workers + " workers";
            targets.add(pool("execute, empty" + after, "execute", "EMPTY", workers, workers.equals("2") ? 3.5 : 3));
            targets.add(pool("execute, 140 ns" + after, "execute", "NS_140", workers, 1.9));
            targets.add(bound("execute, 140 ns" + after, POOL, "NS_140", workers, 0.6));
            targets.add(bound("execute, 2 µs" + after, LONG_TASK_POOL, "US_2", workers, 0.9));
        }
        targets.add(pool("submit, 140 ns, 2 workers", "submit", "NS_140", "2", 1.7));
    }

    /** Where nobody waits, 1.2 and 1.6 times the time of a semaphore are allowed; here as visits in a second. */
    private static void gate(List<Target> targets) {
        for (String permits : List.of("1", "4")) {
            String crowd = "gate, 8 threads, " + permits + (permits.equals("1") ? " permit" : " permits");
            for (String ours : List.of("SLUICE_BOUNDED_RUN", "SLUICE_BOUNDED")) {
                String way = ours.endsWith("RUN") ? ", run" : ", acquire and close";
                targets.add(crowd(crowd + way, permits, 50, ours, "JDK_FAIR"));
                targets.add(crowd(crowd + way + ", the unfair one", permits, 0.5, ours, "JDK_UNFAIR"));
            }
            targets.add(crowd(crowd + ", strict", permits, 1, "SLUICE_STRICT", "JDK_FAIR"));
        }
        String alone = "gate, nobody waits, ";
        Figure run = gate(ALONE, "SLUICE_BOUNDED_RUN", "1");
        Figure acquire = gate(ALONE, "SLUICE_BOUNDED", "1");
        Figure[] semaphores = {gate(ALONE, "JDK_FAIR", "1"), gate(ALONE, "JDK_UNFAIR", "1")};
        targets.add(faster(alone + "run", 1 / 1.2, run, semaphores));
        targets.add(faster(alone + "acquire and close", 1 / 1.6, acquire, semaphores));
        targets.add(new AtMost(
                "allocation, " + alone + "run",
                0.01,
                "B/element",
                run.metric(Figure.ALLOCATION),
                semaphores[1].metric(Figure.ALLOCATION)));
        targets.add(new AtMost(
                "allocation, " + alone + "acquire and close",
                24.01,
                "B/element",
                acquire.metric(Figure.ALLOCATION),
                semaphores[1].metric(Figure.ALLOCATION)));
    }

    private static Target crowd(String work, String permits, double least, String ours, String peer) {
        return faster(work, least, gate(CROWD, ours, permits), gate(CROWD, peer, permits));
    }

    private static Figure gate(String benchmark, String gate, String permits) {
        return Figure.of(gate, benchmark, Map.of("gate", gate, "permits", permits));
    }

    private static void latency(List<Target> targets) {
        for (String percentile : List.of("p50", "p99")) {
            Figure start = Figure.of("SLUICE_QUEUED", START, Map.of("pool", "SLUICE_QUEUED"));
            Figure theirs = Figure.of("JDK_THREAD_POOL", START, Map.of("pool", "JDK_THREAD_POOL"));
            targets.add(new NoSlower(
                    "submit to start, 1,000 per second, " + percentile,
                    start.metric(percentile),
                    theirs.metric(percentile)));
        }
        for (String percentile : List.of("p50", "p99")) {
            targets.add(new NoSlower(
                    "item in to out, 1,000 per second, " + percentile,
                    pipeline(THROUGH, "SLUICE").metric(percentile),
                    pipeline(THROUGH, "JDK_THREADS").metric(percentile)));
        }
    }

    /** What an invocation allocates once, it allocates for all of its elements: a small part of a byte for each. */
    private static void rest(List<Target> targets) {
        targets.add(new AtMost(
                "allocation, pool execute",
                0.5,
                "B/element",
                pool("execute", "SLUICE_QUEUED", "NS_140", "2").metric(Figure.ALLOCATION),
                pool("execute", "JDK_THREAD_POOL", "NS_140", "2").metric(Figure.ALLOCATION)));
        targets.add(new AtMost(
                "allocation, pipeline, all 4 hops",
                0.5,
                "B/element",
                pipeline(IDENTITY, "SLUICE").metric(Figure.ALLOCATION),
                pipeline(IDENTITY, "JDK_THREADS").metric(Figure.ALLOCATION)));
        String idle = "IdleBenchmark.";
        targets.add(new AtMost(
                "idle pool, processor time in 10 s",
                1000,
                "µs",
                Figure.of("SLUICE_QUEUED", idle + "pool", Map.of("pool", "SLUICE_QUEUED"))
                        .metric("cpuMicros"),
                Figure.of("JDK_THREAD_POOL", idle + "pool", Map.of("pool", "JDK_THREAD_POOL"))
                        .metric("cpuMicros")));
        targets.add(new AtMost(
                "idle pipeline, processor time in 10 s",
                1000,
                "µs",
                pipeline(idle + "pipeline", "SLUICE").metric("cpuMicros"),
                pipeline(idle + "pipeline", "JDK_THREADS").metric("cpuMicros")));
    }

    private static Target faster(String work, double least, Figure ours, Figure... peers) {
        return new Faster(work, least, ours, Arrays.asList(peers));
    }

    private static Target pool(String name, String method, String work, String workers, double least) {
        return faster(
                "pool " + name,
                least,
                pool(method, "SLUICE_QUEUED", work, workers),
                pool(method, "JDK_THREAD_POOL", work, workers));
    }

    private static Target bound(String name, String benchmark, String work, String workers, double least) {
        Map<String, String> params =
                Map.of("pool", "SLUICE_QUEUED", "work", work, "workers", workers, "submitters", "1");
        return faster(
                "pool " + name + ", of what two cores can do",
                least,
                Figure.of("SLUICE_QUEUED", benchmark + "execute", params),
                Figure.of("two threads", benchmark + "twoThreads", Map.of("work", work)));
    }

    private static Figure queue(String queue) {
        return Figure.of(queue, QUEUE, Map.of("queue", queue, "capacity", "1024", "flow", "ONE_TO_ONE"));
    }

    private static Figure pipeline(String benchmark, String pipeline) {
        return Figure.of(pipeline, benchmark, Map.of("pipeline", pipeline));
    }

    private static Figure pool(String method, String pool, String work, String workers) {
        return Figure.of(
                pool, POOL + method, Map.of("pool", pool, "work", work, "workers", workers, "submitters", "1"));
    }

    private static Selection pools(String benchmark) {
        return Selection.of(benchmark).with("pool", "SLUICE_QUEUED", "JDK_THREAD_POOL");
    }

    private static Selection pipelines(String benchmark) {
        return Selection.of(benchmark).with("pipeline", "SLUICE", "JDK_THREADS");
    }
}
