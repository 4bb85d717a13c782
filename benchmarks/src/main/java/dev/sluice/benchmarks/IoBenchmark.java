package dev.sluice.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 10,000 tasks that sleep 10 ms, as if they waited for an answer, 1000 at a time: 100 ms at best. The pool is made and ended
 * in the time that is measured. Memory stands beside it: what the whole virtual machine of a fork had resident at most
 * ({@code VmHWM}, on Linux only), and the most platform threads.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class IoBenchmark {
    private static final int TASKS = 10_000;
    private static final int WIDTH = 1_000;

    /** Which pool; one that is bounded by nothing but its threads among them. */
    @Param({
        "SLUICE_QUEUED",
        "SLUICE_GATED",
        "SLUICE_GATED_VIRTUAL",
        "JDK_THREAD_POOL",
        "JDK_THREAD_POOL_LINKED",
        "JDK_VIRTUAL_SEMAPHORE"
    })
    public PoolKind pool;

    /** What JMH reports beside the score. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Memory {
        /** The most that was resident, in MiB. */
        public long residentMiB;

        /** The most platform threads. */
        public long threads;
    }

    /**
     * All of them.
     *
     * @param memory what it took
     * @throws Exception when a task was lost
     */
    @Benchmark
    public void sleep(Memory memory) throws Exception {
        LongAdder slept = new LongAdder();
        ExecutorService executor = pool.pool(WIDTH);
        for (int i = 0; i < TASKS; i++) {
            executor.execute(() -> {
                try {
                    TimeUnit.MILLISECONDS.sleep(10);
                    slept.increment();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        executor.shutdown();
        if (!executor.awaitTermination(1, TimeUnit.MINUTES) || slept.sum() != TASKS) {
            throw new IllegalStateException("tasks run must be " + TASKS + " but were " + slept.sum());
        }
        memory.residentMiB = residentMiB();
        memory.threads = ManagementFactory.getThreadMXBean().getPeakThreadCount();
    }

    private static long residentMiB() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
