package dev.sluice.checks;

import dev.sluice.pipeline.OnError;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineBuilder;
import dev.sluice.pipeline.PipelineException;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.Retry;
import dev.sluice.pipeline.StageOptions;
import dev.sluice.pipeline.StageStats;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Chains of stages of random kinds, in which work fails, is tried again, skipped and sent elsewhere, whose stages get other
 * numbers of workers meanwhile, and which are cancelled or drained at a random moment. After each the numbers of each stage add up, and each lost item has been told once.
 */
@Command(name = "pipeline", description = "Random pipelines with failures, retries and cancels: the accounts add up.")
final class PipelineStress implements Callable<Integer> {
    @Option(names = "--items", defaultValue = "10000000", description = "items of all sources together; default 10^7")
    private long items;

    @Option(names = "--seed", description = "of the first pipeline; a random one when not given, and printed")
    private Long seed;

    private record Item(int number) {}

    private record Lost(String stage, Object item) {}

    @Override
    public Integer call() throws InterruptedException {
        long first = seed != null ? seed : ThreadLocalRandom.current().nextInt(1 << 30);
        System.out.printf("seed %d%n", first);
        AtomicLong done = new AtomicLong();
        AtomicLong current = new AtomicLong(first);
        Watch watch = new Watch("pipelines");
        watch.start("runner", () -> {
            while (done.get() < items) {
                done.addAndGet(once(current.getAndIncrement()));
            }
        });
        watch.awaitAll(() -> current.get());
        System.out.printf("%d items through %d pipelines: all accounts add up%n", done.get(), current.get() - first);
        return 0;
    }

