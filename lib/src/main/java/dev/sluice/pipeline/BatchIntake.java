package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes several items from a link as one input: as many as were asked for, or fewer when the time since the first of
 * them has passed or the link has no more. Used by one worker.
 */
final class BatchIntake implements Intake {
    private final Link link;
    private final int size;
    private final long maxWaitNanos;
    private ArrayList<Object> batch;
    /** The number of the first item of the batch. */
    private long first;
    /** When the batch is an input although it is not full. */
    private long deadline;

    BatchIntake(Link link, int size, long maxWaitNanos) {
        this.link = link;
        this.size = size;
        this.maxWaitNanos = maxWaitNanos;
        this.batch = new ArrayList<>(Math.min(size, 16));
    }

    @Override
    public @Nullable Object poll(Meter meter) {
        while (batch.size() < size) {
            // Before an item is taken, which would be lost if there were no memory for its place.
            batch.ensureCapacity(batch.size() + 1);
            Object item = link.poll(meter);
            if (item == null) {
                return batch.isEmpty() || !isDue() ? null : whole(meter);
            }
            if (batch.isEmpty()) {
                first = meter.position;
                deadline = System.nanoTime() + maxWaitNanos;
            }
            batch.add(item);
        }
        return whole(meter);
    }

    private boolean isDue() {
        return link.isOver() || System.nanoTime() - deadline >= 0;
    }

    private Object whole(Meter meter) {
        ArrayList<Object> next = new ArrayList<>(Math.min(size, 16));
        Object whole = Tracked.all(batch);
        batch = next;
        meter.position = first;
        return whole;
    }

    @Override
    public boolean await(Meter meter) {
        // What there is of a batch is an input when the time is up, and when nothing follows.
        boolean more = link.await(meter, batch.isEmpty() ? Link.NEVER : deadline);
        return more || !batch.isEmpty();
    }

    @Override
    public long taken() {
        return link.taken();
    }

    @Override
    public boolean hasEnded() {
        return batch.isEmpty() && link.hasEnded();
    }

    @Override
    public int count(Object input) {
        return items(input).size();
    }

    @Override
    public List<?> items(Object input) {
        return (List<?>) Tracked.item(input);
    }

    @Override
    public @Nullable Object rest() {
        return batch.isEmpty() ? null : batch;
    }

    @Override
    public void close() {
        link.takersLeave();
    }
}
