package dev.sluice.benchmarks;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.UnaryOperator;

/** What goes into pipelines, and what their stages do with it. */
final class Items {
    private Items() {}

    /** So many elements of the {@link Sequence}. */
    static Iterable<Integer> of(int count) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public Integer next() {
                if (next >= count) {
                    throw new NoSuchElementException();
                }
                return Sequence.element(next++);
            }
        };
    }

    /** Work of a given length for each item. */
    static UnaryOperator<Integer> busy(Work work) {
        return item -> {
            work.run();
            return item;
        };
    }

    /** As {@link #busy}, but one item in 1024 takes a hundred times as long. */
    static UnaryOperator<Integer> busyWithSlowOnes(Work work) {
        return item -> {
            int times = item == 0 ? 100 : 1;
            for (int i = 0; i < times; i++) {
                work.run();
            }
            return item;
        };
    }
}
