package dev.sluice.checks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pool.WorkerPool;
import dev.sluice.queue.RingBlockingQueue;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A pool and a pipeline that have worked and have nothing to do: how much CPU their threads use. */
@Command(
        name = "idle",
        mixinStandardHelpOptions = true,
        description =
                "Lets a pool and a pipeline work, then lets them wait, and prints the CPU time of each of their threads.")
final class IdleCheck implements Callable<Integer> {
    private static final int TASKS = 1_000_000;

    @Option(names = "--seconds", defaultValue = "10", description = "how long they wait; default 10")
    private int seconds;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final RingBlockingQueue<Object> queue = new RingBlockingQueue<>(1024);
    private final CountDownLatch seen = new CountDownLatch(TASKS);
    private final Object end = new Object();

    @Override
    public Integer call() throws InterruptedException {
        try (WorkerPool pool = WorkerPool.builder().name("pool").workers(4).build();
                PipelineRun<?> run = pipeline().start()) {
            for (int i = 0; i < TASKS; i++) {
                pool.execute(() -> {});
                queue.put(i);
            }
            pool.awaitIdle(Duration.ofMinutes(1));
            seen.await();
            long most = watch();
            queue.put(end);
            run.await();
            return most < TimeUnit.MILLISECONDS.toNanos(10) * seconds ? 0 : 1;
        }
    }

    private Pipeline<?> pipeline() {
        return Pipeline.fromQueue(queue, end)
                .name("pipeline")
                .<Object>stage("one", item -> item)
                .<Object>stage("four", item -> item, s -> s.workers(4).ordered())
                .forEach("sink", item -> seen.countDown());
    }

    /** Prints what each thread has used, and returns the most. */
    private long watch() throws InterruptedException {
        Map<String, Long> before = cpu();
        TimeUnit.SECONDS.sleep(seconds);
        long most = 0;
        for (Map.Entry<String, Long> thread : cpu().entrySet()) {
            long used = thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
            System.out.printf("%s: %.3f ms of CPU in %d s%n", thread.getKey(), used / 1e6, seconds);
            most = Math.max(most, used);
        }
        return most;
    }

    private Map<String, Long> cpu() {
        Map<String, Long> cpu = new TreeMap<>();
        for (long id : threads.getAllThreadIds()) {
            String name = threads.getThreadInfo(id) == null
                    ? ""
                    : threads.getThreadInfo(id).getThreadName();
            if (name.startsWith("pool-") || name.startsWith("pipeline-")) {
                cpu.put(name, threads.getThreadCpuTime(id));
            }
        }
        return cpu;
    }
}
