package dev.sluice.pipeline;

import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a definition's items come from. */
@FunctionalInterface
interface Origin {
    /**
     * Starts reading for one run, of which this is stage number {@code index}. Calls no code of the user's, but claims
     * what can be read only once.
     *
     * @throws IllegalStateException when another run has claimed it
     */
    Intake open(Execution run, int index, String name);

    /** Whether the source is told what became of its items. */
    default boolean isTold() {
        return false;
    }

    /** Nothing has been read of what was opened, and nothing will be. */
    default void giveBack() {}

    static Origin iterable(Iterable<?> iterable) {
        return feed(run -> new IteratorFeed(iterable::iterator, () -> {}));
    }

    static Origin iterator(Iterator<?> iterator) {
        return once("an iterator", feed(run -> IteratorFeed.of(iterator)));
    }

    static Origin stream(Stream<?> stream) {
        return once("a stream", feed(run -> new IteratorFeed(stream::iterator, stream)));
    }

    static Origin streams(Supplier<? extends Stream<?>> supplier) {
        return feed(run -> {
            SuppliedStream stream = new SuppliedStream(supplier);
            return new IteratorFeed(stream::iterator, stream);
        });
    }

    static Origin source(Source<?> source) {
        return new Told(once("a Source", feed(run -> new SourceFeed(source, run.notices()))));
    }

    static Origin publisher(Flow.Publisher<?> publisher) {
        return (run, index, name) -> new PublisherIntake(publisher, run.sourceLink(index, name));
    }

    private static Origin feed(Function<Execution, Feed> feeds) {
        return (run, index, name) -> new FeedIntake(feeds.apply(run));
    }

    static Origin queue(BlockingQueue<?> queue, Object end) {
        return once("a queue", feed(run -> new QueueFeed(queue, end)));
    }

    private static Origin once(String what, Origin source) {
        return new Once(what, source);
    }

    /** A source that is told what became of its items. */
    record Told(Origin source) implements Origin {
        @Override
        public Intake open(Execution run, int index, String name) {
            return source.open(run, index, name);
        }

        @Override
        public boolean isTold() {
            return true;
        }

        @Override
        public void giveBack() {
            source.giveBack();
        }
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
        public Intake open(Execution run, int index, String name) {
            if (!claimed.compareAndSet(false, true)) {
                throw new IllegalStateException("the source is " + what + " and has been read by another run");
            }
            return source.open(run, index, name);
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
