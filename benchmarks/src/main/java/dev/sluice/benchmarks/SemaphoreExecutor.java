package dev.sluice.benchmarks;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What one writes by hand to bound an executor that knows no bound: a permit is taken before a task is handed over, and
 * given back when it has run.
 */
final class SemaphoreExecutor extends AbstractExecutorService {
    private final ExecutorService executor;
    private final Semaphore permits;

    SemaphoreExecutor(ExecutorService executor, int permits) {
        this.executor = executor;
        this.permits = new Semaphore(permits);
    }

    @Override
    public void execute(Runnable task) {
        try {
            permits.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("interrupted while waiting for a permit", e);
        }
        executor.execute(() -> {
            try {
                task.run();
            } finally {
                permits.release();
            }
        });
    }

    @Override
    public void shutdown() {
        executor.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return executor.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return executor.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return executor.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return executor.awaitTermination(timeout, unit);
    }
}
