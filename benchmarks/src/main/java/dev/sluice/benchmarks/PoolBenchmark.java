package dev.sluice.benchmarks;

import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link PoolTasks} that are shorter than their way through most pools: 500,000 an invocation. With a platform thread for each
 * task ({@link PoolKind#SLUICE_GATED}) that takes half a minute.
 */
@OperationsPerInvocation(PoolBenchmark.TASKS)
public class PoolBenchmark extends PoolTasks {
    static final int TASKS = 500_000;

    /** What a task does. */
    @Param({"EMPTY", "NS_140"})
    public Work work;

    /** For JMH. */
    public PoolBenchmark() {
        super(TASKS);
    }

    @Override
    Work work() {
        return work;
    }
}
