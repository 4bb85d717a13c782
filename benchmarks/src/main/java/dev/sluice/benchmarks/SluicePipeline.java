package dev.sluice.benchmarks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineBuilder;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Ours; in a stage that keeps order, as many results may wait for their turn as items for the stage. */
final class SluicePipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws InterruptedException {
        PipelineBuilder<Integer> pipeline = Pipeline.from(source);
        for (int i = 0; i < stages.size(); i++) {
            pipeline = pipeline.stage("stage-" + i, stages.get(i)::apply, s -> s.capacity(CAPACITY));
        }
        pipeline.forEach("sink", sink::accept, s -> s.capacity(CAPACITY)).run();
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink)
            throws InterruptedException {
        Pipeline.from(source)
                .<Integer>stage("work", work::apply, s -> {
                    s.workers(WORKERS).capacity(CAPACITY);
                    if (ordered) {
                        s.ordered().window(CAPACITY);
                    }
                })
                .forEach("sink", sink::accept, s -> s.capacity(CAPACITY))
                .run();
    }

    @Override
    public void wide(
            Iterable<Integer> source, UnaryOperator<Integer> work, int width, int window, Consumer<Integer> sink)
            throws InterruptedException {
        Pipeline.from(source)
                .<Integer>stage(
                        "work", work::apply, s -> s.workers(width).ordered().window(window))
                .forEach("sink", sink::accept)
                .run();
    }
}
