package dev.sluice.checks;

import dev.sluice.gate.Gate;
import dev.sluice.pool.WorkerPool;
import dev.sluice.queue.RingBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Something at the head is stuck, and what comes behind it is removed again: that never blocks and leaves nothing behind. */
@Command(
        name = "stuck-head",
        mixinStandardHelpOptions = true,
        description = "put and remove behind an element that stays; submit and cancel behind a task that stays.")
final class StuckHeadStress implements Callable<Integer> {
    private static final int CAPACITY = 8;
    private static final long MORE_HEAP = 16L << 20;

    @Option(names = "--rounds", defaultValue = "1000000", description = "default 10^6")
    private int rounds;

    @Override
    public Integer call() throws InterruptedException {
        queue();
        queuedPool();
        gatedPool();
        return 0;
    }

    private void queue() throws InterruptedException {
        RingBlockingQueue<Object> queue = new RingBlockingQueue<>(CAPACITY);
        queue.put("head");
        run("queue: put and remove", () -> {
            Object element = new Object();
            queue.put(element);
            QueueStress.require(queue.remove(element), "an element was gone");
        });
        QueueStress.require(queue.size() == 1, "left over: " + queue);
    }

    private void queuedPool() throws InterruptedException {
        pool(
                "queued pool",
                WorkerPool.builder().workers(1).queueCapacity(CAPACITY).build());
    }

    /** It has no queue: the stuck task holds one of the permits, and what is cancelled gives back the others. */
    private void gatedPool() throws InterruptedException {
        try (Gate gate = Gate.of(CAPACITY)) {
            pool("gated pool", WorkerPool.gated(gate));
        }
    }

    private void pool(String name, WorkerPool ofThisRun) throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        try (WorkerPool pool = ofThisRun) {
            pool.submit(() -> {
                end.await();
                return null;
            });
            run(name + ": submit and cancel", () -> pool.submit(() -> {}).cancel(false));
            QueueStress.require(pool.stats().queued() == 0, "left over: " + pool);
            end.countDown();
        }
    }

    private void run(String what, Watch.Work round) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        long before = usedHeap();
        Watch watch = new Watch(what);
        watch.start("runner", () -> {
            for (int i = 0; i < rounds; i++) {
                round.run();
                done.lazySet(i);
            }
        });
        watch.awaitAll(done::get);
        long grown = usedHeap() - before;
        QueueStress.require(grown < MORE_HEAP, what + ": the heap has grown by " + grown);
        System.out.printf("%s: %d rounds, never blocked, heap grown by %d kB%n", what, rounds, grown / 1024);
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
