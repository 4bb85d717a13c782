package dev.sluice.checks.soak;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** Numbers from 0 on, each of which may be seen once. */
final class Once {
    private static final int BITS = 8;

    private final AtomicIntegerArray seen;
    private final Tally tally;

    Once(int numbers, Tally tally) {
        this.seen = new AtomicIntegerArray(numbers);
        this.tally = tally;
    }

    void see(int number) {
        see(number, 0, "");
    }

    /** @param where to be told when it comes again; bit by bit, so that it is the sum of several */
    void see(int number, int bit, String where) {
        int before = seen.getAndAdd(number, 1 + (bit << BITS));
        if (before != 0) {
            tally.add(Tally.DOUBLED, 1);
            throw new AssertionError(
                    "number " + number + " has come " + where + ", and before at the places " + (before >> BITS));
        }
    }

    boolean hasSeen(int number) {
        return seen.get(number) != 0;
    }

    int count() {
        int count = 0;
        for (int i = 0; i < seen.length(); i++) {
            count += seen.get(i) & ((1 << BITS) - 1);
        }
        return count;
    }

    int size() {
        return seen.length();
    }

    /** All but so many have been seen. */
    void requireAllBut(long missing, Object what) {
        long lost = seen.length() - count() - missing;
        if (lost != 0) {
            tally.add(lost > 0 ? Tally.LOST : Tally.DOUBLED, Math.abs(lost));
            throw new AssertionError(
                    lost + " of " + seen.length() + " are lost, " + missing + " were not to come: " + what);
        }
    }
}
