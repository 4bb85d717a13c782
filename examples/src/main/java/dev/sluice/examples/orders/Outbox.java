package dev.sluice.examples.orders;

import dev.sluice.pipeline.Source;
import dev.sluice.queue.RingBlockingQueue;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that are not done yet, in the order in which they were committed. One is taken out when it is acknowledged;
 * what a killed process had not acknowledged is given again after the next start, so every handler has to bear an event
 * that it has seen before.
 */
final class Outbox implements Source<Recorded> {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int PAGE = 500;
    private static final long LOOK_AGAIN_SECONDS = 1;

    private final EventStore store;
    private final RingBlockingQueue<Boolean> bell;
    private final Queue<Recorded> refused = new ConcurrentLinkedQueue<>();
    /** Done, and perhaps in the outbox still, because the database did not say that they were taken out. */
    private final Queue<Recorded> unwritten = new ConcurrentLinkedQueue<>();

    /** Used by the source's thread alone, like {@code read}. */
    private final Queue<Recorded> page = new ArrayDeque<>();

    private long read;
    private volatile long idleNanos;
    private volatile long idleSince;

    /**
     * An outbox that is read from its beginning.
     *
     * @param bell has an element when something has been put into the outbox since it was last looked at
     */
    Outbox(EventStore store, RingBlockingQueue<Boolean> bell) {
        this.store = store;
        this.bell = bell;
    }

    @Override
    public Recorded next() throws InterruptedException {
        while (true) {
            try {
                acknowledgeAgain();
                Recorded next = poll();
                if (next != null) {
                    return next;
                }
                waitForMore();
            } catch (SQLException e) {
                LOG.warn("the outbox cannot be read, trying again: {}", e.getMessage());
                bell.poll(1, TimeUnit.SECONDS);
            }
        }
    }

    private void waitForMore() throws InterruptedException {
        long since = System.nanoTime();
        idleSince = since;
        try {
            // What has been committed without an answer from the database rings no bell.
            bell.poll(LOOK_AGAIN_SECONDS, TimeUnit.SECONDS);
        } finally {
            // Only this thread writes it.
            idleNanos = idleNanos + System.nanoTime() - since;
            idleSince = 0;
        }
    }

    /** How long there was nothing to give; to a pipeline a source that waits looks busy. */
    Duration idle() {
        long since = idleSince;
        return Duration.ofNanos(idleNanos + (since == 0 ? 0 : Math.max(0, System.nanoTime() - since)));
    }

    /** The next event if there is one now. */
    @Nullable
    Recorded poll() throws SQLException {
        if (page.isEmpty() && refused.isEmpty()) {
            for (Recorded event : store.outbox(read, PAGE)) {
                page.add(event);
                read = event.ticket();
            }
        }
        return refused.isEmpty() ? page.poll() : refused.poll();
    }

    @Override
    public void ack(Recorded event) throws SQLException, InterruptedException {
        store.acknowledge(event, () -> unwritten.add(event));
    }

    /** Those only that are there now: what fails again waits for the next look. */
    private void acknowledgeAgain() throws SQLException, InterruptedException {
        for (int i = unwritten.size(); i > 0; i--) {
            Recorded event = unwritten.remove();
            try {
                ack(event);
            } catch (SQLException e) {
                unwritten.add(event);
                throw e;
            }
        }
    }

    /** Neither handled nor kept as a dead letter, because the database would not have it: it comes again. */
    @Override
    public void nack(Recorded event, Throwable reason) {
        LOG.warn("event {} is given again: {}", event.seq(), reason.toString());
        refused.add(event);
        bell.offer(true);
    }
}
