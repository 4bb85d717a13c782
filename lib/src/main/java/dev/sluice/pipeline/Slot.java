package dev.sluice.pipeline;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The place of one input in a reorder window. Everything that changes is guarded by the window's lock. */
final class Slot {
    final Object input;
    final long position;
    final Worker worker;
    final ArrayDeque<Object> results = new ArrayDeque<>(1);
    /** What became of the input, when its worker is done with it. */
    @Nullable
    Fate fate;
    /** The input has been discarded already; the results from before its failure may still have to go out. */
    boolean failed;

    Slot(Object input, long position, Worker worker) {
        this.input = input;
        this.position = position;
        this.worker = worker;
    }
}
