package dev.sluice.pool;

import org.jspecify.annotations.Nullable;

/** The circular array of a {@link Backlog}, which says who may touch what; as large as was needed so far. */
final class Cells {
    private static final int FIRST = 512;
    private static final int MOST = 1 << 30;
    /** Takes the place of a bare entry that was taken out. */
    static final Object NOTHING = new Object();

    private final int most;
    private @Nullable Object[] cells;

    /** Grows up to twice as many cells as there may be live entries. */
    Cells(int capacity) {
        most = capacity >= MOST / 2 ? MOST : Math.max(2, Integer.highestOneBit(2 * capacity - 1) << 1);
        cells = new Object[Math.min(FIRST, most)];
    }

    int size() {
        return cells.length;
    }

    @Nullable
    Object get(long index) {
        return cells[at(index)];
    }

    void set(long index, @Nullable Object entry) {
        cells[at(index)] = entry;
    }

    @Nullable
    Object take(long index) {
        int at = at(index);
        Object entry = cells[at];
        cells[at] = null;
        return entry;
    }

    /** Empties so many cells into an array. */
    void take(long index, int count, @Nullable Object[] into) {
        int at = at(index);
        int straight = Math.min(count, cells.length - at);
        System.arraycopy(cells, at, into, 0, straight);
        System.arraycopy(cells, 0, into, straight, count - straight);
        for (int i = 0; i < count; i++) {
            cells[at(index + i)] = null;
        }
    }

    /** Takes the dead out of all cells, which are in use from here on; returns where the others end. */
    long compact(long from) {
        long to = from;
        for (long index = from; index < from + cells.length; index++) {
            Object entry = take(index);
            if (!isDead(entry)) {
                set(to, entry);
                to++;
            }
        }
        return to;
    }

    /** Makes twice as many cells, if there may be more. */
    void grow(long from, long to) {
        if (cells.length == most) {
            return;
        }
        @Nullable Object[] more = new Object[2 * cells.length];
        for (long index = from; index < to; index++) {
            more[(int) index & (more.length - 1)] = get(index);
        }
        cells = more;
    }

    static boolean isDead(@Nullable Object entry) {
        return entry == NOTHING || (entry instanceof Task<?> task && !task.isWaiting());
    }

    private int at(long index) {
        return (int) index & (cells.length - 1);
    }
}
