package dev.sluice.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
 * The processor time of all threads of a pool or a pipeline in ten seconds in which it has nothing to do, after it has had something
 * to do. The score is only the ten seconds; {@code cpuMicros} and {@code threads} stand beside it. Virtual threads are not seen.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class IdleBenchmark {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Which pool, with eight workers. */
    @State(Scope.Thread)
    public static class Pool {
        /** Which. */
        @Param({"SLUICE_QUEUED", "JDK_THREAD_POOL", "JDK_FORK_JOIN"})
        public PoolKind pool;
    }

    /** Which pipeline. */
    @State(Scope.Thread)
    public static class Line {
        /** Which. */
        @Param({"SLUICE", "JDK_THREADS", "REACTOR", "RXJAVA", "PEKKO", "DISRUPTOR_BLOCKING", "DISRUPTOR_YIELDING"})
        public PipelineKind pipeline;
    }

    /** What JMH reports beside the score. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Use {
        /** Processor time. */
        public long cpuMicros;

        /** Of how many threads. */
        public long threads;
    }

    /**
     * A pool that waits for tasks.
     *
     * @param pool the pool
     * @param use the result
     * @throws Exception when it is stopped
     */
    @Benchmark
    public void pool(Pool pool, Use use) throws Exception {
        Set<Long> others = alive();
        ExecutorService executor = pool.pool.pool(8);
        for (int i = 0; i < 10_000; i++) {
            executor.execute(() -> {});
        }
        measure(others, use);
        executor.shutdown();
        executor.awaitTermination(1, TimeUnit.MINUTES);
    }

    /**
     * A pipeline whose source waits for its next item.
     *
     * @param line the pipeline
     * @param use the result
     * @throws Exception when an item was lost
     */
    @Benchmark
    public void pipeline(Line line, Use use) throws Exception {
        int items = 10_000;
        Set<Long> others = alive();
        CountDownLatch end = new CountDownLatch(1);
        Arrival received = new Arrival(true);
        List<UnaryOperator<Integer>> stages = Collections.nCopies(3, item -> item);
        Crew crew = new Crew();
        crew.start(() -> line.pipeline.peer().chain(thatPauses(items, end), stages, received::accept));
        measure(others, use);
        end.countDown();
        crew.join();
        received.expect(items);
    }

    private static Iterable<Integer> thatPauses(int items, CountDownLatch end) {
        return () -> {
            Iterator<Integer> all = Items.of(items).iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return all.hasNext();
                }

                @Override
                public Integer next() {
                    Integer item = all.next();
                    if (!all.hasNext()) {
                        pause(end);
                    }
                    return item;
                }
            };
        };
    }

    private static void pause(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void measure(Set<Long> others, Use use) throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
        long[] threads = alive().stream()
                .filter(id -> !others.contains(id))
                .mapToLong(id -> id)
                .toArray();
        long before = cpuNanos(threads);
        TimeUnit.SECONDS.sleep(10);
        use.cpuMicros = TimeUnit.NANOSECONDS.toMicros(cpuNanos(threads) - before);
        use.threads = threads.length;
    }

    private static Set<Long> alive() {
        return Arrays.stream(THREADS.getAllThreadIds()).boxed().collect(Collectors.toSet());
    }

    /** A thread that has ended counts nothing. */
    private static long cpuNanos(long[] threads) {
        return Arrays.stream(threads)
                .map(THREADS::getThreadCpuTime)
                .filter(nanos -> nanos > 0)
                .sum();
    }
}
