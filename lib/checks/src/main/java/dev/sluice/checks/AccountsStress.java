package dev.sluice.checks;

import dev.sluice.gate.Gate;
import dev.sluice.pool.Job;
import dev.sluice.pool.OnFull;
import dev.sluice.pool.PoolStats;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Tasks that succeed, fail, are cancelled, refused and dropped at random, in pools that are resized and closed meanwhile. The
 * accounts add up in every snapshot, every handle becomes terminal, and each kind of ending happens often.
 */
@Command(
        name = "accounts",
        mixinStandardHelpOptions = true,
        description = "10^7 tasks with random ends; the accounts add up at every moment.")
final class AccountsStress implements Callable<Integer> {
    private static final int SUBMITTERS = 3;
    private static final int ROUND = 50_000;
    private static final int ROUND_OF_THREADS = 3_000;
    private static final OnFull[] POLICIES = OnFull.values();

    @Option(names = "--tasks", defaultValue = "10000000", description = "default 10^7")
    private long tasks;

    @Option(names = "--least", defaultValue = "100000", description = "of each ending; default 10^5")
    private long least;

    @Option(names = "--seed", defaultValue = "0", description = "of all that is random; default 0")
    private long seed;

    private final AtomicLong progress = new AtomicLong();
    private final AtomicLong snapshots = new AtomicLong();
    private long submitted;
    private long succeeded;
    private long failed;
    private long cancelled;
    private long rejected;
    private long dropped;

    @Override
    public Integer call() throws Exception {
        long start = System.nanoTime();
        for (int round = 0; submitted < tasks; round++) {
            // Platform threads are dear: the gated pools get their turn, and a small one.
            boolean gated = round % 8 == 7;
            round(gated, round, new Random(1_000_003 * seed + round));
        }
        System.out.printf(
                "accounts, seed %d: %d tasks: %d succeeded, %d failed, %d cancelled, %d rejected, %d dropped;"
                        + " %d snapshots added up; %.0f s%n",
                seed,
                submitted,
                succeeded,
                failed,
                cancelled,
                rejected,
                dropped,
                snapshots.get(),
                (System.nanoTime() - start) / 1e9);
        for (long ending : new long[] {succeeded, failed, cancelled, rejected, dropped}) {
            QueueStress.require(ending >= least, "an ending was too rare: " + ending);
        }
        return 0;
    }

