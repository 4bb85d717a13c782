package dev.sluice.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** No pipeline: each stage has done with all items before the next begins. On several threads, each has its share of a hundred items at a time. */
final class BatchPipeline implements PipelinePeer {
    private static final int SHARE = 100;

    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink) {
        List<Integer> items = read(source);
        for (UnaryOperator<Integer> stage : stages) {
            items = run(items, stage);
        }
        items.forEach(sink);
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink)
            throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            List<Integer> items = read(source);
            List<Future<List<Integer>>> results = new ArrayList<>();
            for (int from = 0; from < items.size(); from += SHARE) {
                List<Integer> share = items.subList(from, Math.min(from + SHARE, items.size()));
                results.add(workers.submit(() -> run(share, work)));
            }
            for (Future<List<Integer>> result : results) {
                result.get().forEach(sink);
            }
        } finally {
            workers.shutdown();
        }
    }

    private static List<Integer> read(Iterable<Integer> source) {
        List<Integer> items = new ArrayList<>();
        source.forEach(items::add);
        return items;
    }

    private static List<Integer> run(List<Integer> items, UnaryOperator<Integer> stage) {
        List<Integer> results = new ArrayList<>(items.size());
        for (Integer item : items) {
            results.add(stage.apply(item));
        }
        return results;
    }
}
