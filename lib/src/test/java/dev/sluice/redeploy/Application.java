package dev.sluice.redeploy;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.pipeline.ItemIterator;
import dev.sluice.pipeline.OnError;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.Retry;
import dev.sluice.pool.Job;
import dev.sluice.pool.OnFailure;
import dev.sluice.pool.OnFull;
import dev.sluice.pool.TaskGroup;
import dev.sluice.pool.WorkerPool;
import dev.sluice.queue.RingBlockingQueue;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** Uses whatever of the library has a thread, a timer or a thread-local, then closes what it has opened. */
public final class Application implements Callable<Object> {
    private static final Duration LONG = Duration.ofMinutes(10);

    /** What a thread that inherits it would hold for as long as it lives. */
    private static final InheritableThreadLocal<Object> INHERITED = new InheritableThreadLocal<>();

    /** Made by name. */
    public Application() {}

    @Override
    public Object call() throws Exception {
        INHERITED.set(this);
        try {
            gate();
            pool();
            callerRuns();
            gatedPool();
            queue();
            pipeline();
            iterator();
        } finally {
            INHERITED.remove();
        }
        return "done";
    }

    private static void gate() throws Exception {
        try (Gate gate = Gate.builder().permits(1).leakWatch(1).build();
                Permit permit = gate.acquire()) {
            Optional<Permit> second = gate.tryAcquire(1, Duration.ofMillis(1));
            if (second.isPresent() || permit.weight() != 1) {
                throw new AssertionError("two permits of one");
            }
            gate.acquireAsync(1).cancel(false);
        }
    }

    private static void pool() throws Exception {
        try (WorkerPool pool = WorkerPool.builder()
                .workers(2)
                .keepAlive(Duration.ofSeconds(30))
                .queueTimeout(LONG)
                .propagateMdc()
                .exactTimings()
                .build()) {
            pool.submit(Job.of("limited", () -> 1).timeLimit(LONG)).get();
            pool.lane(new Object()).submit(() -> 2).get();
            try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT, LONG)) {
                group.submit(() -> pool.submit(() -> 3).get());
                group.join();
            }
            pool.submit(() -> 4).toCompletableFuture().get();
            pool.awaitIdle(LONG);
        }
    }

    /** In the thread of the application server, which stays. */
    private static void callerRuns() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .queueCapacity(1)
                .onFull(OnFull.CALLER_RUNS)
                .build()) {
            AtomicBoolean here = new AtomicBoolean();
            Thread server = Thread.currentThread();
            while (!here.get()) {
                pool.execute(() -> {
                    if (Thread.currentThread() == server) {
                        here.set(true);
                        release.countDown();
                    } else {
                        awaitUninterrupted(release);
                    }
                });
            }
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts it", e);
        }
    }

    private static void gatedPool() throws Exception {
        try (WorkerPool pool = WorkerPool.gated(Gate.of(2))) {
            pool.submit(() -> pool.submit(() -> 1).get()).get();
            pool.lane("key").submit(() -> 2).get();
        }
    }

    private static void queue() throws Exception {
        RingBlockingQueue<Object> queue = new RingBlockingQueue<>(4);
        queue.put(new Application());
        queue.take();
        queue.poll(1, TimeUnit.MILLISECONDS);
    }

    private static void pipeline() throws Exception {
        try (WorkerPool pool = WorkerPool.of(2)) {
            AtomicBoolean failed = new AtomicBoolean();
            Pipeline.fromEach(() -> IntStream.range(0, 100).boxed())
                    .name("application")
                    .onProgress(Duration.ofMillis(1), stats -> {})
                    .stage(
                            "retried",
                            item -> {
                                if (failed.compareAndSet(false, true)) {
                                    throw new IllegalStateException("planned");
                                }
                                return item;
                            },
                            s -> s.retry(Retry.times(3).backoff(Duration.ofMillis(1)))
                                    .onError(OnError.skip())
                                    .timeLimit(LONG))
                    .batch(7, Duration.ofMillis(1))
                    .stage("shared", item -> item, s -> s.pool(pool).workers(2).ordered())
                    .forEach("sink", item -> {})
                    .run();
        }
    }

    private static void iterator() throws Exception {
        try (ItemIterator<Integer> items = Pipeline.fromEach(
                        () -> IntStream.range(0, 100_000).boxed())
                .stage("one", item -> item)
                .iterator()
                .run()) {
            items.next();
        }
    }
}
