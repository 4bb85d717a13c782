package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of a stage, checked and with the defaults filled in.
 *
 * @param reorders whether results have to be put back in order: an ordered stage with several workers
 * @param capacity {@link #UNSET} when the queue's own bound rules
 */
record Settings(
        int workers,
        boolean reorders,
        int window,
        int capacity,
        @Nullable Supplier<? extends BlockingQueue<Object>> queue,
        OnError onError) {
    static final int UNSET = 0;
    static final int DEFAULT_CAPACITY = 1024;
    static final Settings DEFAULT = of(1, false, UNSET, UNSET, null, OnError.fail());

    private static final int DEFAULT_WINDOW = 256;

    static Settings of(
            int workers,
            boolean ordered,
            int window,
            int capacity,
            @Nullable Supplier<? extends BlockingQueue<Object>> queue,
            OnError onError) {
        boolean reorders = ordered && workers > 1;
        if (window == UNSET) {
            window = Math.max(DEFAULT_WINDOW, (int) Math.min(4L * workers, Integer.MAX_VALUE - 8));
        } else if (reorders) {
            Check.atLeast("window of an ordered stage with " + workers + " workers", window, workers + 1);
        }
        return new Settings(workers, reorders, window, capacity, queue, onError);
    }

    /** For a link with a queue of our own. */
    int capacityOrDefault() {
        return capacity == UNSET ? DEFAULT_CAPACITY : capacity;
    }
}
