package dev.sluice.pool;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The one kind of {@link Outcomes}: a group that its reader feeds. While an outcome is ready it is given; otherwise jobs
 * are taken until one is, or enough are in flight. The reader waits for room in the pool only when nothing is in flight
 * that it could wait for instead.
 */
final class Feed<T extends @Nullable Object> implements Outcomes<T> {
    private final BasePool pool;
    private final Group<T> group;
    private final Iterator<? extends Job<T>> jobs;
    /** Taken from the feed and not submitted yet, for want of room. */
    private @Nullable Job<T> held;
    /** What ended the feed early, until the reader has been told, after the last outcome. */
    private @Nullable Throwable failure;

    private boolean exhausted;
    private boolean iterated;
    private volatile boolean closed;

    Feed(BasePool pool, Iterator<? extends Job<T>> jobs, Group<T> group) {
        this.pool = pool;
        this.jobs = jobs;
        this.group = group;
        group.markSeen();
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
                return awaitOutcome();
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

    private boolean awaitOutcome() {
        try {
            topUp();
        } catch (InterruptedException e) {
            throw Group.interrupted("waiting for room", e);
        }
        if (group.awaitOutcome()) {
            return true;
        }
        Throwable untold = failure;
        failure = null;
        if (untold instanceof RuntimeException e) {
            throw e;
        }
        if (untold instanceof Error e) {
            throw e;
        }
        return false;
    }

    private void topUp() throws InterruptedException {
        boolean room = true;
        while (room && !exhausted && !group.hasOutcome() && group.inFlight() < pool.feedAhead()) {
            room = feedOne();
        }
    }

    /** Returns false when there is no room, though something to wait for. */
    private boolean feedOne() throws InterruptedException {
        try {
            if (group.isStopped()) {
                throw closed
                        ? new CancellationException("the outcomes were closed")
                        : new CompletionException(
                                new TimeoutException("the deadline has passed; the feed was not read to its end"));
            }
            if (held == null && !jobs.hasNext()) {
                exhausted = true;
                return false;
            }
            Job<T> job = held != null ? held : jobs.next();
            held = job;
            boolean admitted = submit(job);
            held = admitted ? null : job;
            return admitted;
        } catch (RuntimeException | Error e) { // of the feed or the pool: told after what is in flight
            failure = e;
            exhausted = true;
            return false;
        }
    }

    private boolean submit(Job<T> job) throws InterruptedException {
        Task<T> task = Task.of(pool, job, group);
        return group.inFlight() > 0
                ? group.add(task, member -> pool.tryAdmit(member, 0))
                : group.add(task, pool::admitWithRoom);
    }

    @Override
    public void close() {
        closed = true;
        group.cancel();
        group.close();
    }
}
