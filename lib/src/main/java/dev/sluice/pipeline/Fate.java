package dev.sluice.pipeline;

/** What became of an input that was not discarded. */
enum Fate {
    COMPLETED,
    FILTERED,
    SKIPPED
}
