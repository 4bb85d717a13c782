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
    /** It has passed its time limit, and its work has not ended. */
    EXPIRED,
    CANCELLED,
    SUCCEEDED,
    FAILED,
    /** It had passed its time limit, and its work has ended. */
    TIMED_OUT,
    DROPPED;

    boolean isDone() {
        return compareTo(ABANDONED) >= 0;
    }
}
