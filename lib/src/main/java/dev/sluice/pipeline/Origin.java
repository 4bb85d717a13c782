package dev.sluice.pipeline;

import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a definition's items come from. */
@FunctionalInterface
interface Origin {
    /**
     * Starts reading for one run. Calls no code of the user's, but claims what can be read only once.
     *
     * @throws IllegalStateException when another run has claimed it
     */
    Feed open();

    /** Nothing has been read of what was opened, and nothing will be. */
    default void giveBack() {}

    static Origin iterable(Iterable<?> iterable) {
        return () -> new IteratorFeed(iterable::iterator, () -> {});
    }

    static Origin iterator(Iterator<?> iterator) {
        return once("an iterator", () -> IteratorFeed.of(iterator));
    }

    static Origin stream(Stream<?> stream) {
        return once("a stream", () -> new IteratorFeed(stream::iterator, stream));
    }

    static Origin streams(Supplier<? extends Stream<?>> supplier) {
        return () -> {
            SuppliedStream stream = new SuppliedStream(supplier);
            return new IteratorFeed(stream::iterator, stream);
        };
    }

    static Origin queue(BlockingQueue<?> queue, Object end) {
        return once("a queue", () -> new QueueFeed(queue, end));
    }

    private static Origin once(String what, Origin source) {
        return new Once(what, source);
    }

    /** What can be read by one run only. */
    final class Once implements Origin {
        private final String what;
        private final Origin source;
        private final AtomicBoolean claimed = new AtomicBoolean();

        Once(String what, Origin source) {
            this.what = what;
            this.source = source;
        }

        @Override
        public Feed open() {
            if (!claimed.compareAndSet(false, true)) {
                throw new IllegalStateException("the source is " + what + " and has been read by another run");
            }
            return source.open();
        }

        @Override
        public void giveBack() {
            claimed.set(false);
        }
    }

    /** The stream of one run; it is made in the source's thread, because the supplier may block or throw. */
    final class SuppliedStream implements AutoCloseable {
        private final Supplier<? extends Stream<?>> supplier;
        private @Nullable Stream<?> stream;

        SuppliedStream(Supplier<? extends Stream<?>> supplier) {
            this.supplier = supplier;
        }

        Iterator<?> iterator() {
            Stream<?> supplied = supplier.get();
            if (supplied == null) {
                throw new NullPointerException("the stream that the supplier gave is null");
            }
            stream = supplied;
            return supplied.iterator();
        }

        @Override
        public void close() {
            if (stream != null) {
                stream.close();
            }
        }
    }
}
