package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import dev.sluice.internal.CheckReturnValue;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A place at which a pipeline goes on in several branches; made by {@link PipelineBuilder#fanOut}. It is a stage with a
 * queue and one worker, and each branch begins with the queue of its first stage.
 *
 * <pre>{@code
 * FanOut<Order> orders = Pipeline.from(all).fanOut("route", Route.firstMatch());
 * Pipeline<Void> express = orders.branch(Order::isUrgent).forEach("express", this::send);
 * Pipeline<Void> parcels = orders.branch().batch(100, Duration.ofSeconds(1)).forEach("parcels", this::pack);
 * express.with(parcels).run();
 * }</pre>
 *
 * <p>The branches that are part of the pipeline which is run get items; those that are not are as if they had never
 * been made. They are joined with {@link Pipeline#merge} or {@link Pipeline#with}.
 *
 * <p>An item that no branch accepts is counted as discarded in this stage and told to the {@link DiscardHandler}; the
 * first of a run is logged.
 *
 * <p>Safe for use by several threads.
 *
 * @param <T> the items
 */
@CheckReturnValue
public final class FanOut<T> {
    private final Definition definition;
    private final AtomicInteger branches = new AtomicInteger();

    FanOut(Definition definition) {
        this.definition = definition;
    }

    /**
     * One more branch, which accepts every item.
     *
     * @return a builder that goes on in this branch
     */
    public PipelineBuilder<T> branch() {
        return branch(item -> true);
    }

    /**
     * One more branch, with a condition.
     *
     * @param accepts says which items the branch accepts; called by the stage's worker
     * @return a builder that goes on in this branch
     */
    // Items at this place are of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    public PipelineBuilder<T> branch(StagePredicate<? super T> accepts) {
        StagePredicate<Object> condition = (StagePredicate<Object>) Check.notNull("accepts", accepts);
        Way branch = Way.branch(definition.last(), branches.getAndIncrement(), condition);
        return new PipelineBuilder<>(definition.endingIn(List.of(branch)));
    }

    @Override
    public String toString() {
        return "FanOut[" + definition.last().name() + ", " + definition.last().route() + "]";
    }
}
