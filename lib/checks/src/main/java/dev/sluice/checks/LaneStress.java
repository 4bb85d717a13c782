package dev.sluice.checks;

import dev.sluice.pool.PoolStats;
import dev.sluice.pool.WorkerPool;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many keys, one after the other, in a heap that has no room for what any of them would leave behind. */
@Command(
        name = "lanes",
        mixinStandardHelpOptions = true,
        description = "10^6 keys with three tasks each, in exact order; give it a small heap, such as -Xmx32m.")
final class LaneStress implements Callable<Integer> {
    private static final int EACH = 3;
    /** Many more than there can be keys under way. */
    private static final int WINDOW = 1 << 16;

    @Option(names = "--keys", defaultValue = "1000000", description = "default 10^6")
    private int keys;

    private final int[] next = new int[WINDOW];
    private final AtomicLong outOfOrder = new AtomicLong();

    /** As a user's key is: made anew for each call. */
    private record Key(int customer, String region) {}

    @Override
    public Integer call() throws InterruptedException {
        long start = System.nanoTime();
        AtomicLong handedOver = new AtomicLong();
        WorkerPool pool = WorkerPool.of(4);
        Watch watch = new Watch("lanes");
        watch.start("submitter", () -> {
            for (int key = 0; key < keys; key++) {
                for (int i = 0; i < EACH; i++) {
                    submit(pool, key, i);
                }
                handedOver.lazySet(key);
            }
            pool.close();
        });
        watch.awaitAll(handedOver::get);
        PoolStats stats = pool.stats();
        QueueStress.require(outOfOrder.get() == 0, outOfOrder + " tasks were out of order");
        QueueStress.require(stats.succeeded() == (long) EACH * keys, "some were lost: " + stats);
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
                "lanes: %d keys, %d tasks in exact order, %.1f s, %d of %d MB of heap in use%n",
                keys,
                stats.succeeded(),
                (System.nanoTime() - start) / 1e9,
                (runtime.totalMemory() - runtime.freeMemory()) >> 20,
                runtime.maxMemory() >> 20);
        return 0;
    }

    private void submit(WorkerPool pool, int key, int number) {
        int place = key & (WINDOW - 1);
        pool.lane(new Key(key, "north")).execute(() -> {
            if (next[place] != number) {
                outOfOrder.incrementAndGet();
            }
            next[place] = (number + 1) % EACH;
        });
    }
}
