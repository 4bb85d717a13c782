package dev.sluice.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one run leads to: nothing, a collected value, or an iterator. */
interface RunEnd {
    /** Where the results of the last stage go. */
    Downstream downstream();

    /** What the run gives; asked for when the last stage has ended, or at once. */
    @Nullable
    Object value();

    /** Whether the value is there from the start. */
    default boolean isThereAtOnce() {
        return false;
    }

    /** The run was aborted. */
    default void abort() {}

    /** The links that are not a stage's input. */
    default List<Link> links() {
        return List.of();
    }

    /** The statistics of who takes the results, when that is not a stage. */
    default List<StageStats> stats(long now, long elapsed) {
        return List.of();
    }

    /** Makes the end of one run. */
    @FunctionalInterface
    interface Factory {
        RunEnd create(Execution execution, int index);
    }

    /** The end of a pipeline whose last stage is a sink. */
    static RunEnd nothing() {
        return new RunEnd() {
            @Override
            public Downstream downstream() {
                return Downstream.NOWHERE;
            }

            @Override
            public @Nullable Object value() {
                return null;
            }
        };
    }
}
