package dev.sluice.pipeline;

/**
 * A step that runs in the thread of the stage it belongs to. It is part of the definition and shared by all runs; what
 * {@link #onto} gives belongs to one worker.
 */
@FunctionalInterface
interface Op {
    /** The link of a chain that does this step and pushes what comes of it to {@code next}. */
    Emitter onto(Emitter next, Pass pass);

    static Op map(StageFunction<Object, Object> function) {
        return (next, pass) -> item -> next.emit(pass.notNull("what the function returned", function.apply(item)));
    }

    static Op filter(StagePredicate<Object> predicate) {
        return (next, pass) -> item -> {
            if (predicate.test(item)) {
                return next.emit(item);
            }
            pass.declined();
            return true;
        };
    }

    /** Elements are pushed on as the Iterable gives them, so that one without an end needs no room. */
    static Op flatMap(StageFunction<Object, Iterable<?>> function) {
        return (next, pass) -> item -> {
            Iterable<?> elements = function.apply(item);
            pass.notNull("the Iterable that the function returned", elements);
            for (Object element : elements) {
                pass.notNull("an element of the Iterable that the function returned", element);
                // Asked here too: a filter behind may let nothing through to where it would be refused.
                if (!pass.isWanted() || !next.emit(element)) {
                    return false;
                }
            }
            return true;
        };
    }

    static Op peek(StageConsumer<Object> consumer) {
        return (next, pass) -> item -> {
            consumer.accept(item);
            return next.emit(item);
        };
    }
}
