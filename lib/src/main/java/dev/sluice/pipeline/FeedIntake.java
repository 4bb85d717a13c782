package dev.sluice.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The intake of the source stage. Used by its one worker. */
final class FeedIntake implements Intake {
    private static final VarHandle READ;

    static {
        try {
            READ = MethodHandles.lookup().findVarHandle(FeedIntake.class, "read", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Feed feed;
    private long read;
    private boolean ended;

    FeedIntake(Feed feed) {
        this.feed = feed;
    }

    @Override
    public @Nullable Object poll(Meter meter) throws Exception {
        Object item = feed.next(meter);
        if (item == null) {
            ended = true;
            return null;
        }
        meter.position = read;
        READ.setRelease(this, read + 1);
        return item;
    }

    @Override
    public boolean await(Meter meter) {
        // The feed itself waits: who has nothing has ended.
        return false;
    }

    @Override
    public long taken() {
        return (long) READ.getAcquire(this);
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
