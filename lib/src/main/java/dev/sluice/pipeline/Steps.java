package dev.sluice.pipeline;

import java.util.Iterator;

/** The steps of a chain, one for each {@link Op}. */
final class Steps {
    private Steps() {}

    /** Pushes on what the function makes of an item. */
    static final class Map extends Emitter {
        private final StageFunction<Object, Object> function;
        private final Emitter next;
        private final Pass pass;

        Map(StageFunction<Object, Object> function, Emitter next, Pass pass) {
            this.function = function;
            this.next = next;
            this.pass = pass;
        }

        @Override
        boolean emit(Object item) throws Exception {
            return push(next, result(item));
        }

        Object result(Object item) throws Exception {
            return pass.notNull("what the function returned", function.apply(item));
        }

        Emitter next() {
            return next;
        }
    }

    /** Pushes on what the predicate accepts. */
    static final class Filter extends Emitter {
        private final StagePredicate<Object> predicate;
        private final Emitter next;
        private final Pass pass;

        Filter(StagePredicate<Object> predicate, Emitter next, Pass pass) {
            this.predicate = predicate;
            this.next = next;
            this.pass = pass;
            pass.mayDecline();
        }

        @Override
        boolean emit(Object item) throws Exception {
            if (predicate.test(item)) {
                return push(next, item);
            }
            pass.declined();
            return true;
        }
    }

    /** Pushes elements on as the Iterable gives them, so that one without an end needs no room. */
    static final class FlatMap extends Emitter {
        private final StageFunction<Object, Iterable<?>> function;
        private final Emitter next;
        private final Pass pass;

        FlatMap(StageFunction<Object, Iterable<?>> function, Emitter next, Pass pass) {
            this.function = function;
            this.next = next;
            this.pass = pass;
            pass.mayMultiply();
        }

        @Override
        boolean emit(Object item) throws Exception {
            Iterable<?> elements = function.apply(item);
            pass.notNull("the Iterable that the function returned", elements);
            return emitAll(elements.iterator());
        }

        private boolean emitAll(Iterator<?> elements) throws Exception {
            while (elements.hasNext()) {
                if (pass.mustPause()) {
                    pass.pause(() -> emitAll(elements));
                    return true;
                }
                Object element = pass.notNull("an element of the Iterable that the function returned", elements.next());
                // Asked here too: a filter behind may let nothing through to where it would be refused.
                if (!pass.isWanted() || !push(next, element)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Pushes an item on that the consumer has seen. */
    static final class Peek extends Emitter {
        private final StageConsumer<Object> consumer;
        private final Emitter next;

        Peek(StageConsumer<Object> consumer, Emitter next) {
            this.consumer = consumer;
            this.next = next;
        }

        @Override
        boolean emit(Object item) throws Exception {
            look(item);
            return push(next, item);
        }

        void look(Object item) throws Exception {
            consumer.accept(item);
        }

        Emitter next() {
            return next;
        }
    }
}
