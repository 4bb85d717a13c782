package dev.sluice.benchmarks;

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
 * Items that wait for 1 ms each, and one in 1024 for 100 ms, as if it were for answers: 32 at a time, and results in order. By
 * 4096 the others may run ahead of a slow one, where there is such a thing; 29 a millisecond is what 32 can do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class WaitingItemsBenchmark {
    private static final int ITEMS = 1 << 14;
    private static final int WIDTH = 32;
    private static final int WINDOW = 4096;

    /** Which of them. */
    @Param({"SLUICE", "JDK_MAP_CONCURRENT"})
    public PipelineKind pipeline;

    /**
     * One stage.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public void ordered() throws Exception {
        Arrival received = new Arrival(true);
        pipeline.peer().wide(Items.of(ITEMS), WaitingItemsBenchmark::waiting, WIDTH, WINDOW, received::accept);
        received.expect(ITEMS);
    }

    private static Integer waiting(Integer item) {
        try {
            TimeUnit.MILLISECONDS.sleep(item == 0 ? 100 : 1);
            return item;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
