package dev.sluice.pipeline;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What happened to the item that a worker pushes through its chain. Belongs to that worker's thread. */
final class Pass {
    private final String stage;
    private final BooleanSupplier wanted;
    private boolean filters;
    private boolean arrived;
    private boolean declined;

    /** @param wanted whether results of the item at hand can still be delivered */
    Pass(String stage, BooleanSupplier wanted) {
        this.stage = stage;
        this.wanted = wanted;
    }

    void begin() {
        if (filters) {
            arrived = false;
            declined = false;
        }
    }

    /** For a step that goes on and on although nothing comes out at the end of the chain, where it would be refused. */
    boolean isWanted() {
        return wanted.getAsBoolean();
    }

    /** Something came out at the end of the chain. */
    void arrived() {
        if (filters) {
            arrived = true;
        }
    }

    /** There is a filter in the chain: without one nothing has to be noted of an item. */
    void mayDecline() {
        filters = true;
    }

    /** A filter declined the item or something made from it. */
    void declined() {
        declined = true;
    }

    Fate fate() {
        return filters && declined && !arrived ? Fate.FILTERED : Fate.COMPLETED;
    }

    Object notNull(String what, @Nullable Object value) {
        if (value == null) {
            throw new NullPointerException("stage '" + stage + "': " + what + " is null");
        }
        return value;
    }
}