    private void round(boolean gated, int round, Random random) throws Exception {
        WorkerPool pool = pool(gated, POLICIES[round % POLICIES.length], random);
        String name = "accounts, round " + round + ", " + pool;
        Watch watch = new Watch(name);
        AtomicLong calls = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        List<TaskHandle<?>> handles = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < SUBMITTERS; i++) {
            Random own = new Random(random.nextLong());
            watch.start("submitter " + i, () -> submitAll(pool, gated, own, calls, handles));
        }
        Watch looks = new Watch(name);
        looks.start("looks", () -> {
            Random own = new Random(round);
            while (!over.get()) {
                addsUp(pool.stats());
                pool.resize(1 + own.nextInt(4));
                Thread.yield();
            }
        });
        watch.awaitAll(progress::get);
        QueueStress.require(pool.awaitIdle(Duration.ofMinutes(1)), "never idle: " + pool);
        PoolStats idle = addsUp(pool.stats());
        QueueStress.require(idle.queued() == 0 && idle.running() == 0 && idle.waiting() == 0, "not idle: " + idle);
        over.set(true);
        looks.awaitAll(progress::get);
        close(pool, random, calls, handles);
        check(pool, calls.get(), handles);
    }

    private WorkerPool pool(boolean gated, OnFull policy, Random random) {
        int width = 1 + random.nextInt(4);
        if (gated) {
            boolean allowed = policy != OnFull.CALLER_RUNS && policy != OnFull.DROP_OLDEST;
            return WorkerPool.builder()
                    .gate(Gate.of(width))
                    .onFull(allowed ? policy : OnFull.BLOCK)
                    .build();
        }
        WorkerPool.Builder builder = WorkerPool.builder()
                .workers(width)
                .queueCapacity(1 << random.nextInt(8))
                .onFull(policy);
        if (random.nextInt(4) == 0) {
            builder.keepAlive(Duration.ofNanos(50_000));
        }
        if (random.nextInt(4) == 0) {
            builder.queueTimeout(Duration.ofNanos(100_000));
        }
        return builder.build();
    }

    private void submitAll(
            WorkerPool pool, boolean gated, Random random, AtomicLong calls, List<TaskHandle<?>> handles) {
        List<TaskHandle<?>> mine = new ArrayList<>();
        int count = (gated ? ROUND_OF_THREADS : ROUND) / SUBMITTERS;
        for (int i = 0; i < count; i++) {
            submit(pool, random, calls).ifPresent(mine::add);
            if (random.nextInt(4) == 0 && !mine.isEmpty()) {
                int recent = mine.size() - 1 - random.nextInt(Math.min(8, mine.size()));
                mine.get(recent).cancel(random.nextBoolean());
            }
            progress.incrementAndGet();
        }
        handles.addAll(mine);
    }

    private Optional<TaskHandle<?>> submit(WorkerPool pool, Random random, AtomicLong calls) {
        boolean fails = random.nextInt(5) == 0;
        int yields = random.nextInt(3);
        Callable<Integer> work = () -> {
            for (int i = 0; i < yields; i++) {
                Thread.yield();
            }
            if (fails) {
                throw new IllegalStateException("as planned");
            }
            return 1;
        };
        calls.incrementAndGet();
        try {
            switch (random.nextInt(8)) {
                case 0:
                    return pool.trySubmit(work).map(handle -> handle);
                case 1:
                    pool.execute(() -> Thread.yield());
                    return Optional.empty();
                case 2:
                    return Optional.of(pool.submit(Job.of("limited", work).timeLimit(Duration.ofMillis(1))));
                case 3:
                    return Optional.of(inLane(pool, random, work));
                default:
                    return Optional.of(pool.submit(work));
            }
        } catch (RejectedExecutionException e) {
            return Optional.empty();
        }
    }

    private static TaskHandle<?> inLane(WorkerPool pool, Random random, Callable<Integer> work) {
        try {
            return pool.lane(random.nextInt(20)).submit(work);
        } catch (IllegalStateException e) { // CALLER_RUNS has no lanes
            return pool.submit(work);
        }
    }

    /** Closes it while tasks are under way, in one of the ways. */
    private void close(WorkerPool pool, Random random, AtomicLong calls, List<TaskHandle<?>> handles) throws Exception {
        Watch late = new Watch("late submitter of " + pool);
        Random own = new Random(random.nextLong());
        late.start("late", () -> {
            for (int i = 0; i < 50; i++) {
                submit(pool, own, calls).ifPresent(handles::add);
            }
        });
        switch (random.nextInt(3)) {
            case 0 -> pool.close();
            case 1 -> pool.shutdownNow();
            default -> QueueStress.require(pool.close(Duration.ofMinutes(1)).isClean(), "left over: " + pool);
        }
        late.awaitAll(progress::get);
        pool.close();
    }

    private void check(WorkerPool pool, long calls, List<TaskHandle<?>> handles) {
        PoolStats stats = addsUp(pool.stats());
        QueueStress.require(stats.submitted() == calls, calls + " calls, but " + stats);
        for (TaskHandle<?> handle : handles) {
            QueueStress.require(handle.isDone(), "pending after the end: " + handle);
        }
        submitted += stats.submitted();
        succeeded += stats.succeeded();
        failed += stats.failed();
        cancelled += stats.cancelled();
        rejected += stats.rejected();
        dropped += stats.dropped();
    }

    private PoolStats addsUp(PoolStats stats) {
        snapshots.incrementAndGet();
        QueueStress.require(
                stats.submitted()
                        == stats.succeeded()
                                + stats.failed()
                                + stats.cancelled()
                                + stats.rejected()
                                + stats.dropped()
                                + stats.queued()
                                + stats.running(),
                "does not add up: " + stats);
        return stats;
    }
}
