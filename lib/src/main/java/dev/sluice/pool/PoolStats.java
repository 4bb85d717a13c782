package dev.sluice.pool;

import java.time.Duration;

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
 * @param failed tasks that threw, or passed their time limit
 * @param cancelled tasks cancelled, before they began or while they ran; the latter count as running until they end
 * @param rejected tasks that were refused
 * @param dropped tasks that were taken and let go unrun by the {@link OnFull} policy, or because they were queued for too long
 * @param queued tasks that wait in the queue; those of a gated pool wait in its lanes
 * @param running tasks whose work has begun and not ended, those that wait for others included
 * @param waiting submitters that wait for room
 * @param callerRunning of those running, the ones that their submitters run under {@link OnFull#CALLER_RUNS}
 * @param queueWait how long tasks waited until they began: from when the queue accepted them; in a gated pool, from when they were submitted
 * @param runTime how long they ran
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
        long callerRunning,
        Timing queueWait,
        Timing runTime) {

    /**
     * What was measured of a time: of one task in 64, or of all where {@link WorkerPool.Builder#exactTimings} was asked for.
     * The percentiles are too high by an eighth at most.
     *
     * @param samples how many tasks were measured
     * @param p50 no more than this for half of them; zero when there are none
     * @param p99 no more than this for 99 of 100
     * @param max the longest
     */
    public record Timing(long samples, Duration p50, Duration p99, Duration max) {}
}
