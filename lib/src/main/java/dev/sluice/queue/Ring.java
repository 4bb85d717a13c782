package dev.sluice.queue;

import dev.sluice.internal.RingEnd;
import java.util.BitSet;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A circular array of elements in their order, with an end for those who add and an end for those who remove.
 *
 * <p>{@code back} is locked to add, {@code front} to remove first elements, and both, {@code back} before {@code front}, to
 * do anything else; so whoever holds both is alone. Elements lie from {@code front.index} up to {@code back.index}; cells
 * outside are null, so that nothing taken is kept alive. An element is written before {@code back} is published behind
 * it, and its cell is emptied before {@code front} is; each side reads the other's index with acquire, but only when it
 * has come to the last one that it read. So cache lines travel once for many elements. An end's {@code limit} may be too
 * low, never too high: who lowers an index or the room, with both locks, sets the limits anew.
 */
final class Ring<E> {
    private final @Nullable Object[] cells;
    private final int mask;
    private final int capacity;
    private final RingEnd back = new RingEnd();
    private final RingEnd front = new RingEnd();
    /** Places of elements that have been taken out and may come back; guarded by both locks, read with either. */
    private int reserved;
    /** How often an element has been moved to another index; guarded by both locks. */
    private long moves;

    Ring(int capacity) {
        this.capacity = capacity;
        int length = Integer.highestOneBit(capacity);
        cells = new Object[length < capacity ? 2 * length : length];
        mask = cells.length - 1;
        back.limit(capacity);
    }

    int capacity() {
        return capacity;
    }

    // ---- at the back -------------------------------------------------------------------------------

    /** Adds one if there is room for it, and for {@code worthwhile} when the other end has to be asked. */
    boolean add(E element, int worthwhile) {
        back.lock();
        try {
            long index = back.index();
            if (index >= back.limit() && !lookForRoom(index, worthwhile)) {
                return false;
            }
            cells[(int) index & mask] = element;
            back.publish(index + 1);
            return true;
        } finally {
            back.unlock();
        }
    }

    /** Adds as many as there is room for, but none unless it is enough for {@code worthwhile}; returns how many. */
    int add(E[] elements, int from, int to, int worthwhile) {
        back.lock();
        try {
            long index = back.index();
            if (back.limit() - index < to - from && !lookForRoom(index, Math.min(worthwhile, to - from))) {
                return 0;
            }
            int count = (int) Math.min(to - from, back.limit() - index);
            int at = (int) index & mask;
            int straight = Math.min(count, cells.length - at);
            System.arraycopy(elements, from, cells, at, straight);
            System.arraycopy(elements, from + straight, cells, 0, count - straight);
            back.publish(index + count);
            return count;
        } finally {
            back.unlock();
        }
    }

    /**
     * Whether there is room now; it can only become more until somebody else adds. With both locks: whoever takes an
     * element later sees what the calling thread did before this.
     */
    boolean hasRoom() {
        return room() > 0;
    }

    private boolean lookForRoom(long index, int worthwhile) {
        long limit = front.seenIndex() + capacity - reserved;
        if (limit - index < worthwhile) {
            return false;
        }
        back.limit(limit);
        return true;
    }

    // ---- at the front ------------------------------------------------------------------------------

    /** Removes the first if there is one, and {@code worthwhile} when the other end has to be asked. */
    @SuppressWarnings("unchecked")
    @Nullable
    E poll(int worthwhile) {
        front.lock();
        try {
            long index = front.index();
            if (index >= front.limit() && !lookForElements(index, worthwhile)) {
                return null;
            }
            int at = (int) index & mask;
            E element = (E) cells[at];
            cells[at] = null;
            front.publish(index + 1);
            return element;
        } finally {
            front.unlock();
        }
    }

    /**
     * Removes the first elements into an array, as many as there are but no more than {@code max}, and none unless there
     * are {@code worthwhile}; returns how many.
     */
    int poll(@Nullable Object[] into, int max, int worthwhile) {
        front.lock();
        try {
            long index = front.index();
            if (front.limit() - index < max && !lookForElements(index, Math.min(worthwhile, max))) {
                return 0;
            }
            int count = (int) Math.min(max, front.limit() - index);
            copy(index, count, into); // throws, if it does, before anything has changed
            empty(index, count);
            front.publish(index + count);
            return count;
        } finally {
            front.unlock();
        }
    }

    @SuppressWarnings("unchecked")
    @Nullable
    E peek() {
        front.lock();
        try {
            long index = front.index();
            return lookForElements(index, 1) ? (E) cells[(int) index & mask] : null;
        } finally {
            front.unlock();
        }
    }

    /**
     * Whether there is an element now. With both locks: whoever adds one later sees what the calling thread did before
     * this.
     */
    boolean hasElements() {
        return size() > 0;
    }

    private boolean lookForElements(long index, int worthwhile) {
        long limit = back.seenIndex();
        if (limit - index < worthwhile) {
            return false;
        }
        front.limit(limit);
        return true;
    }

    // ---- without a lock: about how many, for who only wants to know whether to go on waiting ----------------

    int seenCount() {
        return (int) (back.seenIndex() - front.seenIndex());
    }

    int seenRoom() {
        return capacity - seenCount();
    }

    // ---- with both locks ---------------------------------------------------------------------------

    private void lockBoth() {
        back.lock();
        front.lock();
    }

    private void unlockBoth() {
        back.limit(front.index() + capacity - reserved);
        front.limit(back.index());
        front.unlock();
        back.unlock();
    }

    int size() {
        lockBoth();
        try {
            return count();
        } finally {
            unlockBoth();
        }
    }

