package dev.sluice.checks.soak;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** Numbers from 0 on, each of which may be seen once. */
final class Once {
    private final AtomicIntegerArray seen;
    private final Tally tally;

    Once(int numbers, Tally tally) {
        this.seen = new AtomicIntegerArray(numbers);
        this.tally = tally;
    }

    void see(int number) {
        if (seen.getAndIncrement(number) != 0) {
            tally.add(Tally.DOUBLED, 1);
            throw new AssertionError("number " + number + " has come twice");
        }
    }

    boolean hasSeen(int number) {
        return seen.get(number) != 0;
    }

    int count() {
        int count = 0;
        for (int i = 0; i < seen.length(); i++) {
            count += seen.get(i);
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
