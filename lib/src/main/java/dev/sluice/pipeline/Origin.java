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

    static Origin iterable(Iterable<?> iterable) {
        return () -> new IteratorFeed(iterable::iterator, () -> {});
    }

    static Origin iterator(Iterator<?> iterator) {
        return once("iterator", () -> IteratorFeed.of(iterator));
    }

    static Origin stream(Stream<?> stream) {
        return once("stream", () -> new IteratorFeed(stream::iterator, stream));
    }

    static Origin streams(Supplier<? extends Stream<?>> supplier) {
        return () -> {
            SuppliedStream stream = new SuppliedStream(supplier);
            return new IteratorFeed(stream::iterator, stream);
        };
    }

    static Origin queue(BlockingQueue<?> queue, Object end) {
        return once("queue", () -> new QueueFeed(queue, end));
    }

    private static Origin once(String what, Origin source) {
        AtomicBoolean claimed = new AtomicBoolean();
        return () -> {
            if (!claimed.compareAndSet(false, true)) {
                throw new IllegalStateException("the source is " + (what.equals("iterator") ? "an " : "a ") + what
                        + " and has been read by another run of this definition");
            }
            return source.open();
        };
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