    int room() {
        lockBoth();
        try {
            return capacity - count() - reserved;
        } finally {
            unlockBoth();
        }
    }

    /** All elements. */
    @SuppressWarnings("unchecked")
    Snapshot<E> snapshot() {
        lockBoth();
        try {
            Object[] all = new Object[count()];
            copy(front.index(), all.length, all);
            return new Snapshot<>((E[]) all, front.index(), moves);
        } finally {
            unlockBoth();
        }
    }

    /** Removes all; returns whether there were any. */
    boolean clear() {
        lockBoth();
        try {
            int count = count();
            empty(front.index(), count);
            front.publish(back.index());
            return count > 0;
        } finally {
            unlockBoth();
        }
    }

    /** Removes the first occurrence of this very object, closing the gap; returns whether there was one. */
    boolean removeIdentical(Object element) {
        lockBoth();
        try {
            return removeFirst(element);
        } finally {
            unlockBoth();
        }
    }

    private boolean removeFirst(Object element) {
        for (long index = front.index(); index < back.index(); index++) {
            if (cells[(int) index & mask] == element) {
                closeGap(index);
                return true;
            }
        }
        return false;
    }

    /**
     * Removes the element with this number in the snapshot, or if elements have been moved since by others, the first
     * occurrence of that object; returns whether it was there. Later elements can be removed with the same snapshot.
     */
    boolean remove(Snapshot<E> snapshot, int number) {
        lockBoth();
        try {
            if (snapshot.moves != moves) {
                return removeFirst(snapshot.elements()[number]);
            }
            long index = snapshot.first + number;
            if (index < front.index()) {
                return false;
            }
            if (!closeGap(index)) {
                snapshot.first--;
            }
            snapshot.moves = moves;
            return true;
        } finally {
            unlockBoth();
        }
    }

    /** From the side that has fewer elements to move: whether it was from the front, and those behind have not moved. */
    private boolean closeGap(long gap) {
        moves++;
        long first = front.index();
        long last = back.index() - 1;
        if (gap - first < last - gap) {
            for (long index = gap; index > first; index--) {
                cells[(int) index & mask] = cells[(int) (index - 1) & mask];
            }
            cells[(int) first & mask] = null;
            front.publish(first + 1);
            return true;
        }
        for (long index = gap; index < last; index++) {
            cells[(int) index & mask] = cells[(int) (index + 1) & mask];
        }
        cells[(int) last & mask] = null;
        back.publish(last);
        return false;
    }

    /**
     * Removes those of the elements with these numbers in the snapshot that are still there, or if elements have been moved
     * since, the first occurrences of as many of these very objects; returns whether there were any.
     */
    boolean remove(Snapshot<E> snapshot, BitSet chosen) {
        lockBoth();
        try {
            if (snapshot.moves == moves) {
                long first = snapshot.first; // nothing before it comes without a move
                int length = snapshot.elements().length;
                return removeThose((index, element) -> index - first < length && chosen.get((int) (index - first)));
            }
        } finally {
            unlockBoth();
        }
        IdentityHashMap<E, Integer> counts = snapshot.count(chosen);
        lockBoth();
        try {
            return removeThose((index, element) -> takeFrom(counts, element));
        } finally {
            unlockBoth();
        }
    }

    /** What is to be removed. */
    private interface Choice {
        boolean contains(long index, @Nullable Object element);
    }

    private boolean removeThose(Choice choice) {
        long kept = front.index();
        long end = back.index();
        for (long index = kept; index < end; index++) {
            Object element = cells[(int) index & mask];
            if (!choice.contains(index, element)) {
                cells[(int) kept & mask] = element;
                kept++;
            }
        }
        if (kept == end) {
            return false;
        }
        moves++;
        empty(kept, (int) (end - kept));
        back.publish(kept);
        return true;
    }

    @SuppressWarnings("unchecked")
    private static <E> boolean takeFrom(IdentityHashMap<E, Integer> elements, @Nullable Object element) {
        Integer times = elements.get(element);
        if (times == null) {
            return false;
        }
        elements.compute((E) element, (key, count) -> times == 1 ? null : times - 1);
        return true;
    }

    /** Removes the first elements, as many as there are but no more than {@code max}; keeps their places reserved. */
    @SuppressWarnings("unchecked")
    E[] takeOut(int max) {
        lockBoth();
        try {
            long index = front.index();
            int count = Math.max(0, Math.min(max, count()));
            Object[] batch = new Object[count];
            copy(index, count, batch);
            empty(index, count);
            reserved += count;
            front.publish(index + count);
            return (E[]) batch;
        } finally {
            unlockBoth();
        }
    }

    /** Ends a {@link #takeOut}: the elements from {@code keep} on come back to the head, in their order. */
    void putBack(E[] batch, int keep) {
        lockBoth();
        try {
            long index = front.index();
            if (keep < batch.length) {
                moves++;
            }
            for (int i = batch.length - 1; i >= keep; i--) {
                index--;
                cells[(int) index & mask] = batch[i];
            }
            reserved -= batch.length;
            front.publish(index);
        } finally {
            unlockBoth();
        }
    }

    private int count() {
        return (int) (back.index() - front.index());
    }

    private void copy(long from, int count, @Nullable Object[] target) {
        int at = (int) from & mask;
        int straight = Math.min(count, cells.length - at);
        System.arraycopy(cells, at, target, 0, straight);
        System.arraycopy(cells, 0, target, straight, count - straight);
    }

    private void empty(long from, int count) {
        for (long index = from; index < from + count; index++) {
            cells[(int) index & mask] = null;
        }
    }
}
