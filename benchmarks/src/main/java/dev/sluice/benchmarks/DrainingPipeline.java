package dev.sluice.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** As {@link ThreadsPipeline}, but each thread takes all that is there at once, with {@code drainTo}. */
final class DrainingPipeline implements PipelinePeer {
    private interface Out {
        void accept(Integer item) throws InterruptedException;
    }

    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        Crew crew = new Crew();
        BlockingQueue<Integer> first = new ArrayBlockingQueue<>(CAPACITY);
        crew.start(() -> {
            for (Integer item : source) {
                first.put(item);
            }
            first.put(Sequence.END);
        });
        BlockingQueue<Integer> last = first;
        for (UnaryOperator<Integer> stage : stages) {
            BlockingQueue<Integer> in = last;
            BlockingQueue<Integer> out = new ArrayBlockingQueue<>(CAPACITY);
            crew.start(() -> {
                drain(in, item -> out.put(stage.apply(item)));
                out.put(Sequence.END);
            });
            last = out;
        }
        BlockingQueue<Integer> end = last;
        crew.start(() -> drain(end, sink::accept));
        crew.join();
    }

    private static void drain(BlockingQueue<Integer> in, Out out) throws InterruptedException {
        List<Integer> items = new ArrayList<>(CAPACITY);
        while (true) {
            items.add(in.take());
            in.drainTo(items, CAPACITY - 1);
            for (int i = 0; i < items.size(); i++) {
                Integer item = items.get(i);
                if (item == Sequence.END) {
                    return;
                }
                out.accept(item);
            }
            items.clear();
        }
    }
}
