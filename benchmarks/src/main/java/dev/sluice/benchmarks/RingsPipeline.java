package dev.sluice.benchmarks;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** As {@link ThreadsPipeline}, with JCTools' rings for one producer and one consumer; who cannot go on yields, for ever. */
final class RingsPipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        Crew crew = new Crew();
        QueueKind.Transfer first = ring();
        crew.start(() -> {
            for (Integer item : source) {
                first.put(item);
            }
            first.put(Sequence.END);
        });
        QueueKind.Transfer last = first;
        for (UnaryOperator<Integer> stage : stages) {
            QueueKind.Transfer in = last;
            QueueKind.Transfer out = ring();
            crew.start(() -> {
                for (Integer item = in.take(); item != Sequence.END; item = in.take()) {
                    out.put(stage.apply(item));
                }
                out.put(Sequence.END);
            });
            last = out;
        }
        QueueKind.Transfer end = last;
        crew.start(() -> {
            for (Integer item = end.take(); item != Sequence.END; item = end.take()) {
                sink.accept(item);
            }
        });
        crew.join();
    }

    private static QueueKind.Transfer ring() {
        return QueueKind.JCTOOLS_YIELDING.transfer(CAPACITY, true);
    }
}
