package dev.sluice.pool;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The one kind of {@link Outcomes}: a group that its reader feeds. Before it gives an outcome it tops the pool up; it
 * waits for room only when nothing is in flight that it could wait for instead. Used by one thread.
 */
final class Feed<T> implements Outcomes<T> {
    private final BasePool pool;
    private final Group<T> group;
    private final Iterator<? extends Job<T>> jobs;
    /** Taken from the feed and not submitted yet, for want of room. */
    private @Nullable Job<T> held;

    private boolean iterated;
    private boolean closed;

    Feed(BasePool pool, Iterator<? extends Job<T>> jobs) {
        this.pool = pool;
        this.jobs = jobs;
        this.group = new Group<>(pool, OnFailure.COLLECT);
    }

    @Override
    public Iterator<Outcome<T>> iterator() {
        if (iterated) {
            throw new IllegalStateException("the outcomes of a feed can be iterated only once");
        }
        iterated = true;
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                topUp();
                return group.awaitOutcome();
            }

            @Override
            public Outcome<T> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("every job of the feed has ended and been read");
                }
                return group.take();
            }
        };
    }

    private void topUp() {
        boolean room = true;
        while (room && !closed && group.inFlight() < pool.feedAhead() && (held != null || jobs.hasNext())) {
            Job<T> job = held != null ? held : jobs.next();
            held = job;
            room = submit(job);
            held = room ? null : job;
        }
    }

    private boolean submit(Job<T> job) {
        Task<T> task = Task.of(pool, job, group);
        try {
            return group.inFlight() > 0
                    ? group.add(task, member -> pool.tryAdmit(member, 0))
                    : group.add(task, pool::admitWithRoom);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException interrupted = new CancellationException("interrupted while waiting for room");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    @Override
    public void close() {
        closed = true;
        group.cancel();
        group.markSeen();
        group.close();
    }
}