    private static long once(long seed) throws InterruptedException {
        Random random = new Random(seed);
        int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 20_000 : 500);
        Queue<Lost> lost = new ConcurrentLinkedQueue<>();
        try (WorkerPool pool = WorkerPool.of(1 + random.nextInt(3))) {
            PipelineBuilder<Item> builder = Pipeline.fromEach(
                            () -> IntStream.range(0, count).mapToObj(Item::new))
                    .onDiscard((item, stage, reason) -> lost.add(new Lost(stage, item)));
            int stages = 1 + random.nextInt(4);
            boolean mayFail = random.nextInt(4) == 0;
            for (int i = 0; i < stages; i++) {
                builder = stage("s" + i, builder, random, pool, mayFail);
            }
            int stopAt = random.nextInt(3) == 0 ? random.nextInt(count) : -1;
            boolean drains = random.nextBoolean();
            AtomicLong written = new AtomicLong();
            boolean pooledSink = random.nextBoolean();
            try (PipelineRun<?> run = builder.forEach("sink", item -> written.incrementAndGet(), s -> {
                        if (pooledSink) {
                            s.pool(pool).workers(2);
                        }
                    })
                    .start()) {
                if (random.nextBoolean()) {
                    resize(run, stages, random);
                }
                end(run, stopAt, drains, written);
                run.close();
                check(seed, run.stats(), lost);
            }
        }
        return count;
    }

    private static PipelineBuilder<Item> stage(
            String name, PipelineBuilder<Item> builder, Random random, WorkerPool pool, boolean mayFail) {
        int failing = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(50);
        int order = random.nextInt(3);
        int workers = 1 + random.nextInt(4);
        int capacity = 1 + random.nextInt(32);
        int kind = random.nextInt(mayFail ? 5 : 3);
        int retries = random.nextInt(3);
        int micros = random.nextInt(3) * 100;
        boolean pooled = random.nextBoolean();
        boolean limited = random.nextInt(4) == 0;
        PipelineBuilder<Item> next = builder.stage(
                name,
                item -> {
                    if (failing > 0 && ThreadLocalRandom.current().nextInt(failing) == 0) {
                        throw new Exception("planned");
                    }
                    return new Item(item.number());
                },
                s -> {
                    options(s, order, workers, capacity, pooled ? pool : null);
                    s.onError(onError(kind));
                    if (retries > 0) {
                        s.retry(Retry.times(retries)
                                .backoff(Duration.ofNanos(1000L * micros))
                                .jitter(0.5));
                    }
                    if (limited) {
                        s.timeLimit(Duration.ofMinutes(1));
                    }
                });
        return switch (random.nextInt(4)) {
            case 0 -> next.filter(item -> item.number() % 3 != 0);
            case 1 ->
                next.flatMap(item -> IntStream.range(0, item.number() % 4)
                        .mapToObj(i -> new Item(item.number()))
                        .toList());
            default -> next;
        };
    }

    private static void options(StageOptions<Item> s, int order, int workers, int capacity, WorkerPool pool) {
        s.workers(workers).resizable().capacity(capacity).window(workers + 1 + capacity);
        if (order == 1) {
            s.ordered();
        } else if (order == 2) {
            s.orderedBy(item -> item.number() % 17).perKey(1 + capacity % 3);
        }
        if (pool != null) {
            s.pool(pool);
        }
    }

    private static OnError onError(int kind) {
        return switch (kind) {
            case 0 -> OnError.skip();
            case 1 -> OnError.deadLetter(letter -> {});
            case 2 ->
                OnError.deadLetter(letter -> {
                    if (letter.item().hashCode() % 2 == 0) {
                        throw new Exception("planned");
                    }
                });
            case 3 -> OnError.fail();
            default -> OnError.failNow();
        };
    }

    /** As long as it runs, but not much longer than the other pipelines take. */
    private static void resize(PipelineRun<?> run, int stages, Random random) {
        for (int i = 0; i < 50 && !run.result().isDone(); i++) {
            // Two are fewer than any window has room for.
            run.stage("s" + random.nextInt(stages)).resize(1 + random.nextInt(2));
            Thread.yield();
        }
    }

    private static void end(PipelineRun<?> run, int stopAt, boolean drains, AtomicLong written)
            throws InterruptedException {
        if (stopAt >= 0) {
            while (written.get() < stopAt && !run.result().isDone()) {
                Thread.onSpinWait();
                Thread.yield();
            }
            if (drains) {
                run.drain(Duration.ofMinutes(1));
            } else {
                run.cancel();
            }
        }
        try {
            run.await();
        } catch (PipelineException | CancellationException e) {
            // One of the ends that were planned; the accounts say whether it was a good one.
            return;
        }
    }

    private static void check(long seed, PipelineStats stats, Queue<Lost> lost) {
        Map<String, Long> told = new HashMap<>();
        Map<String, Map<Object, Boolean>> seen = new HashMap<>();
        for (Lost each : lost) {
            told.merge(each.stage(), 1L, Long::sum);
            Map<Object, Boolean> of = seen.computeIfAbsent(each.stage(), stage -> new IdentityHashMap<>());
            require(of.put(each.item(), true) == null, seed, "told twice: " + each, stats);
        }
        for (int i = 0; i < stats.stages().size(); i++) {
            StageStats s = stats.stages().get(i);
            long fates = s.completed() + s.filtered() + s.skipped() + s.deadLettered() + s.discarded();
            require(s.in() == fates && s.inFlight() == 0, seed, "in of " + s.name(), stats);
            require(s.queued() == 0, seed, "queue of " + s.name(), stats);
            long discards = s.discarded() + s.discardedInQueue();
            require(discards == told.getOrDefault(s.name(), 0L), seed, "told of " + s.name() + ": " + told, stats);
            if (i > 0) {
                long out = stats.stages().get(i - 1).out();
                require(out == s.in() + s.discardedInQueue(), seed, "link before " + s.name(), stats);
            }
        }
    }

    private static void require(boolean holds, long seed, String what, PipelineStats stats) {
        if (!holds) {
            throw new AssertionError("seed " + seed + ": " + what + "\n" + stats);
        }
    }
}
