package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** The intake of the source stage. Used by its one worker. */
final class FeedIntake implements Intake {
    private final Feed feed;
    private long read;
    private boolean ended;

    FeedIntake(Feed feed) {
        this.feed = feed;
    }

    @Override
    public @Nullable Claim next(Meter meter) throws Exception {
        Object item = feed.next(meter);
        if (item == null) {
            ended = true;
            return null;
        }
        meter.took();
        return new Claim(read++, item);
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }

    @Override
    public long position() {
        return read;
    }

    @Override
    public void close() throws Exception {
        feed.close();
    }
}
