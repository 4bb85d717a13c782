package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
    public boolean next(Claim claim, Meter meter) {
        if (!link.take(claim, meter)) {
            return false;
        }
        long first = claim.position();
        List<Object> batch = new ArrayList<>();
        batch.add(claim.input());
        long deadline = System.nanoTime() + maxWaitNanos;
        while (batch.size() < size && link.take(claim, meter, deadline)) {
            batch.add(claim.input());
        }
        claim.set(first, Collections.unmodifiableList(batch));
        return true;
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
