package dev.sluice.pool;

/** Where a task is on its way; {@link Handle} has the picture. Terminal phases come last. */
enum Phase {
    WAITING,
    RUNNING,
    /** The end of the work came before a cancellation, and is not published. */
    ENDING,
    /** Dropped, and not published. */
    DROPPING,
    ABANDONED,
    CANCELLED,
    SUCCEEDED,
    FAILED,
    DROPPED;

    boolean isDone() {
        return compareTo(ABANDONED) >= 0;
    }
}
