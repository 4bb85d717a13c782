package dev.sluice.benchmarks;

/** What came out at the end: counts and adds up elements of the {@link Sequence}, and checks their order. Used by one thread at a time. */
final class Arrival {
    private final boolean inOrder;
    private long count;
    private long sum;

    Arrival(boolean inOrder) {
        this.inOrder = inOrder;
    }

    void accept(Integer element) {
        int value = element;
        if (inOrder && value != (count & (Sequence.LENGTH - 1))) {
            throw new IllegalStateException(
                    "element " + count + " must be " + (count & (Sequence.LENGTH - 1)) + " but was " + value);
        }
        count++;
        sum += value;
    }

    void expect(int expected) {
        if (count != expected) {
            throw new IllegalStateException("elements must be " + expected + " but were " + count);
        }
        long wholeSum = (long) (expected / Sequence.LENGTH) * triangle(Sequence.LENGTH);
        long expectedSum = wholeSum + triangle(expected % Sequence.LENGTH);
        if (sum != expectedSum) {
            throw new IllegalStateException("sum of the elements must be " + expectedSum + " but was " + sum);
        }
    }

    /** The sum of the numbers below one. */
    private static long triangle(long number) {
        return number * (number - 1) / 2;
    }
}
