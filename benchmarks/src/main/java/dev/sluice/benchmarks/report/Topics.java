package dev.sluice.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the short profile compares. */
final class Topics {
    private static final String[] QUEUES = {
        "SLUICE_RING",
        "JDK_ARRAY",
        "JDK_LINKED",
        "JDK_TRANSFER",
        "CONVERSANT_DISRUPTOR",
        "CONVERSANT_PUSH_PULL",
        "JOX",
        "JCTOOLS_YIELDING"
    };
    private static final String[] QUEUES_FOR_MANY = {
        "SLUICE_RING", "JDK_ARRAY", "JDK_LINKED", "JDK_TRANSFER", "CONVERSANT_DISRUPTOR", "JOX", "JCTOOLS_YIELDING"
    };
    private static final String[] WORKER_POOLS = {
        "SLUICE_QUEUED", "JDK_THREAD_POOL", "JDK_THREAD_POOL_LINKED", "JDK_FORK_JOIN"
    };
    private static final String[] POOLS = {
        "SLUICE_QUEUED",
        "SLUICE_GATED",
        "SLUICE_GATED_VIRTUAL",
        "JDK_THREAD_POOL",
        "JDK_THREAD_POOL_LINKED",
        "JDK_FORK_JOIN",
        "JDK_VIRTUAL_SEMAPHORE"
    };
    private static final String[] CHAINS = {
        "SLUICE",
        "JDK_THREADS",
        "JDK_THREADS_DRAINING",
        "BATCH_AT_A_TIME",
        "REACTOR",
        "RXJAVA",
        "PEKKO",
        "JOX",
        "DISRUPTOR_BLOCKING",
        "DISRUPTOR_YIELDING",
        "JCTOOLS_YIELDING"
    };
    private static final String[] SPREADS = {
        "SLUICE",
        "JDK_THREADS",
        "BATCH_AT_A_TIME",
        "REACTOR",
        "RXJAVA",
        "PEKKO",
        "JDK_MAP_CONCURRENT",
        "PARALLEL_COLLECTORS"
    };
    private static final String[] UNORDERED_SPREADS = {
        "SLUICE", "JDK_THREADS", "BATCH_AT_A_TIME", "REACTOR", "RXJAVA", "PEKKO", "JOX", "PARALLEL_COLLECTORS"
    };
    private static final String[] GATES = {
        "SLUICE_BOUNDED", "SLUICE_BOUNDED_RUN", "SLUICE_STRICT", "JDK_FAIR", "JDK_UNFAIR", "RESILIENCE4J", "FAILSAFE"
    };

    private Topics() {}

    static List<Topic> all() {
        List<Topic> topics = new ArrayList<>();
        queues(topics);
        pools(topics);
        pipelines(topics);
        gates(topics);
        waiting(topics);
        return topics;
    }

    private static void queues(List<Topic> topics) {
        topics.add(Topic.of("Queue, 1 → 1, capacity 1024", "QueueBenchmark.single", "queue", QUEUES)
                .with("capacity", "1024", "flow", "ONE_TO_ONE"));
        topics.add(
                Topic.of("Queue, 1 → 1, capacity 1024, up to 64 at a time", "QueueBenchmark.batched", "queue", QUEUES)
                        .with("capacity", "1024", "flow", "ONE_TO_ONE"));
        topics.add(Topic.of("Queue, 2 → 2, capacity 1024", "QueueBenchmark.single", "queue", QUEUES_FOR_MANY)
                .with("capacity", "1024", "flow", "TWO_TO_TWO"));
    }

    private static void pools(List<Topic> topics) {
        for (String workers : List.of("2", "8")) {
            topics.add(Topic.of(
                            "Pool, empty tasks, " + workers + " workers", "PoolBenchmark.execute", "pool", WORKER_POOLS)
                    .with("work", "EMPTY", "workers", workers, "submitters", "1"));
            topics.add(Topic.of(
                            "Pool, tasks of 140 ns, " + workers + " workers",
                            "PoolBenchmark.execute",
                            "pool",
                            WORKER_POOLS)
                    .with("work", "NS_140", "workers", workers, "submitters", "1")
                    .beside(bounds("PoolBenchmark", "NS_140")));
        }
        topics.add(Topic.of("Pool, submit, tasks of 140 ns, 2 workers", "PoolBenchmark.submit", "pool", WORKER_POOLS)
                .with("work", "NS_140", "workers", "2", "submitters", "1"));
        topics.add(Topic.of("Pool, tasks of 2 µs, 2 workers", "PoolLongTaskBenchmark.execute", "pool", POOLS)
                .with("work", "US_2", "workers", "2", "submitters", "1")
                .beside(bounds("PoolLongTaskBenchmark", "US_2")));
    }

    private static Figure[] bounds(String benchmark, String work) {
        Map<String, String> params = Map.of("work", work);
        return new Figure[] {
            Figure.of("one core, inline", benchmark + ".inline", params),
            Figure.of("two cores, nothing handed over", benchmark + ".twoThreads", params)
        };
    }

    private static void pipelines(List<Topic> topics) {
        topics.add(Topic.of("Pipeline, 4 hops, no work", "PipelineBenchmark.identity", "pipeline", CHAINS));
        topics.add(Topic.of(
                "Pipeline, stages of 140 ns, 1 µs and 140 ns", "PipelineBenchmark.unequal", "pipeline", CHAINS));
        topics.add(
                Topic.of("Pipeline, 1 µs with 4 workers, ordered", "PipelineBenchmark.ordered", "pipeline", SPREADS));
        topics.add(Topic.of(
                "Pipeline, 1 µs with 4 workers, as they come",
                "PipelineBenchmark.unordered",
                "pipeline",
                UNORDERED_SPREADS));
        topics.add(Topic.of(
                "Pipeline, 1 µs with 4 workers, ordered, one in 1024 takes 100 µs",
                "PipelineBenchmark.slowItems",
                "pipeline",
                SPREADS));
    }

    private static void gates(List<Topic> topics) {
        topics.add(Topic.of("Gate, 1 thread, 1 permit", "GateBenchmark.oneThread", "gate", GATES)
                .with("permits", "1"));
        topics.add(Topic.of("Gate, 8 threads, 1 permit", "GateBenchmark.eightThreads", "gate", GATES)
                .with("permits", "1"));
    }

    private static void waiting(List<Topic> topics) {
        Topic start = Topic.of(
                "Submit to start, 1,000 per second",
                "LatencyBenchmark.submitToStart",
                "pool",
                "SLUICE_QUEUED",
                "JDK_THREAD_POOL");
        Topic through = Topic.of(
                "Item in to out, 1,000 per second",
                "LatencyBenchmark.itemInToOut",
                "pipeline",
                "SLUICE",
                "JDK_THREADS");
        Topic sleep = Topic.of(
                "10,000 tasks that sleep 10 ms, 1,000 at a time",
                "IoBenchmark.sleep",
                "pool",
                "SLUICE_QUEUED",
                "SLUICE_GATED",
                "SLUICE_GATED_VIRTUAL",
                "JDK_THREAD_POOL",
                "JDK_VIRTUAL_SEMAPHORE");
        topics.add(start.in(Topic.Metric.P50));
        topics.add(start.in(Topic.Metric.P99));
        topics.add(through.in(Topic.Metric.P50));
        topics.add(through.in(Topic.Metric.P99));
        topics.add(sleep.in(Topic.Metric.MILLISECONDS));
        topics.add(sleep.in(Topic.Metric.MEMORY));
    }
}
