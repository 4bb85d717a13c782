package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** Reads a {@link Source}, which is told of each item what became of it, and closed when the run is over. */
final class SourceFeed implements Feed {
    private final Source<Object> source;
    private final Notices notices;

    // A source is told of the items that it gave: they are of its type.
    @SuppressWarnings("unchecked")
    SourceFeed(Source<?> source, Notices notices) {
        this.source = (Source<Object>) source;
        this.notices = notices;
    }

    @Override
    public @Nullable Object next(Meter meter) throws Exception {
        Object item = source.next();
        return item == null ? null : new Tracked(item, new Ticket(reason -> notices.add(() -> tell(item, reason))));
    }

    private void tell(Object item, @Nullable Throwable reason) throws Exception {
        if (reason == null) {
            source.ack(item);
        } else {
            source.nack(item, reason);
        }
    }

    @Override
    public void close() {
        // There are items whose fate is open.
    }

    @Override
    public void runEnds() throws Exception {
        source.close();
    }
}
