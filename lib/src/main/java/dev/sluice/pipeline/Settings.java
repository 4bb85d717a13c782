package dev.sluice.pipeline;

import dev.sluice.gate.Gate;
import dev.sluice.pool.WorkerPool;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of a stage, checked and with the defaults filled in.
 *
 * @param resizable whether the number of workers may change while the stage runs, though it begins with one
 * @param reorders whether results have to be put back in order: an ordered stage with several workers, or whose workers do
 *     not wait for an item's next attempt
 * @param capacity {@link #UNSET} when the queue's own bound rules
 */
record Settings(
        int workers,
        boolean resizable,
        boolean reorders,
        int window,
        int capacity,
        @Nullable Supplier<? extends BlockingQueue<Object>> queue,
        OnError onError,
        @Nullable StageFunction<Object, ?> keyOf,
        int perKey,
        @Nullable WorkerPool pool,
        @Nullable Gate gate,
        long timeLimitNanos,
        @Nullable Retry retry) {
    static final int UNSET = 0;
    static final int DEFAULT_CAPACITY = 1024;
    static final Settings DEFAULT = new StageOptions<>().settings();

    private static final int DEFAULT_WINDOW = 256;
    private static final int DEFAULT_PER_KEY = 64;

    static int defaultWindow(int workers) {
        return Math.max(DEFAULT_WINDOW, (int) Math.min(4L * workers, Integer.MAX_VALUE - 8));
    }

    static int defaultPerKey(int window) {
        return Math.min(DEFAULT_PER_KEY, Math.max(1, window / 2));
    }

    /** For a link with a queue of our own. */
    int capacityOrDefault() {
        return capacity == UNSET ? DEFAULT_CAPACITY : capacity;
    }

    /** Whether the stage's workers are steps, which do not wait. */
    boolean isStepped() {
        return keyOf != null || pool != null || retry != null;
    }

    /** Whether the stage is made for several workers, however many it has at the moment. */
    boolean isMany() {
        return workers > 1 || resizable;
    }

    /** Whether the window has to be wider than there are workers. */
    boolean needsWindow() {
        return reorders || keyOf != null || retry != null;
    }

    /** Whether something surrounds the calls of the stage's function. */
    boolean isGuarded() {
        return gate != null || timeLimitNanos != UNSET;
    }

    /** Who puts the results of the stage into the next link. */
    Link.Side putters() {
        return isStepped() ? Link.Side.STEPS : isMany() && !reorders ? Link.Side.MANY : Link.Side.ONE;
    }

    /** Who takes from the stage's link. */
    Link.Side takers() {
        return isStepped() ? Link.Side.STEPS : isMany() ? Link.Side.MANY : Link.Side.ONE;
    }
}
