package dev.sluice.gate;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Permits of several gates that are held as one. Made before they are taken, so that there is an owner for each of them at
 * every moment: closing the permit of a bundle closes those that are in it.
 */
final class Bundle implements Source {
    private final @Nullable Permit[] parts;
    private final Runnable afterRelease;
    private int size;

    Bundle(int capacity, Runnable afterRelease) {
        this.parts = new Permit[capacity];
        this.afterRelease = afterRelease;
    }

    /** As {@link Gate#tryAcquireAll}. */
    static Optional<Permit> tryAcquire(Map<Gate, Integer> weights, long nanos) throws InterruptedException {
        SortedMap<Gate, Integer> inOrder = inOrder(weights);
        Bundle bundle = new Bundle(inOrder.size(), () -> {});
        Optional<Permit> all = Optional.of(new Permit(bundle, sum(inOrder)));
        boolean complete = false;
        try {
            complete = bundle.fill(inOrder, nanos);
        } finally {
            if (!complete) {
                all.get().close();
            }
        }
        return complete ? all : Optional.empty();
    }

    /** By their numbers, so that of those who want the same gates nobody holds one that another needs before his own. */
    private static SortedMap<Gate, Integer> inOrder(Map<Gate, Integer> weights) {
        SortedMap<Gate, Integer> inOrder = new TreeMap<>(Comparator.comparingLong(Gate::number));
        Check.notNull("weights", weights).forEach((gate, weight) -> {
            Check.atLeast("weight", Check.notNull("weight", weight), 1);
            inOrder.put(Check.notNull("gate", gate), weight);
        });
        if (inOrder.isEmpty()) {
            throw new IllegalArgumentException("weights must name a gate but were empty");
        }
        return inOrder;
    }

    private static int sum(Map<Gate, Integer> weights) {
        long sum = weights.values().stream().mapToLong(Integer::longValue).sum();
        return (int) Math.min(Integer.MAX_VALUE, sum);
    }

    private boolean fill(Map<Gate, Integer> weights, long nanos) throws InterruptedException {
        long begun = System.nanoTime();
        for (Map.Entry<Gate, Integer> part : weights.entrySet()) {
            long left = Math.max(0, nanos - (System.nanoTime() - begun));
            if (!add(part.getKey().tryAcquire(part.getValue(), Duration.ofNanos(left)))) {
                return false;
            }
        }
        return true;
    }

    boolean add(Optional<Permit> part) {
        if (part.isPresent()) {
            add(part.get());
        }
        return part.isPresent();
    }

    void add(Permit part) {
        parts[size++] = part;
    }

    @Override
    public void release(Permit all) {
        for (int i = size - 1; i >= 0; i--) {
            part(i).close();
        }
        afterRelease.run();
    }

    /** The parts are lent, never the whole. */
    @Override
    public boolean closeLent(Permit all) {
        return false;
    }

    @Override
    public <T extends @Nullable Object, X extends Exception> T lend(Permit all, Gate.Work<T, X> work) throws X {
        return lend(size - 1, work);
    }

    /** The last is lent first, so that they are taken back in the order in which they were taken. */
    private <T extends @Nullable Object, X extends Exception> T lend(int last, Gate.Work<T, X> work) throws X {
        return last < 0 ? work.call() : part(last).lend(() -> lend(last - 1, work));
    }

    private Permit part(int index) {
        Permit part = parts[index];
        if (part == null) {
            throw new AssertionError(index);
        }
        return part;
    }

    @Override
    public String describe() {
        return size + " gates";
    }
}
