package dev.sluice.benchmarks;

import dev.sluice.gate.Gate;
import dev.sluice.pool.WorkerPool;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The pools that are compared. Where there is a queue it holds 1024, and a submitter that finds it full waits for room. */
public enum PoolKind {
    /** Ours, with workers and a queue. */
    SLUICE_QUEUED {
        @Override
        ExecutorService pool(int workers) {
            return WorkerPool.builder().workers(workers).queueCapacity(CAPACITY).build();
        }
    },
    /** Ours, with a platform thread for each task, and no queue. */
    SLUICE_GATED {
        @Override
        ExecutorService pool(int workers) {
            return WorkerPool.gated(Gate.of(workers));
        }
    },
    /** Ours, with a virtual thread for each task, and no queue. */
    SLUICE_GATED_VIRTUAL {
        @Override
        ExecutorService pool(int workers) {
            VirtualThreads.require();
            return WorkerPool.builder().gate(Gate.of(workers)).virtualThreads().build();
        }
    },
    /** The JDK's, with its workers started beforehand. */
    JDK_THREAD_POOL {
        @Override
        ExecutorService pool(int workers) {
            return threadPool(workers, new ArrayBlockingQueue<>(CAPACITY));
        }
    },
    /** The JDK's with the queue that {@code Executors.newFixedThreadPool} takes, bounded. */
    JDK_THREAD_POOL_LINKED {
        @Override
        ExecutorService pool(int workers) {
            return threadPool(workers, new LinkedBlockingQueue<>(CAPACITY));
        }
    },
    /** Bounded by nothing: its submitter never waits, and its queue grows. */
    JDK_FORK_JOIN {
        @Override
        ExecutorService pool(int workers) {
            return new ForkJoinPool(workers);
        }
    },
    /** A virtual thread for each task, with a {@link java.util.concurrent.Semaphore} (not fair, its default) before it. */
    JDK_VIRTUAL_SEMAPHORE {
        @Override
        ExecutorService pool(int workers) {
            return new SemaphoreExecutor(VirtualThreads.executor(), workers);
        }
    };

    static final int CAPACITY = 1024;

    abstract ExecutorService pool(int workers);

    private static ThreadPoolExecutor threadPool(int workers, BlockingQueue<Runnable> queue) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(workers, workers, 0, TimeUnit.SECONDS, queue, PoolKind::waitForRoom);
        pool.prestartAllCoreThreads();
        return pool;
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
}
