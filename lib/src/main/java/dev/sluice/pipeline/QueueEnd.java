package dev.sluice.pipeline;

import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Puts the end marker into a queue of the user's, behind what the stage {@code queue} has put there. */
final class QueueEnd implements RunEnd, Downstream {
    private final BlockingQueue<Object> queue;
    private final Object end;

    QueueEnd(BlockingQueue<Object> queue, Object end) {
        this.queue = queue;
        this.end = end;
    }

    @Override
    public boolean put(Object item, Meter meter) {
        Tracked.release(item);
        return true;
    }

    @Override
    public void end() {
        try {
            queue.put(end);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted before the end could be put", e);
        }
    }

    /** Who reads the queue is to come to an end, too. The caller is interrupted when nothing may be waited for. */
    @Override
    public void fail() {
        if (queue.offer(end)) {
            return;
        }
        try {
            queue.put(end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Downstream downstream() {
        return this;
    }

    @Override
    public @Nullable Object value() {
        return null;
    }
}
