package dev.sluice.benchmarks;

import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/** {@link PoolTasks} that are longer than their way through most pools: 20,000 an invocation. */
@OperationsPerInvocation(PoolLongTaskBenchmark.TASKS)
public class PoolLongTaskBenchmark extends PoolTasks {
    static final int TASKS = 20_000;

    /** What a task does. */
    @Param({"US_2", "US_20"})
    public Work work;

    /** For JMH. */
    public PoolLongTaskBenchmark() {
        super(TASKS);
    }

    @Override
    Work work() {
        return work;
    }
}
