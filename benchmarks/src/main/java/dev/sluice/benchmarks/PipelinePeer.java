package dev.sluice.benchmarks;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Something that takes items through stages; {@link PipelineKind} says which there are. Where there is a choice, there is room for 1024. */
interface PipelinePeer {
    int CAPACITY = 1024;

    /** How many threads run the one stage of {@link #spread}. */
    int WORKERS = 4;

    /** Each stage, the source and the sink on a thread of its own; returns when all items are through. */
    default void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        throw new UnsupportedOperationException("left out: it has no chain of stages");
    }

    /** One stage on four threads; when ordered, the sink gets its results in the order of the source. */
    default void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink)
            throws Exception {
        throw new UnsupportedOperationException("left out: it has no stage on several threads");
    }

    /** One stage for work that waits: {@code width} items at a time, and the sink gets its results in the order of the source. */
    default void wide(
            Iterable<Integer> source, UnaryOperator<Integer> work, int width, int window, Consumer<Integer> sink)
            throws Exception {
        throw new UnsupportedOperationException("left out: it has no stage of any width that keeps order");
    }
}
