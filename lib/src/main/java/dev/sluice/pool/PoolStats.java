package dev.sluice.pool;

/**
 * The accounts of a {@link WorkerPool} at one moment. In every snapshot
 * {@code submitted = succeeded + failed + cancelled + rejected + dropped + queued + running}; each term is counted on its
 * own.
 *
 * @param name the pool
 * @param workers how many tasks may run at once
 * @param queueCapacity how many may be queued; 0 for the gated variant
 * @param submitted calls of a submitting method that have returned or thrown
 * @param succeeded tasks that returned
 * @param failed tasks that threw
 * @param cancelled tasks cancelled, before they began or while they ran; the latter count as running until they end
 * @param rejected tasks that were refused
 * @param dropped tasks that were taken and let go unrun by the {@link OnFull} policy
 * @param queued tasks that wait in the queue
 * @param running tasks whose work has begun and not ended, those that wait for others included
 * @param waiting submitters that wait for room
 * @param callerRunning of those running, the ones that their submitters run under {@link OnFull#CALLER_RUNS}
 */
public record PoolStats(
        String name,
        int workers,
        int queueCapacity,
        long submitted,
        long succeeded,
        long failed,
        long cancelled,
        long rejected,
        long dropped,
        long queued,
        long running,
        long waiting,
        long callerRunning) {}
