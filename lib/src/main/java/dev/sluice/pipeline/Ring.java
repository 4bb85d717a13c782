package dev.sluice.pipeline;

import dev.sluice.internal.RingEnd;
import org.jspecify.annotations.Nullable;

/**
 * A bounded buffer between one thread that offers and one that polls: "one" in the sense that what each did happens
 * before what the next of its side does.
 *
 * <p>The element at index {@code i} is in cell {@code i & mask}. Only the offering side writes {@code in}, only the polling
 * side {@code out}; each publishes its index with a release store after it has written the cell, and the other reads
 * it with acquire, but only when it has used up what it knew of it. So a cell is written by who offers when the one who
 * polled has emptied it, and read by who polls when it has been filled. {@code out <= in <= out + capacity}, and so
 * a cell is never filled twice: there are at least as many as the capacity.
 */
final class Ring {
    final RingEnd in = new RingEnd();
    final RingEnd out = new RingEnd();
    private final @Nullable Object[] cells;
    private final int mask;
    private final int capacity;

    Ring(int capacity) {
        this.capacity = capacity;
        this.cells = new Object[cells(capacity)];
        this.mask = cells.length - 1;
        in.limit(capacity);
    }

    /** A power of two; at least as much as what a cache line holds, so that the ends are not on one all the time. */
    private static int cells(int capacity) {
        return Math.max(16, Integer.highestOneBit(2 * capacity - 1));
    }

    /** Puts an element in; false when there is no room. */
    boolean offer(Object element) {
        long index = in.index();
        if (index >= in.limit() && !hasRoom(index)) {
            return false;
        }
        cells[(int) index & mask] = element;
        in.publish(index + 1);
        return true;
    }

    private boolean hasRoom(long index) {
        in.limit(out.seenIndex() + capacity);
        return index < in.limit();
    }

    /** Takes the oldest element; null when there is none. */
    @Nullable
    Object poll() {
        long index = out.index();
        if (index >= out.limit() && !hasElement(index)) {
            return null;
        }
        int place = (int) index & mask;
        Object element = cells[place];
        cells[place] = null;
        out.publish(index + 1);
        return element;
    }

    /**
     * For the polling side: up to which index there are elements, as far as it knows; it asks the other end when it knows
     * of none at {@code index}, where it stands. It may take them from {@link #cells} itself, as {@link #poll} does.
     */
    long filled(long index) {
        if (index >= out.limit()) {
            out.limit(in.seenIndex());
        }
        return out.limit();
    }

    /** The element at index {@code i} is in cell {@code i & (length - 1)}. */
    @Nullable
    Object[] cells() {
        return cells;
    }

    private boolean hasElement(long index) {
        out.limit(in.seenIndex());
        return index < out.limit();
    }

    int capacity() {
        return capacity;
    }

    /** For anybody; exact when the ends stand still, and never less than what is there for good. */
    int size() {
        long taken = out.seenIndex();
        return (int) Math.min(in.seenIndex() - taken, capacity);
    }
}
