package dev.sluice.benchmarks;

import com.pivovarit.collectors.ParallelCollectors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Four platform threads. It collects the whole source before the first result comes out: its queue knows no bound. */
final class ParallelCollectorsPipeline implements PipelinePeer {
    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink) {
        try (ExecutorService threads = Executors.newFixedThreadPool(WORKERS)) {
            Stream<Integer> items = StreamSupport.stream(source.spliterator(), false);
            Stream<Integer> results = ordered
                    ? items.collect(ParallelCollectors.parallelToOrderedStream(work, threads, WORKERS))
                    : items.collect(ParallelCollectors.parallelToStream(work, threads, WORKERS));
            results.forEach(sink);
        }
    }
}
