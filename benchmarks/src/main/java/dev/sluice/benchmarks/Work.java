package dev.sluice.benchmarks;

import org.openjdk.jmh.infra.Blackhole;

/**
 * What a task or a stage does: it keeps the processor busy, and touches no memory that others share.
 *
 * <p>The names say about what the tokens cost on the reference machine, the count of a run included. They were chosen once, by
 * thread CPU time, which other load hardly disturbs: the best of 30 loops, alike on JDK 17 and 25. What they take elsewhere,
 * {@code PoolBenchmark.inline -p work=NS_140,US_1,US_2,US_20} shows on a quiet machine.
 */
public enum Work {
    /** Nothing. */
    EMPTY(0),
    /** About 140 ns. */
    NS_140(70),
    /** About 1 µs. */
    US_1(470),
    /** About 2 µs. */
    US_2(940),
    /** About 20 µs. */
    US_20(9_400);

    private final long tokens;

    Work(long tokens) {
        this.tokens = tokens;
    }

    void run() {
        // Zero tokens are not nothing: the call itself costs a few nanoseconds.
        if (tokens > 0) {
            Blackhole.consumeCPU(tokens);
        }
    }
}
