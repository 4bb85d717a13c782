package dev.sluice.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
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
 * Takes items through stages; see {@link PipelineKind} for what does it. All read the same iterator, call the same functions
 * and the same sink, and start anew in each invocation.
 *
 * <p>{@link #identity}: a source, three stages that hand on what they get, and a sink; four hops. Source, functions and
 * sink note their threads: in our pipeline they must be five different ones. {@link #unequal} has stages of 140 ns, 1 µs and 140 ns.
 *
 * <p>{@link #ordered} and {@link #unordered}: a source, a stage of 1 µs with four workers, and a sink. {@link #slowItems} is
 * ordered, and one item in a thousand takes a hundred times as long: those that may run ahead of it by four only, wait.
 *
 * <p>The sink checks that each item came once, by count and sum, and, where it may, that they came in order.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class PipelineBenchmark {
    private static final int ITEMS = 2_000_000;
    private static final int WORK_ITEMS = 1 << 16;
    private static final int STAGES = 3;

    /** Which of them. */
    @Param
    public PipelineKind pipeline;

    /**
     * Four hops and no work.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public void identity() throws Exception {
        Thread[] seen = new Thread[STAGES + 2];
        Arrival received = new Arrival(true);
        List<UnaryOperator<Integer>> stages = IntStream.rangeClosed(1, STAGES)
                .mapToObj(place -> noting(seen, place))
                .toList();
        Iterable<Integer> source = () -> {
            seen[0] = Thread.currentThread();
            return Items.of(ITEMS).iterator();
        };
        UnaryOperator<Integer> last = noting(seen, STAGES + 1);
        pipeline.peer().chain(source, stages, item -> received.accept(last.apply(item)));
        received.expect(ITEMS);
        if (pipeline == PipelineKind.SLUICE && Set.copyOf(Arrays.asList(seen)).size() != seen.length) {
            throw new IllegalStateException("threads must be five different ones but were " + Arrays.toString(seen));
        }
    }

    /**
     * Four hops, and one stage that takes longer than the others.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(WORK_ITEMS)
    public void unequal() throws Exception {
        Arrival received = new Arrival(true);
        List<UnaryOperator<Integer>> stages =
                List.of(Items.busy(Work.NS_140), Items.busy(Work.US_1), Items.busy(Work.NS_140));
        pipeline.peer().chain(Items.of(WORK_ITEMS), stages, received::accept);
        received.expect(WORK_ITEMS);
    }

    /**
     * Work for four threads, and results in order.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(WORK_ITEMS)
    public void ordered() throws Exception {
        spread(Items.busy(Work.US_1), true);
    }

    /**
     * Work for four threads, and results as they come.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(WORK_ITEMS)
    public void unordered() throws Exception {
        spread(Items.busy(Work.US_1), false);
    }

    /**
     * Work for four threads, some of it long, and results in order.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(WORK_ITEMS)
    public void slowItems() throws Exception {
        spread(Items.busyWithSlowOnes(Work.US_1), true);
    }

    private void spread(UnaryOperator<Integer> work, boolean ordered) throws Exception {
        Arrival received = new Arrival(ordered);
        pipeline.peer().spread(Items.of(WORK_ITEMS), work, ordered, received::accept);
        received.expect(WORK_ITEMS);
    }

    /** Nothing, but it notes its thread with its first item. */
    private static UnaryOperator<Integer> noting(Thread[] seen, int place) {
        return item -> {
            if (seen[place] == null) {
                seen[place] = Thread.currentThread();
            }
            return item;
        };
    }
}
