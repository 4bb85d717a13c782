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

    /** What it is called as the target of a way; null when nothing is put anywhere. */
    default @Nullable String name() {
        return null;
    }

    /** The run was aborted. */
    default void abort() {}

    /** The link that is not a stage's input. */
    default @Nullable Link link() {
        return null;
    }

    /** The statistics of who takes the results, when that is not a stage. */
    default List<StageStats> stats(long now, long elapsed) {
        return List.of();
    }

    /** Makes the end of one run. */
    @FunctionalInterface
    interface Factory {
        /** Makes it; {@code inputs} are the ways that lead to it. */
        RunEnd create(Execution execution, List<Way> inputs);
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
