package dev.sluice.benchmarks;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Gatherers;
import java.util.stream.StreamSupport;

/** Four virtual threads at a time, results in order; the calling thread is source and sink. */
final class MapConcurrentPipeline implements PipelinePeer {
    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink) {
        if (!ordered) {
            throw new UnsupportedOperationException("left out: it always keeps order");
        }
        StreamSupport.stream(source.spliterator(), false)
                .gather(Gatherers.mapConcurrent(WORKERS, work))
                .forEach(sink);
    }
}
