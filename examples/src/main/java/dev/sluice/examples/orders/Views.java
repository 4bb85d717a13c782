package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Sql.Change;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The tables that are read, made of events. They are changed in the order of all events, and how far that has come is
 * written in the same transaction: so an event that comes again is known, and changes nothing.
 *
 * <p>They can be made anew while the service runs. All rows belong to a generation; a new one is filled from the first
 * event on, beside the one that is shown, and takes its place when it has seen them all.
 */
final class Views {
    private static final int PAGE = 1000;

    private final EventStore store;
    private final Journal journal;
    private final Consumer<List<Recorded>> shown;
    private final AtomicBoolean rebuilding = new AtomicBoolean();
    /** Held by whoever changes the generation that is shown, or puts another in its place. */
    private final ReentrantLock turn = new ReentrantLock();

    private volatile long generation = 1;
    private volatile long position;

    /**
     * Goes on where the last run has stopped.
     *
     * @param shown is told of events when they can be seen
     */
    Views(Database database, EventStore store, Journal journal, Consumer<List<Recorded>> shown) throws SQLException {
        this.store = store;
        this.journal = journal;
        this.shown = shown;
        database.query(
                row -> {
                    generation = row.getLong(1);
                    return position = row.getLong(2);
                },
                "SELECT generation, position FROM views");
    }

    /** How many events have not been seen yet. */
    long lag() throws SQLException {
        return Math.max(0, store.last() - position);
    }

    boolean isRebuilding() {
        return rebuilding.get();
    }

    /** Shows events, which follow on those that are shown; what is shown already is not changed. */
    void show(List<Recorded> events) throws SQLException, InterruptedException {
        turn.lockInterruptibly();
        try {
            List<Recorded> fresh =
                    events.stream().filter(each -> each.seq() > position).toList();
            if (!fresh.isEmpty()) {
                List<Change> changes = View.of(generation, fresh);
                moveTo(generation, fresh.get(fresh.size() - 1).seq(), changes);
            }
        } finally {
            turn.unlock();
        }
        shown.accept(events);
    }

    private void moveTo(long target, long seq, List<Change> changes) throws SQLException, InterruptedException {
        changes.add(Sql.POSITION.with(target, seq));
        journal.commit(changes);
        generation = target;
        position = seq;
    }

    /**
     * Makes all views anew, from the first event on.
     *
     * @return false when that is being done already
     */
    boolean rebuild() throws SQLException, InterruptedException {
        if (!rebuilding.compareAndSet(false, true)) {
            return false;
        }
        try {
            // What a rebuild that was killed has left.
            dropAllBut(generation);
            long next = generation + 1;
            long seen = fill(next, 0);
            turn.lockInterruptibly();
            try {
                // What has come meanwhile. What comes from here on is in the outbox, behind this place.
                moveTo(next, fill(next, seen), new ArrayList<>());
            } finally {
                turn.unlock();
            }
            dropAllBut(next);
            return true;
        } finally {
            rebuilding.set(false);
        }
    }

    /** Writes the events behind a place into a generation, and returns the place of the last of them. */
    private long fill(long target, long from) throws SQLException, InterruptedException {
        long seen = from;
        List<Recorded> page;
        do {
            page = store.after(seen, PAGE);
            if (!page.isEmpty()) {
                journal.commit(View.of(target, page));
                seen = page.get(page.size() - 1).seq();
            }
        } while (page.size() == PAGE);
        return seen;
    }

    private void dropAllBut(long kept) throws SQLException, InterruptedException {
        for (Sql drop : List.of(Sql.DROP_ORDERS, Sql.DROP_HISTORY, Sql.DROP_PRODUCTS, Sql.DROP_TAGS)) {
            journal.commit(List.of(drop.with(kept)));
        }
    }
}
