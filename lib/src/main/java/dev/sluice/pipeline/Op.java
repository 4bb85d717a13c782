package dev.sluice.pipeline;

import java.util.List;

/**
 * A step that runs in the thread of the stage it belongs to. It is part of the definition and shared by all runs; what
 * {@link #onto} gives belongs to one worker.
 */
@FunctionalInterface
interface Op {
    /** The link of a chain that does this step and pushes what comes of it to {@code next}. */
    Emitter onto(Emitter next, Pass pass);

    /** The steps one after the other, and then {@code end}. */
    static Emitter all(List<Op> ops, Emitter end, Pass pass) {
        Emitter chain = end;
        for (int i = ops.size() - 1; i >= 0; i--) {
            chain = ops.get(i).onto(chain, pass);
        }
        return chain;
    }

    /** The stage's own function. */
    static Op own(StageFunction<Object, Object> function) {
        return (next, pass) -> new Steps.Map(pass.own(function), next, pass);
    }

    /** The sink's own consumer. */
    static Op ownSink(StageConsumer<Object> consumer) {
        return (next, pass) -> new Steps.Peek(pass.ownSink(consumer), next);
    }

    static Op map(StageFunction<Object, Object> function) {
        return (next, pass) -> new Steps.Map(function, next, pass);
    }

    static Op filter(StagePredicate<Object> predicate) {
        return (next, pass) -> new Steps.Filter(predicate, next, pass);
    }

    static Op flatMap(StageFunction<Object, Iterable<?>> function) {
        return (next, pass) -> new Steps.FlatMap(function, next, pass);
    }

    static Op peek(StageConsumer<Object> consumer) {
        return (next, pass) -> new Steps.Peek(consumer, next);
    }
}
