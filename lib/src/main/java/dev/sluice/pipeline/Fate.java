package dev.sluice.pipeline;

/** What became of an input that its stage is done with. */
enum Fate {
    COMPLETED,
    FILTERED,
    SKIPPED,
    DEAD_LETTERED,
    /** Discarded while the stage goes on: counted and told already. */
    LOST
}
