package dev.sluice.pool;

/** What a {@link TaskGroup} does when one of its tasks fails or is dropped. */
public enum OnFailure {
    /** The others go on; each outcome can be looked at. */
    COLLECT,
    /** The others are cancelled, with an interrupt where they run. */
    FAIL_FAST
}
