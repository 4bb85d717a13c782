package dev.sluice.pool;

/** What {@code submit} and {@code execute} do when a {@link WorkerPool} has no room for one more task. */
public enum OnFull {
    /** The submitter waits until there is room: backpressure. The default. */
    BLOCK,
    /** The submitter gets a {@link java.util.concurrent.RejectedExecutionException}. */
    REJECT,
    /** The submitter runs the task itself, in its own thread, before {@code submit} returns. */
    CALLER_RUNS,
    /** The new task is dropped: it never runs, and its handle says so ({@link Outcome.Dropped}). */
    DROP_NEWEST,
    /** The task that has waited longest in the queue is dropped to make room; its handle says so. */
    DROP_OLDEST
}
