package dev.sluice.pool;

/**
 * The numbers of a pool. Guarded by the pool's lock, like the queue and the list of running tasks, so that
 * {@code submitted = succeeded + failed + cancelled + rejected + dropped + queued + running} whenever the lock is free;
 * the last two are the sizes of those lists.
 */
final class Accounts {
    long submitted;
    long succeeded;
    long failed;
    long cancelled;
    long rejected;
    long dropped;
    /** Submitters that wait for room; their tasks are in no other number. */
    long waiting;
    /** Of the running tasks, those that their submitters run. */
    long callerRunning;

    void rejectNew() {
        submitted++;
        rejected++;
    }

    void cancelNew() {
        submitted++;
        cancelled++;
    }

    void dropNew() {
        submitted++;
        dropped++;
    }

    void end(Ending ending) {
        switch (ending) {
            case SUCCEEDED -> succeeded++;
            case FAILED -> failed++;
            case CANCELLED -> cancelled++;
        }
    }

    long ended() {
        return succeeded + failed + cancelled;
    }

    PoolStats snapshot(String name, int workers, int queueCapacity, int queued, int running) {
        return new PoolStats(
                name,
                workers,
                queueCapacity,
                submitted,
                succeeded,
                failed,
                cancelled,
                rejected,
                dropped,
                queued,
                running,
                waiting,
                callerRunning);
    }
}
