package dev.sluice.benchmarks.report;

import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.TimeValue;

/** What to run, and for how long. */
public enum Profile {
    /** A few rows of each topic, in less than ten minutes on two cores. */
    SHORT(1, 2, 3, 400) {
        @Override
        List<Selection> selections() {
            return Topics.all().stream().flatMap(Topic::selections).distinct().toList();
        }
    },
    /** What Sluice sets itself as targets: three forks, so that a figure does not hang on the luck of one compilation. */
    TARGETS(3, 3, 5, 1000) {
        @Override
        List<Selection> selections() {
            return Targets.selections();
        }
    };

    private final int forks;
    private final int warmups;
    private final int iterations;
    private final int millis;

    Profile(int forks, int warmups, int iterations, int millis) {
        this.forks = forks;
        this.warmups = warmups;
        this.iterations = iterations;
        this.millis = millis;
    }

    abstract List<Selection> selections();

    Options options(Selection selection) {
        return selection
                .options()
                .forks(selection.isOnce() ? 1 : forks)
                .warmupIterations(selection.isOnce() ? 0 : warmups * selection.warmUp())
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementIterations(selection.isOnce() ? 1 : iterations)
                .measurementTime(TimeValue.milliseconds(millis))
                .addProfiler(GCProfiler.class)
                .build();
    }
}
