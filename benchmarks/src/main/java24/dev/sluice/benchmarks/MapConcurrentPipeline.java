package dev.sluice.benchmarks;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Gatherers;
import java.util.stream.StreamSupport;

/** Virtual threads, four at a time when not told otherwise, results in order; the calling thread is source and sink. */
final class MapConcurrentPipeline implements PipelinePeer {
    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink) {
        if (!ordered) {
            throw new UnsupportedOperationException("left out: it always keeps order");
        }
        wide(source, work, WORKERS, WORKERS, sink);
    }

    /** The window is as wide as there are threads. */
    @Override
    public void wide(
            Iterable<Integer> source, UnaryOperator<Integer> work, int width, int window, Consumer<Integer> sink) {
        StreamSupport.stream(source.spliterator(), false)
                .gather(Gatherers.mapConcurrent(width, work))
                .forEach(sink);
    }
}
