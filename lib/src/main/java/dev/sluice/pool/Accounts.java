package dev.sluice.pool;

/**
 * The numbers of a pool but those that a {@link Tally} brings: what the queue has let in and workers have run. Guarded by
 * the pool's lock. Together, and with the tasks that run on other threads, they are such that at every moment
 * {@code submitted = succeeded + failed + cancelled + rejected + dropped + queued + running}.
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
            case DROPPED -> dropped++;
        }
    }

    /** Takes over what a worker had that leaves. */
    void add(Tally tally) {
        succeeded += tally.succeeded;
        failed += tally.failed;
        cancelled += tally.cancelled;
        dropped += tally.dropped;
    }

    PoolStats snapshot(
            String name,
            int workers,
            int queueCapacity,
            Tally tally,
            int running,
            PoolStats.Timing queueWait,
            PoolStats.Timing runTime) {
        return new PoolStats(
                name,
                workers,
                queueCapacity,
                submitted + tally.accepted,
                succeeded + tally.succeeded,
                failed + tally.failed,
                cancelled + tally.cancelled,
                rejected,
                dropped + tally.dropped,
                tally.queued,
                running + tally.running,
                waiting,
                callerRunning,
                queueWait,
                runTime);
    }
}
