package dev.sluice.pool;

/** How a task's work ended, for the accounts. */
enum Ending {
    SUCCEEDED,
    FAILED,
    CANCELLED
}
