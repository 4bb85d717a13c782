package dev.sluice.benchmarks;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Gives tasks to a pool in which two or eight run at a time, from one or two threads; see {@link PoolKind} for which. How many tasks an
 * invocation has, the classes below this one say: so many that its beginning and its end weigh little.
 *
 * <p>{@link #execute} hands over a {@code Runnable}, always the same, that counts its runs in a {@link LongAdder} (some 8 ns, alike
 * for all, the bounds included); the invocation ends when as many runs have been counted as were handed over. {@link #submit} hands over a
 * {@code Callable}. A submitter keeps its last 4096 handles, more than a pool has under way at a time, and reads a handle's result when
 * it takes that handle's place; so it does not wait for it, but in the pool that is bounded by nothing. All results are read and added up.
 *
 * <p>{@link #inline} runs the same task on the calling thread, {@link #twoThreads} on two without any hand-over: what the
 * work itself takes, and the most that two cores can do. See {@link Work} for its length.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public abstract class PoolTasks {
    private static final Integer ONE = 1;
    private static final int WINDOW = 4096;

    private final int tasks;
    private final LongAdder runs = new LongAdder();
    private long expected;

    private final Runnable task = () -> {
        work().run();
        runs.increment();
    };

    private final Callable<Integer> call = () -> {
        work().run();
        return ONE;
    };

    PoolTasks(int tasks) {
        this.tasks = tasks;
    }

    /** What a task does. */
    abstract Work work();

    /** A pool and who gives it tasks. */
    @State(Scope.Thread)
    public static class Pool {
        /** Which pool. */
        @Param
        public PoolKind pool;

        /** How many tasks may run at a time. */
        @Param({"2", "8"})
        public int workers;

        /** How many threads hand over tasks. */
        @Param({"1", "2"})
        public int submitters;

        private final Future<?>[][] handles = new Future<?>[2][WINDOW];
        private ExecutorService executor;

        /** Makes the pool. */
        @Setup(Level.Trial)
        public void open() {
            executor = pool.pool(workers);
        }

        /**
         * Ends the pool.
         *
         * @throws InterruptedException when the benchmark is stopped
         */
        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            executor.shutdown();
            if (!executor.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("pool must end but did not");
            }
        }
    }

    /**
     * Tasks without a handle.
     *
     * @param pool the pool
     * @throws Exception when a task was lost
     */
    @Benchmark
    public void execute(Pool pool) throws Exception {
        bySubmitters(pool, (submitter, count) -> {
            for (int i = 0; i < count; i++) {
                pool.executor.execute(task);
            }
        });
        awaitRuns();
    }

    /**
     * Tasks with a handle.
     *
     * @param pool the pool
     * @throws Exception when a task failed
     */
    @Benchmark
    public void submit(Pool pool) throws Exception {
        LongAdder results = new LongAdder();
        bySubmitters(pool, (submitter, count) -> results.add(submitAll(pool, pool.handles[submitter], count)));
        expect("results", tasks, results.sum());
    }

    /** Tasks on the calling thread. */
    @Benchmark
    public void inline() {
        for (int i = 0; i < tasks; i++) {
            task.run();
        }
        expected += tasks;
    }

    /**
     * Tasks on two threads that know beforehand which are theirs: what two cores can do when nothing is handed over.
     *
     * @throws Exception when a thread failed
     */
    @Benchmark
    public void twoThreads() throws Exception {
        Crew crew = new Crew();
        for (int thread = 0; thread < 2; thread++) {
            crew.start(() -> {
                for (int i = 0; i < tasks / 2; i++) {
                    task.run();
                }
            });
        }
        crew.join();
        expected += tasks;
    }

    /** When the pool has ended, no more runs may have been counted than there were tasks. */
    @TearDown(Level.Trial)
    public void check() {
        expect("tasks run", expected, runs.sum());
    }

    private interface Submitter {
        void handOver(int submitter, int count) throws Exception;
    }

    private void bySubmitters(Pool pool, Submitter submitter) throws Exception {
        if (pool.submitters == 1) {
            submitter.handOver(0, tasks);
            return;
        }
        Crew crew = new Crew();
        for (int i = 0; i < pool.submitters; i++) {
            int number = i;
            crew.start(() -> submitter.handOver(number, tasks / pool.submitters));
        }
        crew.join();
    }

    private long submitAll(Pool pool, Future<?>[] handles, int count) throws ExecutionException, InterruptedException {
        long results = 0;
        for (int i = 0; i < count; i++) {
            int place = i & (WINDOW - 1);
            if (i >= WINDOW) {
                results += (Integer) handles[place].get();
            }
            handles[place] = pool.executor.submit(call);
        }
        for (int i = 0; i < Math.min(count, WINDOW); i++) {
            results += (Integer) handles[i].get();
        }
        return results;
    }

    /** Waits for what was handed over, in a way that asks nothing of the pool and takes little of a processor from it. */
    private void awaitRuns() {
        expected += tasks;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (runs.sum() < expected && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(50_000);
        }
        expect("tasks run", expected, runs.sum());
    }

    private static void expect(String what, long expected, long actual) {
        if (actual != expected) {
            throw new IllegalStateException(what + " must be " + expected + " but were " + actual);
        }
    }
}
