package dev.sluice.pipeline;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The place of one input in a reorder window. Everything that changes is guarded by the window's lock. */
final class Slot {
    final Object input;
    final long position;
    final Worker worker;
    /** The results that have not gone out: the first, and, where there are more, those behind it. */
    private @Nullable Object first;

    private @Nullable ArrayDeque<Object> others;
    /** What became of the input, when its worker is done with it. */
    @Nullable
    Fate fate;
    /** The input has met its fate, which is counted and told; what it gave before may still have to go out. */
    boolean settled;
    /** A result has been lost on its way. */
    boolean gap;

    Slot(Object input, long position, Worker worker) {
        this.input = input;
        this.position = position;
        this.worker = worker;
    }

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return first == null ? 0 : others == null ? 1 : 1 + others.size();
    }

    void add(Object result) {
        if (first == null) {
            first = result;
        } else {
            others().add(result);
        }
    }

    void addFirst(Object result) {
        if (first != null) {
            others().addFirst(first);
        }
        first = result;
    }

    @Nullable
    Object poll() {
        Object polled = first;
        first = others == null ? null : others.poll();
        return polled;
    }

    void clear() {
        first = null;
        others = null;
    }

    private ArrayDeque<Object> others() {
        ArrayDeque<Object> queue = others;
        if (queue == null) {
            queue = new ArrayDeque<>(1);
            others = queue;
        }
        return queue;
    }
}
