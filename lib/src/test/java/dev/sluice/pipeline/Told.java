package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A source of 0, 1, 2 and so on that remembers what it was told of each. */
class Told implements Source<Integer> {
    private final int count;
    private int next;
    private final Set<Integer> acked = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Throwable> nacked = new ConcurrentHashMap<>();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    Told(int count) {
        this.count = count;
    }

    @Override
    public @Nullable Integer next() throws Exception {
        return next < count ? next++ : null;
    }

    @Override
    public void ack(Integer item) throws Exception {
        assertThat(closed).hasValue(0);
        told.incrementAndGet();
        acked.add(item);
    }

    @Override
    public void nack(Integer item, Throwable reason) throws Exception {
        assertThat(closed).hasValue(0);
        told.incrementAndGet();
        nacked.put(item, reason);
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }

    Set<Integer> acked() {
        return acked;
    }

    Map<Integer, Throwable> nacked() {
        return nacked;
    }

    /** All that was read has been told of, once each, and the source is closed. */
    void assertComplete() {
        assertThat(closed).hasValue(1);
        assertThat(told).hasValue(next);
        assertThat(acked.size() + nacked.size()).isEqualTo(next);
    }
}
