package dev.sluice.benchmarks;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
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
 * How long a task waits to start, and an item to get through three stages, when one comes each millisecond: nearly always somebody
 * has to be woken. The score is only how long the 2000 of an iteration took; the percentiles, in nanoseconds, stand beside it.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 5)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class LatencyBenchmark {
    private static final int EVENTS = 2000;

    /** Which pool, with two workers. */
    @State(Scope.Thread)
    public static class Pool {
        /** Which. */
        @Param
        public PoolKind pool;
    }

    /** Which pipeline. */
    @State(Scope.Thread)
    public static class Line {
        /** Which. */
        @Param
        public PipelineKind pipeline;
    }

    /**
     * From {@code execute} to the beginning of the task.
     *
     * @param pool the pool
     * @param percentiles the result
     * @throws Exception when a task was lost
     */
    @Benchmark
    public void submitToStart(Pool pool, Percentiles percentiles) throws Exception {
        ExecutorService executor = pool.pool.pool(2);
        Schedule schedule = new Schedule(EVENTS);
        CountDownLatch ran = new CountDownLatch(EVENTS);
        List<Runnable> tasks = IntStream.range(0, EVENTS)
                .<Runnable>mapToObj(index -> () -> {
                    schedule.happened(index);
                    ran.countDown();
                })
                .toList();
        for (int i = 0; i < EVENTS; i++) {
            schedule.await(i);
            executor.execute(tasks.get(i));
        }
        if (!ran.await(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("tasks not run: " + ran.getCount());
        }
        executor.shutdown();
        executor.awaitTermination(1, TimeUnit.MINUTES);
        percentiles.of(schedule);
    }

    /**
     * From the source to the sink, four hops.
     *
     * @param line the pipeline
     * @param percentiles the result
     * @throws Exception when an item was lost
     */
    @Benchmark
    public void itemInToOut(Line line, Percentiles percentiles) throws Exception {
        Schedule schedule = new Schedule(EVENTS);
        List<UnaryOperator<Integer>> stages = Collections.nCopies(3, item -> item);
        line.pipeline.peer().chain(paced(schedule), stages, schedule::happened);
        percentiles.of(schedule);
    }

    private static Iterable<Integer> paced(Schedule schedule) {
        List<Integer> indexes = IntStream.range(0, schedule.events()).boxed().toList();
        return () -> {
            Iterator<Integer> all = indexes.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return all.hasNext();
                }

                @Override
                public Integer next() {
                    Integer index = all.next();
                    schedule.await(index);
                    return index;
                }
            };
        };
    }
}
