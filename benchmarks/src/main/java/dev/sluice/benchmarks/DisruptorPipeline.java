package dev.sluice.benchmarks;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.EventHandlerGroup;
import com.lmax.disruptor.dsl.ProducerType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** One ring of 1024 that the source fills and all handlers go round, each behind the one before it. */
final class DisruptorPipeline implements PipelinePeer {
    private final Supplier<WaitStrategy> waiting;

    DisruptorPipeline(Supplier<WaitStrategy> waiting) {
        this.waiting = waiting;
    }

    private static final class Cell {
        private Integer item = Sequence.END;
    }

    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Disruptor<Cell> disruptor =
                new Disruptor<>(Cell::new, CAPACITY, Crew::daemon, ProducerType.SINGLE, waiting.get());
        EventHandlerGroup<Cell> last = disruptor.handleEventsWith(handler(stages.get(0)));
        for (UnaryOperator<Integer> stage : stages.subList(1, stages.size())) {
            last = last.then(handler(stage));
        }
        last.then((cell, sequence, endOfBatch) -> {
            if (cell.item == Sequence.END) {
                end.complete(null);
            } else {
                sink.accept(cell.item);
            }
        });
        disruptor.start();
        try {
            Crew crew = new Crew();
            crew.start(() -> {
                for (Integer item : source) {
                    disruptor.publishEvent((cell, sequence, next) -> cell.item = next, item);
                }
                disruptor.publishEvent((cell, sequence) -> cell.item = Sequence.END);
            });
            crew.join();
            end.get(1, TimeUnit.MINUTES);
        } finally {
            disruptor.halt();
        }
    }

    private static EventHandler<Cell> handler(UnaryOperator<Integer> stage) {
        return (cell, sequence, endOfBatch) -> {
            if (cell.item != Sequence.END) {
                cell.item = stage.apply(cell.item);
            }
        };
    }
}
