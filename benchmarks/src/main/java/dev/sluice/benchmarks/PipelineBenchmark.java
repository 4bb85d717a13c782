package dev.sluice.benchmarks;

import dev.sluice.pipeline.Pipeline;
import java.util.Iterator;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Runs items through stages: {@link Pipeline}, and what one writes by hand with threads and {@link ArrayBlockingQueue}s (not
 * fair, the default). Every queue holds 1024 in both; both read the same iterator, and start new threads in each invocation.
 *
 * <p>{@link #identity}: a source, three stages that hand on what they get, and a sink; five threads and four hops.
 * By hand that is a loop of {@code take} and {@code put} for each stage, and an end marker that they pass on.
 *
 * <p>{@link #ordered}: a source, a stage of about 1 µs (see {@link Work}) with four workers whose results keep the order of
 * the input, at most 1024 of them on the way, and a sink. By hand that is the usual way: the source puts a future into
 * a queue of 1024 and gives it to four threads, {@code Executors.newFixedThreadPool}, and the sink takes the futures in turn
 * and waits for each.
 *
 * <p>In both the sink checks that each item came once and in order.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class PipelineBenchmark {
    private static final int ITEMS = 1 << 18;
    private static final int WORK_ITEMS = 1 << 15;
    private static final int STAGES = 3;
    private static final int WORKERS = 4;
    private static final int CAPACITY = 1024;

    /** What is compared. */
    public enum Kind {
        /** Ours. */
        SLUICE {
            @Override
            void identity(Sequence received) throws Exception {
                Pipeline.from(items(ITEMS))
                        .<Integer>stage("first", item -> item, s -> s.capacity(CAPACITY))
                        .<Integer>stage("second", item -> item, s -> s.capacity(CAPACITY))
                        .<Integer>stage("third", item -> item, s -> s.capacity(CAPACITY))
                        .forEach("sink", received::accept, s -> s.capacity(CAPACITY))
                        .run();
            }

            @Override
            void ordered(Sequence received) throws Exception {
                Pipeline.from(items(WORK_ITEMS))
                        .<Integer>stage(
                                "work",
                                PipelineBenchmark::work,
                                s -> s.workers(WORKERS)
                                        .ordered()
                                        .window(CAPACITY)
                                        .capacity(CAPACITY))
                        .forEach("sink", received::accept, s -> s.capacity(CAPACITY))
                        .run();
            }
        },
        /** Threads and queues of the JDK. */
        JDK_THREADS {
            @Override
            void identity(Sequence received) throws Exception {
                Crew crew = new Crew();
                BlockingQueue<Integer> first = new ArrayBlockingQueue<>(CAPACITY);
                crew.start(() -> readInto(first));
                BlockingQueue<Integer> last = first;
                for (int stage = 0; stage < STAGES; stage++) {
                    BlockingQueue<Integer> in = last;
                    BlockingQueue<Integer> out = new ArrayBlockingQueue<>(CAPACITY);
                    crew.start(() -> handOn(in, out));
                    last = out;
                }
                BlockingQueue<Integer> end = last;
                crew.start(() -> {
                    while (!received.ended()) {
                        received.accept(end.take());
                    }
                });
                crew.join();
            }

            @Override
            void ordered(Sequence received) throws Exception {
                ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
                try {
                    BlockingQueue<Future<Integer>> results = new ArrayBlockingQueue<>(CAPACITY);
                    Crew crew = new Crew();
                    crew.start(() -> scheduleInto(results, workers));
                    crew.start(() -> {
                        for (int i = 0; i < WORK_ITEMS; i++) {
                            received.accept(results.take().get());
                        }
                    });
                    crew.join();
                } finally {
                    workers.shutdownNow();
                }
                if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("workers must end but did not");
                }
            }
        };

        abstract void identity(Sequence received) throws Exception;

        abstract void ordered(Sequence received) throws Exception;
    }

    /** Which of them. */
    @Param
    public Kind pipeline;

    /**
     * Four hops and no work.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public void identity() throws Exception {
        Sequence received = new Sequence();
        pipeline.identity(received);
        received.expect(ITEMS);
    }

    /**
     * Work for four threads, and results in order.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(WORK_ITEMS)
    public void ordered() throws Exception {
        Sequence received = new Sequence();
        pipeline.ordered(received);
        received.expect(WORK_ITEMS);
    }

    private static Iterable<Integer> items(int count) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public Integer next() {
                return Sequence.element(next++);
            }
        };
    }

    private static Integer work(Integer item) {
        Work.US_1.run();
        return item;
    }

    private static void readInto(BlockingQueue<Integer> out) throws InterruptedException {
        for (Integer item : items(ITEMS)) {
            out.put(item);
        }
        out.put(Sequence.END);
    }

    private static void handOn(BlockingQueue<Integer> in, BlockingQueue<Integer> out) throws InterruptedException {
        Integer item;
        do {
            item = in.take();
            out.put(item);
        } while (!item.equals(Sequence.END));
    }

    private static void scheduleInto(BlockingQueue<Future<Integer>> results, ExecutorService workers)
            throws InterruptedException {
        for (Integer item : items(WORK_ITEMS)) {
            FutureTask<Integer> result = new FutureTask<>(() -> work(item));
            results.put(result);
            workers.execute(result);
        }
    }
}
