package dev.sluice.pool;

/**
 * When every 64th entry of a {@link Backlog} was added. There is a place for 64 of them; while it is taken, the next one that
 * would go there is not stamped. Put under the lock of the back, which then publishes the entry; taken under that of the
 * front, behind it; cleared under both.
 */
final class Stamps {
    /** Entries whose index has none of these bits are stamped. */
    static final long EACH = 63;

    private static final int PLACES = 64;

    private final long[] indices = new long[PLACES];
    private final long[] nanos = new long[PLACES];

    void put(long index) {
        int place = place(index);
        if (nanos[place] == 0) {
            indices[place] = index;
            nanos[place] = System.nanoTime();
        }
    }

    /** The time of this entry; 0 when it is not known. */
    long take(long index) {
        int place = place(index);
        if (indices[place] != index) {
            return 0;
        }
        long time = nanos[place];
        nanos[place] = 0;
        return time;
    }

    void clear() {
        for (int place = 0; place < PLACES; place++) {
            nanos[place] = 0;
        }
    }

    private static int place(long index) {
        return (int) (index >>> 6) & (PLACES - 1);
    }
}
