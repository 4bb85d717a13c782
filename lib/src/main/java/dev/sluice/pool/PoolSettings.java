package dev.sluice.pool;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a pool's builder was told, checked, as far as both variants want to know it.
 *
 * @param laneCapacity how many tasks a lane holds, the running one included
 * @param decorator what is put around each task
 * @param keepAliveNanos how long an idle worker stays; {@code Long.MAX_VALUE} for ever
 * @param queueTimeoutNanos how long a task may be queued; {@code Long.MAX_VALUE} for ever
 * @param exactTimings whether every task is measured
 * @param stuckAfter how long a task may run before that is logged; null for ever
 */
record PoolSettings(
        String name,
        OnFull onFull,
        ThreadFactory threads,
        int laneCapacity,
        @Nullable TaskDecorator decorator,
        long keepAliveNanos,
        long queueTimeoutNanos,
        boolean exactTimings,
        @Nullable Duration stuckAfter) {

    /** All defaults. */
    static PoolSettings of(String name, OnFull onFull, ThreadFactory threads, int laneCapacity) {
        return new PoolSettings(name, onFull, threads, laneCapacity, null, Long.MAX_VALUE, Long.MAX_VALUE, false, null);
    }

    boolean limitsQueueTime() {
        return queueTimeoutNanos != Long.MAX_VALUE;
    }

    /** Whether a bare {@code Runnable} will not do for what is given to {@code execute}. */
    boolean needsTasks() {
        return decorator != null || exactTimings || limitsQueueTime();
    }
}
