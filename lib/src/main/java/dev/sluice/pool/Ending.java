package dev.sluice.pool;

/** How a task's work ended, for the accounts. */
enum Ending {
    SUCCEEDED,
    FAILED,
    CANCELLED,
    DROPPED;

    static Ending of(Phase terminal) {
        return switch (terminal) {
            case SUCCEEDED -> SUCCEEDED;
            case FAILED, EXPIRED -> FAILED;
            case DROPPED -> DROPPED;
            default -> CANCELLED;
        };
    }
}
