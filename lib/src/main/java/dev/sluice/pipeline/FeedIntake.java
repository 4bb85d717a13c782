package dev.sluice.pipeline;

import dev.sluice.internal.SureLock;
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
    // Held while interrupting: what follows the feed's next() in the worker is not interrupted.
    private final SureLock cutting = new SureLock();
    private volatile boolean cut;
    // Guarded by the lock: the worker has left next() since the source was cut, and does not come again.
    private boolean past;
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
        } else {
            meter.position = read;
            // Before the look at the cut: who has cut and sees, a moment later, no item in hand, may interrupt, for the
            // worker has seen the cut or will.
            READ.setRelease(this, read + 1);
        }
        if (cut) {
            leaveLastNext();
        }
        return item;
    }

    private void leaveLastNext() {
        cutting.lock();
        try {
            past = true;
        } finally {
            cutting.unlock();
        }
        Thread.interrupted();
    }

    /** The source gives no more from here on but what it is about to give: that is its end. By any thread. */
    void cut() {
        cut = true;
    }

    boolean isCut() {
        return cut;
    }

    /**
     * Interrupts the worker in the feed's {@code next()}. By who has cut the source, a moment ago, and has seen since that
     * the worker has no item in hand: so it is there, or is about to end.
     */
    void interrupt(Interrupts worker) {
        cutting.lock();
        try {
            if (!past) {
                worker.interrupt();
            }
        } finally {
            cutting.unlock();
        }
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
        return ended || cut;
    }

    @Override
    public long position() {
        return read;
    }

    @Override
    public void close() throws Exception {
        feed.close();
    }

    @Override
    public void runEnds() throws Exception {
        feed.runEnds();
    }
}
