package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.Collections;
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

    BatchIntake(Link link, int size, long maxWaitNanos) {
        this.link = link;
        this.size = size;
        this.maxWaitNanos = maxWaitNanos;
    }

    @Override
    public @Nullable Claim next(Meter meter) {
        Claim first = link.take(meter);
        if (first == null) {
            return null;
        }
        List<Object> batch = new ArrayList<>();
        batch.add(first.input());
        long deadline = System.nanoTime() + maxWaitNanos;
        while (batch.size() < size) {
            Claim another = link.take(meter, deadline);
            if (another == null) {
                break;
            }
            batch.add(another.input());
        }
        return new Claim(first.position(), Collections.unmodifiableList(batch));
    }

    @Override
    public boolean hasEnded() {
        return link.hasEnded();
    }

    @Override
    public List<?> items(Claim claim) {
        return (List<?>) claim.input();
    }
}
