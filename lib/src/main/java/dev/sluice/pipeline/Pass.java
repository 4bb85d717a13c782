package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** What happened to the item that a worker pushes through its chain. Belongs to that worker's thread. */
final class Pass {
    private final String stage;
    private boolean arrived;
    private boolean declined;

    Pass(String stage) {
        this.stage = stage;
    }

    void begin() {
        arrived = false;
        declined = false;
    }

    /** Something came out at the end of the chain. */
    void arrived() {
        arrived = true;
    }

    /** A filter declined the item or something made from it. */
    void declined() {
        declined = true;
    }

    Fate fate() {
        return declined && !arrived ? Fate.FILTERED : Fate.COMPLETED;
    }

    Object notNull(String what, @Nullable Object value) {
        if (value == null) {
            throw new NullPointerException("stage '" + stage + "': " + what + " is null");
        }
        return value;
    }
}
