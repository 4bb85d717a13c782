package dev.sluice.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Whoever claims to be an {@code ExecutorService}: the pools of this library, and two of the JDK. */
record Peer(String name, Maker maker, boolean queues) {

    /** Makes one. */
    interface Maker {
        ExecutorService of(int threads);
    }

    private static final Peer THREAD_POOL_EXECUTOR = new Peer(
            "ThreadPoolExecutor",
            threads -> new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>()),
            true);
    private static final Peer FORK_JOIN_POOL = new Peer("ForkJoinPool", ForkJoinPool::new, true);

    static List<Peer> all() {
        List<Peer> all = new ArrayList<>(thatInterrupt());
        all.add(FORK_JOIN_POOL);
        return all;
    }

    /**
     * Not {@code ForkJoinPool}, for this depends on its version: its tasks are not always interrupted when they are cancelled
     * ({@code Future.cancel}: "if the thread is known to the implementation"), nor is who waits in its {@code invokeAll}; its
     * {@code shutdownNow} gives back no task; what a task threw may come as a copy.
     */
    static List<Peer> thatInterrupt() {
        List<Peer> all = new ArrayList<>();
        for (PoolKind kind : PoolKind.all()) {
            all.add(new Peer(kind.toString(), threads -> kind.pool(threads, 1000), !kind.gated()));
        }
        all.add(THREAD_POOL_EXECUTOR);
        return all;
    }

    /** In which a task can wait for a thread: all but the gated variant, whose submitters wait. */
    static List<Peer> thatQueue() {
        return all().stream().filter(Peer::queues).toList();
    }

    /** Those that also give back what they have not begun. */
    static List<Peer> thatQueueAndGiveBack() {
        return thatInterrupt().stream().filter(Peer::queues).toList();
    }

    /** All that have a {@code close()}: ours always, those of the JDK from 19 on. */
    static List<Peer> thatClose() {
        return Runtime.version().feature() >= 19
                ? all()
                : thatInterrupt().stream()
                        .filter(peer -> !peer.equals(THREAD_POOL_EXECUTOR))
                        .toList();
    }

    /** Closes one that is {@code AutoCloseable} at run time, if not at compile time. */
    static void close(ExecutorService executor) {
        try {
            ((AutoCloseable) executor).close();
        } catch (Exception e) {
            throw new AssertionError("close() of an executor throws no checked exception", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
