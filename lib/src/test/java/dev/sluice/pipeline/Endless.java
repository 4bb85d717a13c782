package dev.sluice.pipeline;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** A source without an end, for one run, that knows how far it has been read: 0, 1, 2 and so on. */
final class Endless implements Iterable<Integer> {
    private final AtomicInteger next = new AtomicInteger();

    @Override
    public Iterator<Integer> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                return next.getAndIncrement();
            }
        };
    }

    int count() {
        return next.get();
    }

    List<Integer> read() {
        return IntStream.range(0, count()).boxed().toList();
    }
}
