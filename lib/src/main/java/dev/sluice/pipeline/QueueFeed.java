package dev.sluice.pipeline;

import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Takes from a queue of the user's until it gives the end marker. A wait for it counts as starved, not as busy. */
final class QueueFeed implements Feed {
    private final BlockingQueue<?> queue;
    private final Object end;

    QueueFeed(BlockingQueue<?> queue, Object end) {
        this.queue = queue;
        this.end = end;
    }

    @Override
    public @Nullable Object next(Meter meter) throws InterruptedException {
        Object item = queue.poll();
        if (item == null) {
            meter.waits(Meter.Wait.STARVED);
            try {
                item = queue.take();
            } finally {
                meter.goesOn();
            }
        }
        if (item == null) {
            throw new NullPointerException("stage 'source': the item that the queue gave is null");
        }
        return item == end ? null : item;
    }

    @Override
    public void close() {}
}
