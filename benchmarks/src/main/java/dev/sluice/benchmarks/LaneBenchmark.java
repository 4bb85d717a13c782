package dev.sluice.benchmarks;

import dev.sluice.pool.WorkerPool;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What order costs: a million tasks of about 140 ns for keys at random, to four workers, from one thread. The tasks of {@link
 * #lanes} run in their keys' lanes and check that they are in order; those of {@link #plain} are the same objects and go to
 * the pool as they are.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@OperationsPerInvocation(LaneBenchmark.TASKS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class LaneBenchmark {
    static final int TASKS = 1_000_000;

    /** How many keys there are. */
    @Param({"10000", "100"})
    public int keys;

    private final LongAdder runs = new LongAdder();
    private final LongAdder outOfOrder = new LongAdder();
    private final SplittableRandom random = new SplittableRandom(1);
    private WorkerPool pool;
    private Integer[] boxed;
    private int[] given;
    private int[] seen;
    private long expected;

    /** Makes the pool and the keys. */
    @Setup(Level.Trial)
    public void open() {
        pool = WorkerPool.of(4);
        boxed = new Integer[keys];
        for (int key = 0; key < keys; key++) {
            boxed[key] = key;
        }
        given = new int[keys];
        seen = new int[keys];
    }

    /** Ends the pool. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    private final class Task implements Runnable {
        private final int key;
        private final int number;
        private final boolean inOrder;

        Task(int key, boolean inOrder) {
            this.key = key;
            this.number = ++given[key];
            this.inOrder = inOrder;
        }

        @Override
        public void run() {
            Work.NS_140.run();
            if (inOrder && seen[key] != number - 1) {
                outOfOrder.increment();
            }
            seen[key] = number;
            runs.increment();
        }
    }

    /** Each task in the lane of its key. */
    @Benchmark
    public void lanes() {
        for (int i = 0; i < TASKS; i++) {
            int key = random.nextInt(keys);
            pool.lane(boxed[key]).execute(new Task(key, true));
        }
        awaitRuns();
    }

    /** The same tasks without an order. */
    @Benchmark
    public void plain() {
        for (int i = 0; i < TASKS; i++) {
            pool.execute(new Task(random.nextInt(keys), false));
        }
        awaitRuns();
    }

    private void awaitRuns() {
        expected += TASKS;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (runs.sum() < expected && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(50_000);
        }
        if (runs.sum() != expected || outOfOrder.sum() != 0) {
            throw new IllegalStateException("runs must be " + expected + " but were " + runs.sum() + ", and "
                    + outOfOrder.sum() + " tasks were out of order");
        }
    }
}
