package dev.sluice.pipeline;

/** The intake of the source stage. Used by its one worker. */
final class FeedIntake implements Intake {
    private final Feed feed;
    private long read;
    private boolean ended;

    FeedIntake(Feed feed) {
        this.feed = feed;
    }

    @Override
    public boolean next(Claim claim, Meter meter) throws Exception {
        Object item = feed.next(meter);
        if (item == null) {
            ended = true;
            return false;
        }
        meter.took();
        claim.set(read, item);
        read++;
        return true;
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
