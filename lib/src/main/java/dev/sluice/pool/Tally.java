package dev.sluice.pool;

/** What a backlog and its workers have on their accounts together. */
final class Tally {
    /** Let in. */
    long accepted;

    /** Accepted and not begun. */
    long queued;

    long running;
    long succeeded;
    long failed;
    long cancelled;
    long dropped;
    long passed;
}
