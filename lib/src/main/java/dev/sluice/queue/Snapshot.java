package dev.sluice.queue;

import java.util.BitSet;
import java.util.IdentityHashMap;

/**
 * The elements of one moment, and where they were. While none has been moved in its ring, the one with number {@code i} is
 * at index {@code first + i}, or is gone when the front is beyond that. Used by one thread.
 */
final class Snapshot<E> {
    private final E[] elements;
    /** What the ring counted of its moves at that moment. */
    long moves;

    long first;

    /**
     * @param elements an {@code Object[]} at run time
     */
    Snapshot(E[] elements, long first, long moves) {
        this.elements = elements;
        this.first = first;
        this.moves = moves;
    }

    E[] elements() {
        return elements;
    }

    /** How many times each of the objects with these numbers is among them. */
    IdentityHashMap<E, Integer> count(BitSet numbers) {
        IdentityHashMap<E, Integer> counts = new IdentityHashMap<>();
        for (int i = numbers.nextSetBit(0); i >= 0; i = numbers.nextSetBit(i + 1)) {
            counts.merge(elements[i], 1, Integer::sum);
        }
        return counts;
    }
}
