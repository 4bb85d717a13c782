package dev.sluice.benchmarks;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What one writes by hand: threads, and an {@link ArrayBlockingQueue} (not fair, its default) before each. A stage is a loop of
 * {@code take} and {@code put}, and an end marker goes through all. Results in order come the usual way: futures in a queue,
 * which the sink takes in turn and waits for.
 */
final class ThreadsPipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        Crew crew = new Crew();
        BlockingQueue<Integer> first = new ArrayBlockingQueue<>(CAPACITY);
        crew.start(() -> read(source, first, 1));
        BlockingQueue<Integer> last = first;
        for (UnaryOperator<Integer> stage : stages) {
            BlockingQueue<Integer> in = last;
            BlockingQueue<Integer> out = new ArrayBlockingQueue<>(CAPACITY);
            crew.start(() -> handOn(in, stage, out));
            last = out;
        }
        BlockingQueue<Integer> end = last;
        crew.start(() -> write(end, sink, 1));
        crew.join();
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink)
            throws Exception {
        if (ordered) {
            spreadInOrder(source, work, sink);
            return;
        }
        Crew crew = new Crew();
        BlockingQueue<Integer> in = new ArrayBlockingQueue<>(CAPACITY);
        BlockingQueue<Integer> out = new ArrayBlockingQueue<>(CAPACITY);
        crew.start(() -> read(source, in, WORKERS));
        for (int i = 0; i < WORKERS; i++) {
            crew.start(() -> handOn(in, work, out));
        }
        crew.start(() -> write(out, sink, WORKERS));
        crew.join();
    }

    private static void spreadInOrder(Iterable<Integer> source, UnaryOperator<Integer> work, Consumer<Integer> sink)
            throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        try {
            BlockingQueue<Future<Integer>> results = new ArrayBlockingQueue<>(CAPACITY);
            FutureTask<Integer> end = new FutureTask<>(() -> Sequence.END);
            Crew crew = new Crew();
            crew.start(() -> {
                for (Integer item : source) {
                    FutureTask<Integer> result = new FutureTask<>(() -> work.apply(item));
                    results.put(result);
                    workers.execute(result);
                }
                results.put(end);
            });
            crew.start(() -> {
                for (Future<Integer> result = results.take(); result != end; result = results.take()) {
                    sink.accept(result.get());
                }
            });
            crew.join();
        } finally {
            workers.shutdownNow();
        }
        if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("workers must end but did not");
        }
    }

    private static void read(Iterable<Integer> source, BlockingQueue<Integer> out, int readers)
            throws InterruptedException {
        for (Integer item : source) {
            out.put(item);
        }
        for (int i = 0; i < readers; i++) {
            out.put(Sequence.END);
        }
    }

    private static void handOn(BlockingQueue<Integer> in, UnaryOperator<Integer> stage, BlockingQueue<Integer> out)
            throws InterruptedException {
        for (Integer item = in.take(); item != Sequence.END; item = in.take()) {
            out.put(stage.apply(item));
        }
        out.put(Sequence.END);
    }

    private static void write(BlockingQueue<Integer> in, Consumer<Integer> sink, int writers)
            throws InterruptedException {
        int ended = 0;
        while (ended < writers) {
            Integer item = in.take();
            if (item == Sequence.END) {
                ended++;
            } else {
                sink.accept(item);
            }
        }
    }
}
