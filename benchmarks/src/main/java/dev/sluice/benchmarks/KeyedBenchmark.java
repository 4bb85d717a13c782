package dev.sluice.benchmarks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.StageOptions;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
 * Our own stages side by side: four workers and 1 µs for an item, as they come, in order, and in the order of each of 10⁴
 * keys. The sink checks that each item came once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class KeyedBenchmark {
    private static final int ITEMS = 1_000_000;
    private static final int KEYS = 10_000;
    private static final int WORKERS = 4;

    /** The order that the stage keeps. */
    public enum Order {
        /** None. */
        NONE,
        /** That of its input. */
        INPUT,
        /** That of each key. */
        KEY
    }

    /** Which of them. */
    @Param
    public Order order;

    /**
     * One stage with four workers.
     *
     * @throws InterruptedException never
     */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public void stage() throws InterruptedException {
        Arrival received = new Arrival(order == Order.INPUT);
        Consumer<StageOptions<Integer>> options = s -> {
            s.workers(WORKERS);
            switch (order) {
                case NONE -> {}
                case INPUT -> s.ordered();
                case KEY -> s.orderedBy(item -> item % KEYS);
            }
        };
        Pipeline.from(Items.of(ITEMS))
                .<Integer>stage(
                        "work",
                        item -> {
                            Work.US_1.run();
                            return item;
                        },
                        options)
                .forEach("sink", received::accept)
                .run();
        received.expect(ITEMS);
    }
}
