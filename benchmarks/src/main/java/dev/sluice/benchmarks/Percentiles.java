package dev.sluice.benchmarks;

import org.HdrHistogram.Histogram;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Nanoseconds that JMH reports beside the score, with the names of the fields. */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Percentiles {
    /** The median. */
    public long p50;

    /** What one in a hundred exceeds. */
    public long p99;

    /** What one in a thousand exceeds. */
    public long p999;

    /** The longest. */
    public long max;

    void of(Schedule schedule) {
        Histogram histogram = schedule.delays();
        p50 = histogram.getValueAtPercentile(50);
        p99 = histogram.getValueAtPercentile(99);
        p999 = histogram.getValueAtPercentile(99.9);
        max = histogram.getMaxValue();
    }
}
