package dev.sluice.examples.tour;

import dev.sluice.gate.Gate;
import dev.sluice.pool.Job;
import dev.sluice.pool.OnFailure;
import dev.sluice.pool.OnFull;
import dev.sluice.pool.Outcome;
import dev.sluice.pool.Outcomes;
import dev.sluice.pool.TaskGroup;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What the guide to the worker pool quotes: the JDK's way and ours, side by side. Each method gives the same price. */
final class Guide {
    private final TourCommand.Shop shop = new TourCommand.Shop("north", 19);
    private final List<TourCommand.Shop> shops = List.of(shop);
    private final String item = "kettle";

    int threadPoolExecutor() throws InterruptedException, ExecutionException {
        ExecutorService theirs = new ThreadPoolExecutor(
                8, 8, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1024), new ThreadPoolExecutor.AbortPolicy());
        Future<Integer> theirPrice = theirs.submit(() -> shop.priceOf(item));
        theirs.shutdown();
        return theirPrice.get();
    }

    int workerPool() throws InterruptedException, ExecutionException {
        WorkerPool pool = WorkerPool.builder()
                .workers(8)
                .queueCapacity(1024)
                .onFull(OnFull.REJECT)
                .build();
        TaskHandle<Integer> price = pool.submit(() -> shop.priceOf(item));
        pool.close();
        return price.get();
    }

    int semaphore() throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newCachedThreadPool();
        Semaphore permits = new Semaphore(100);
        Future<Integer> price = executor.submit(() -> {
            permits.acquire();
            try {
                return shop.priceOf(item);
            } finally {
                permits.release();
            }
        });
        executor.shutdown();
        return price.get();
    }

    int gatedPool() throws InterruptedException, ExecutionException {
        WorkerPool pool =
                WorkerPool.builder().gate(Gate.of(100)).virtualThreads().build();
        TaskHandle<Integer> price = pool.submit(() -> shop.priceOf(item));
        pool.close();
        return price.get();
    }

    int queueOnVirtualThreads() throws InterruptedException, ExecutionException {
        WorkerPool pool = WorkerPool.builder()
                .workers(100)
                .queueCapacity(10_000)
                .virtualThreads()
                .build();
        TaskHandle<Integer> price = pool.submit(() -> shop.priceOf(item));
        pool.close();
        return price.get();
    }

    int group() throws InterruptedException, ExecutionException {
        int total = 0;
        WorkerPool pool = WorkerPool.of(2);
        try (TaskGroup<Integer> group = pool.group(OnFailure.FAIL_FAST, Duration.ofSeconds(2))) {
            shops.forEach(each -> group.submit(() -> each.priceOf(item)));
            group.join();
            for (Outcome<Integer> outcome : group.outcomes()) {
                total += outcome.orElseThrow();
            }
        }
        pool.close();
        return total;
    }

    int fed() {
        int total = 0;
        List<Job<Integer>> jobs = List.of(Job.of(item, () -> shop.priceOf(item)));
        try (WorkerPool pool = WorkerPool.of(8);
                Outcomes<Integer> results = pool.outcomes(jobs)) {
            for (Outcome<Integer> result : results) {
                total += result.orElseThrow();
            }
        }
        return total;
    }

    int lane() {
        int[] price = new int[1];
        String key = shop.name();
        Runnable task = () -> price[0] = shop.priceOf(item);
        try (WorkerPool pool = WorkerPool.of(2)) {
            pool.lane(key).execute(task);
        }
        return price[0];
    }

    int timeLimit() throws InterruptedException, ExecutionException {
        try (WorkerPool pool = WorkerPool.of(2)) {
            TaskHandle<Integer> limited =
                    pool.submit(Job.of(item, () -> shop.priceOf(item)).timeLimit(Duration.ofSeconds(1)));
            return limited.get();
        }
    }
}
