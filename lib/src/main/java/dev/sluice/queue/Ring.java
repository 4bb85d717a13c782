package dev.sluice.queue;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** A circular array of elements in their order. Not thread-safe; the caller keeps within the capacity. */
final class Ring<E> {
    /** Cells outside the {@code size} ones from {@code head} on are null, so that nothing taken is kept alive. */
    private final @Nullable Object[] cells;

    private int head;
    private int size;

    Ring(int capacity) {
        cells = new Object[capacity];
    }

    int capacity() {
        return cells.length;
    }

    int size() {
        return size;
    }

    /** The element at a position counted from the first, which is 0; null beyond the last. */
    @SuppressWarnings("unchecked")
    @Nullable
    E get(int position) {
        return (E) cells[cell(position)];
    }

    void addLast(E element) {
        set(size, element);
        size++;
    }

    void addFirst(E element) {
        head = cell(cells.length - 1);
        set(0, element);
        size++;
    }

    /** The first element, removed; null if there is none. */
    @Nullable
    E removeFirst() {
        E first = get(0);
        if (size > 0) {
            removeFirst(1);
        }
        return first;
    }

    void removeFirst(int count) {
        for (int i = 0; i < count; i++) {
            set(i, null);
        }
        // cell() knows positions below the capacity only; when all go, the head may stay where it is.
        head = count == cells.length ? head : cell(count);
        size -= count;
    }

    /** Closes the gap from the side that has fewer elements to move. */
    void removeAt(int position) {
        if (position < size / 2) {
            for (int i = position; i > 0; i--) {
                set(i, get(i - 1));
            }
            removeFirst(1);
        } else {
            for (int i = position; i < size - 1; i++) {
                set(i, get(i + 1));
            }
            size--;
            set(size, null);
        }
    }

    /** The position of this very object, or -1. */
    int positionOf(Object element) {
        for (int i = 0; i < size; i++) {
            if (get(i) == element) {
                return i;
            }
        }
        return -1;
    }

    /** Copies the first elements, and changes nothing here, even if the target cannot store them. */
    void copyFirst(int count, @Nullable Object[] target) {
        int straight = Math.min(count, cells.length - head);
        System.arraycopy(cells, head, target, 0, straight);
        System.arraycopy(cells, 0, target, straight, count - straight);
    }

    /** Removes as many occurrences of each of these very objects as the map says, the first ones; uses the map up. */
    int removeIdentical(IdentityHashMap<E, Integer> elements) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            E element = get(i);
            Integer times = elements.get(element);
            if (times == null) {
                set(kept, element);
                kept++;
            } else {
                elements.compute(element, (key, count) -> times == 1 ? null : times - 1);
            }
        }
        int removed = size - kept;
        for (int i = kept; i < size; i++) {
            set(i, null);
        }
        size = kept;
        return removed;
    }

    private void set(int position, @Nullable E element) {
        cells[cell(position)] = element;
    }

    /** Written so that no sum can overflow. */
    private int cell(int position) {
        int untilEnd = cells.length - head;
        return position < untilEnd ? head + position : position - untilEnd;
    }
}
