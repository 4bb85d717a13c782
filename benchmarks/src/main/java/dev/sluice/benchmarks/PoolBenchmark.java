package dev.sluice.benchmarks;

import dev.sluice.gate.Gate;
import dev.sluice.pool.WorkerPool;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
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
 * Gives tasks to a pool in which two or eight run at a time, from one thread: {@link WorkerPool} with a queue of 1024, the
 * gated variant (no queue, a platform thread for each task), {@link ThreadPoolExecutor} with threads started beforehand,
 * an {@link ArrayBlockingQueue} or {@link LinkedBlockingQueue} of 1024, and a handler that waits for room when it is full. So
 * a submitter that is too fast waits in all of these; in a {@link ForkJoinPool} it does not.
 *
 * <p>{@link #execute} hands over a {@code Runnable}; {@link #submit} a {@code Callable}, whose handle is kept and asked for its
 * result. {@link #inline} runs the same task on the calling thread, {@link #twoThreads} on two without any hand-over: what
 * the work itself takes, and the most that two cores can do. See {@link Work} for its length.
 *
 * <p>An invocation hands over 100,000 tasks and waits until as many have counted themselves; the results of {@code submit} must
 * add up to that, too. When the pool has ended, no more may have been counted than were handed over.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class PoolBenchmark {
    private static final int TASKS = 100_000;
    private static final int CAPACITY = 1024;

    /** The pools that are compared. */
    public enum Kind {
        /** Ours, with workers and a queue. */
        SLUICE_QUEUED {
            @Override
            ExecutorService pool(int workers) {
                return WorkerPool.builder()
                        .workers(workers)
                        .queueCapacity(CAPACITY)
                        .build();
            }
        },
        /** Ours, with a thread for each task. */
        SLUICE_GATED {
            @Override
            ExecutorService pool(int workers) {
                return WorkerPool.gated(Gate.of(workers));
            }
        },
        /** The JDK's. */
        JDK_THREAD_POOL {
            @Override
            ExecutorService pool(int workers) {
                ThreadPoolExecutor pool = new ThreadPoolExecutor(
                        workers,
                        workers,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(CAPACITY),
                        PoolBenchmark::waitForRoom);
                pool.prestartAllCoreThreads();
                return pool;
            }
        },
        /** The JDK's with the queue that {@code Executors.newFixedThreadPool} takes, bounded. */
        JDK_THREAD_POOL_LINKED {
            @Override
            ExecutorService pool(int workers) {
                ThreadPoolExecutor pool = new ThreadPoolExecutor(
                        workers,
                        workers,
                        0,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(CAPACITY),
                        PoolBenchmark::waitForRoom);
                pool.prestartAllCoreThreads();
                return pool;
            }
        },
        /** Bounded by nothing: its submitter never waits, and its queue grows. */
        JDK_FORK_JOIN {
            @Override
            ExecutorService pool(int workers) {
                return new ForkJoinPool(workers);
            }
        };

        abstract ExecutorService pool(int workers);
    }

    /** What a task does. */
    @State(Scope.Thread)
    public static class Load {
        /** For how long. */
        @Param
        public Work work;

        private final LongAdder runs = new LongAdder();

        final Runnable task = this::run;

        final Callable<Integer> call = () -> {
            run();
            return 1;
        };

        long runs() {
            return runs.sum();
        }

        private void run() {
            work.run();
            runs.increment();
        }
    }

    /** A pool and what was handed to it; not two states, since JMH would give each use of a thread's state its own object. */
    @State(Scope.Thread)
    public static class Pool extends Load {
        /** Which pool. */
        @Param
        public Kind pool;

        /** How many tasks may run at a time. */
        @Param({"2", "8"})
        public int workers;

        private final Future<?>[] handles = new Future<?>[TASKS];
        private ExecutorService executor;
        private long handedOver;

        /** Makes the pool. */
        @Setup(Level.Trial)
        public void open() {
            executor = pool.pool(workers);
        }

        /**
         * Ends the pool; only then is it certain that no task ran twice.
         *
         * @throws InterruptedException when the benchmark is stopped
         */
        @TearDown(Level.Trial)
        public void close() throws InterruptedException {
            executor.shutdown();
            if (!executor.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("pool must end but did not");
            }
            expect("tasks run", handedOver, runs());
        }

        /** Waits for what was handed over, in a way that asks nothing of the pool and takes no processor from it. */
        private void awaitRuns() {
            handedOver += TASKS;
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (runs() < handedOver && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(20_000);
            }
            expect("tasks run", handedOver, runs());
        }
    }

    /**
     * Tasks without a handle.
     *
     * @param pool the pool and its task
     */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public void execute(Pool pool) {
        for (int i = 0; i < TASKS; i++) {
            pool.executor.execute(pool.task);
        }
        pool.awaitRuns();
    }

    /**
     * Tasks with a handle.
     *
     * @param pool the pool and its task
     * @throws Exception when a task failed
     */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public void submit(Pool pool) throws Exception {
        for (int i = 0; i < TASKS; i++) {
            pool.handles[i] = pool.executor.submit(pool.call);
        }
        pool.awaitRuns();
        long results = 0;
        for (Future<?> handle : pool.handles) {
            results += (Integer) handle.get();
        }
        expect("results", TASKS, results);
    }

    /**
     * Tasks on the calling thread.
     *
     * @param load the task
     */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public void inline(Load load) {
        for (int i = 0; i < TASKS; i++) {
            load.task.run();
        }
    }

    /**
     * Tasks on two threads that know beforehand which are theirs: what two cores can do when nothing is handed over.
     *
     * @param load the task
     * @throws Exception when a thread failed
     */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public void twoThreads(Load load) throws Exception {
        Crew crew = new Crew();
        Work work = load.work;
        for (int thread = 0; thread < 2; thread++) {
            crew.start(() -> {
                Load own = new Load();
                own.work = work;
                for (int i = 0; i < TASKS / 2; i++) {
                    own.task.run();
                }
            });
        }
        crew.join();
    }

    private static void waitForRoom(Runnable task, ThreadPoolExecutor pool) {
        if (pool.isShutdown()) {
            throw new RejectedExecutionException("pool is shut down");
        }
        try {
            pool.getQueue().put(task);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while waiting for room", e);
        }
    }

    private static void expect(String what, long expected, long actual) {
        if (actual != expected) {
            throw new IllegalStateException(what + " must be " + expected + " but were " + actual);
        }
    }
}
