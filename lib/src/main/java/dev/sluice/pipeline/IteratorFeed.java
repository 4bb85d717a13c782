package dev.sluice.pipeline;

import java.util.Iterator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Reads an iterator, which is made at the first read, if not before, and closed at the end when it can be. */
final class IteratorFeed implements Feed {
    private final Callable<? extends Iterator<?>> opener;
    private final AutoCloseable owner;
    private @Nullable Iterator<?> iterator;

    /** @param owner is closed after the iterator */
    IteratorFeed(Callable<? extends Iterator<?>> opener, AutoCloseable owner) {
        this.opener = opener;
        this.owner = owner;
    }

    @Override
    public @Nullable Object next(Meter meter) throws Exception {
        Iterator<?> items = iterator;
        if (items == null) {
            items = opened();
            iterator = items;
        }
        if (!items.hasNext()) {
            return null;
        }
        Object item = items.next();
        if (item == null) {
            throw new NullPointerException("stage 'source': the item that the source gave is null");
        }
        return item;
    }

    /** Of an iterator that is there already, and is closed although it may never be read. */
    static IteratorFeed of(Iterator<?> iterator) {
        IteratorFeed feed = new IteratorFeed(() -> iterator, () -> {});
        feed.iterator = iterator;
        return feed;
    }

    private Iterator<?> opened() throws Exception {
        Iterator<?> opened = opener.call();
        if (opened == null) {
            throw new NullPointerException("stage 'source': the iterator that the source gave is null");
        }
        return opened;
    }

    @Override
    public void close() throws Exception {
        try (owner) {
            if (iterator instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }
}
