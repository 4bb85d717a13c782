package dev.sluice.benchmarks;

/**
 * The elements that are moved, and the one who counts them at the other end. They are allocated once and go round, so that
 * neither allocation nor the cache is measured. Used by one thread.
 */
final class Sequence {
    /** Comes after the last element. */
    static final Integer END = -1;

    /** A power of two. */
    static final int LENGTH = 1024;

    private static final Integer[] ELEMENTS = new Integer[LENGTH];

    static {
        for (int i = 0; i < LENGTH; i++) {
            ELEMENTS[i] = i;
        }
    }

    private int seen;
    private boolean ended;

    static Integer element(int index) {
        return ELEMENTS[index & (LENGTH - 1)];
    }

    /** All elements, once; not to be changed. */
    static Integer[] elements() {
        return ELEMENTS;
    }

    /** Takes the next element, or the end, and throws if an element is missing before it or came twice. */
    void accept(Integer element) {
        int value = element;
        if (value == END) {
            ended = true;
            return;
        }
        if (value != (seen & (LENGTH - 1))) {
            throw new IllegalStateException(
                    "element " + seen + " must be " + (seen & (LENGTH - 1)) + " but was " + value);
        }
        seen++;
    }

    boolean ended() {
        return ended;
    }

    void expect(int count) {
        if (seen != count) {
            throw new IllegalStateException("elements must be " + count + " but were " + seen);
        }
    }
}
