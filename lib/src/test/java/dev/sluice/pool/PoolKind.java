package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** The variants of the pool, each on each kind of thread that this JDK has. */
record PoolKind(boolean gated, ThreadKind threads) {

    /** For {@code @MethodSource}. */
    static List<PoolKind> all() {
        return Stream.of(false, true)
                .flatMap(gated -> ThreadKinds.all().stream().map(threads -> new PoolKind(gated, threads)))
                .toList();
    }

    static List<PoolKind> queued() {
        return all().stream().filter(kind -> !kind.gated).toList();
    }

    /** The queued variant has a queue of this capacity; the gated one has none. */
    WorkerPool pool(int width, int queueCapacity) {
        return pool(width, queueCapacity, OnFull.BLOCK);
    }

    WorkerPool pool(int width, int queueCapacity, OnFull onFull) {
        return builder(width, queueCapacity).onFull(onFull).build();
    }

    WorkerPool.Builder builder(int width, int queueCapacity) {
        WorkerPool.Builder builder = WorkerPool.builder();
        if (gated) {
            builder.gate(Gate.of(width));
        } else {
            builder.workers(width).queueCapacity(queueCapacity);
        }
        if (threads.isVirtual()) {
            builder.virtualThreads();
        }
        return builder;
    }

    /** Fills a pool of one: a task runs until the latch is open, and another one is queued if there is a queue. */
    static void fill(WorkerPool pool, CountDownLatch until) throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        pool.execute(() -> {
            running.countDown();
            Uninterruptibly.await(until);
        });
        running.await();
        if (pool instanceof QueuedPool) {
            pool.execute(() -> {});
        }
    }

    /** The policies that this variant has. */
    List<OnFull> policies() {
        return gated ? List.of(OnFull.BLOCK, OnFull.REJECT, OnFull.DROP_NEWEST) : List.of(OnFull.values());
    }

    @Override
    public String toString() {
        return (gated ? "gated" : "queued") + " " + threads.name().toLowerCase(Locale.ROOT);
    }
}
