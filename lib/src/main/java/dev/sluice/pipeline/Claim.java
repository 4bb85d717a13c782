package dev.sluice.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The input that a worker has taken and answers for; one object for all of them, so that none is made for each. */
final class Claim {
    private long position;
    private @Nullable Object input;
    private boolean held;

    void set(long newPosition, @Nullable Object newInput) {
        position = newPosition;
        input = newInput;
        held = true;
    }

    /** For who keeps it when the worker goes on. */
    Claim copy() {
        Claim copy = new Claim();
        copy.set(position, input);
        return copy;
    }

    /** Somebody else answers for the input from here on. */
    void release() {
        held = false;
    }

    boolean isHeld() {
        return held;
    }

    /** Its number in the order in which the stage took its inputs, from 0; of a batch, that of its first item. */
    long position() {
        return position;
    }

    Object input() {
        return Objects.requireNonNull(input, "no input at hand");
    }
}
