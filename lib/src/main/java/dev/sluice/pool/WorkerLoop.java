package dev.sluice.pool;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What a worker's thread does: it takes entries while there are any, searches for a moment when there are none, and sleeps.
 * {@link Workers} says who may do so, and when.
 */
final class WorkerLoop implements Runnable {
    /** How often who finds nothing lets others go first, and looks again, before it sleeps. */
    private static final int YIELDS = 64;

    /** The same after so many entries: others are likely to be at the queue, and to sleep and be called costs more. */
    private static final int YIELDS_WHEN_BUSY = 256;

    /** How long who finds no memory waits until it looks again. */
    private static final long MEMORY_NANOS = 10_000_000;

    private final QueuedPool pool;
    private final Workers workers;
    private final Worker worker;
    /** It is the one that searches. */
    private boolean searches = true;

    WorkerLoop(QueuedPool pool, Workers workers, Worker worker) {
        this.pool = pool;
        this.workers = workers;
        this.worker = worker;
    }

    @Override
    public void run() {
        takePlace();
        boolean goesOn = true;
        while (goesOn) {
            try {
                work();
                goesOn = false;
            } catch (Throwable t) { // out of memory; it has its slot, and the search if that was its own
                tell(t);
            }
        }
        worker.detach();
    }

    private void work() {
        for (Object entry = searches ? find() : next(); entry != null; entry = next()) {
            worker.run(entry);
        }
    }

    private void tell(Throwable thrown) {
        try {
            LoggerFactory.getLogger(WorkerPool.class).error("{}: a worker failed", pool.name, thrown);
        } catch (Throwable t) { // no memory, or the log is the user's; the worker goes on
            LockSupport.parkNanos(MEMORY_NANOS);
        }
    }

    /**
     * The thread counts as a worker since before its start, and entries may wait for it. So when there is no memory for its place it
     * waits for some. What has been done may be done again, but for the last step, which needs no memory.
     */
    private void takePlace() {
        boolean placed = false;
        boolean again = false;
        while (!placed) {
            try {
                if (again) {
                    LockSupport.parkNanos(MEMORY_NANOS);
                }
                Task.seat(worker);
                workers.join(worker);
                placed = true;
            } catch (OutOfMemoryError e) {
                again = true;
            }
        }
        worker.attach();
    }

    /** The next entry for the worker, which has a slot and has ended one; null when the thread is to end. */
    private @Nullable Object next() {
        Object entry = workers.arePressed() ? null : take();
        if (entry == null) {
            searches = workers.startSearch();
            entry = find();
        }
        return entry;
    }

    /** Begins what it has claimed, or claims more. */
    private @Nullable Object take() {
        Object entry = worker.begin();
        while (entry == null) {
            if (!pool.backlog.claim(worker, pool.want(worker), workers.atOnce())) {
                return null;
            }
            entry = worker.begin();
        }
        pool.roomMade(worker);
        return entry;
    }

    /** The next entry for a worker that has a slot and none of its own; null when the thread is to end. */
    private @Nullable Object find() {
        while (true) {
            Object entry = searches ? search() : null;
            if (entry != null) {
                searches = false;
                endSearch();
                return entry;
            }
            if (!workers.rest(worker, searches)) {
                return null;
            }
            searches = true;
        }
    }

    /** The entry has begun, and runs whatever comes of this. */
    private void endSearch() {
        try {
            workers.endSearch();
        } catch (Throwable t) {
            tell(t);
        }
    }

    private @Nullable Object search() {
        int yields = worker.entriesSinceSearch() < YIELDS_WHEN_BUSY ? YIELDS : YIELDS_WHEN_BUSY;
        for (int i = 0; i < yields && !workers.arePressed(); i++) {
            Object entry = take();
            if (entry != null) {
                worker.startMeasuring();
                return entry;
            }
            pool.roomMade(worker);
            Thread.yield();
        }
        worker.startMeasuring();
        return !workers.arePressed() && pool.backlog.steal(worker) ? worker.begin() : null;
    }
}
