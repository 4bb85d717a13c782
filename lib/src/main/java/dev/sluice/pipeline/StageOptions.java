package dev.sluice.pipeline;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Check;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of one stage, as the last argument of {@code stage} and {@code forEach} sets them.
 *
 * <pre>{@code
 * .stage("enrich", this::enrich, s -> s.workers(8).ordered().capacity(512))
 * }</pre>
 *
 * <p>Each method changes these options and returns them. They are read when the lambda returns; what is changed after
 * that has no effect. Not safe for use by several threads at once.
 *
 * @param <T> the input of the stage
 */
public final class StageOptions<T> {
    private static final int LARGEST = 1 << 20;

    private int workers = 1;
    private boolean resizable;
    private boolean ordered;
    private int window = Settings.UNSET;
    private int capacity = Settings.UNSET;
    private @Nullable Supplier<? extends BlockingQueue<Object>> queue;
    private OnError onError = OnError.fail();
    private @Nullable StageFunction<? super T, ?> keyOf;
    private int perKey = Settings.UNSET;
    private @Nullable WorkerPool pool;
    private @Nullable Gate gate;
    private long timeLimitNanos = Settings.UNSET;
    private @Nullable Retry retry;

    StageOptions() {}

    /**
     * How many threads run the stage's function; 1 when not set. A stage with one worker keeps the order of its input.
     *
     * @param count at least 1
     * @return these options
     * @throws IllegalArgumentException when {@code count} is below 1
     */
    public StageOptions<T> workers(int count) {
        workers = Check.atLeast("workers", count, 1);
        return this;
    }

    /**
     * The number of workers may be {@linkplain PipelineRun.Stage#resize changed} while the stage runs, though it begins with
     * one. Stages with more can be resized anyhow; the fastest way from stage to stage, which has one thread on each side, is
     * left to those that stay with one worker. The order of the input is kept by a stage that is {@link #ordered} or {@link
     * #orderedBy}; by others only as long as they have never had more than one worker.
     *
     * @return these options
     */
    public StageOptions<T> resizable() {
        resizable = true;
        return this;
    }

    /**
     * Results leave the stage in the order of its input, however many workers it has. Without this a stage with several
     * workers hands results on as they come.
     *
     * @return these options
     */
    public StageOptions<T> ordered() {
        ordered = true;
        return this;
    }

    /**
     * Items with equal keys are worked on one at a time, and their results leave the stage, in the order of its input; items
     * with different keys in parallel. A key for which the work takes long holds one worker, and at most {@link #perKey}
     * items wait for it in the stage; the item after those stops the stage from taking more until there is room for it, and
     * {@link StageStats#fullKey} names the key meanwhile. A key of which nothing is left in the stage is forgotten.
     *
     * <p>An item for which the function throws or returns null fails as if the stage's function had thrown that, or a
     * {@code NullPointerException}; {@link OnError} says what follows. It is not retried and is in no order with others.
     *
     * @param function gives the key; called once for each item, by one thread at a time, in the order of the input
     * @return these options
     */
    public StageOptions<T> orderedBy(StageFunction<? super T, ?> function) {
        keyOf = Check.notNull("function", function);
        return this;
    }

    /**
     * How many items of one key may wait in a stage that is {@linkplain #orderedBy ordered by a key}, besides the one that is
     * worked on; 64 when not set, or half of a small window. It has no effect on other stages.
     *
     * @param items at least 1, and less than the window
     * @return these options
     * @throws IllegalArgumentException when {@code items} is below 1 or above 1048576
     */
    public StageOptions<T> perKey(int items) {
        perKey = size("perKey", items);
        return this;
    }

    /**
     * How many inputs a stage may have taken that have not left it: in an ordered stage how far the others may run ahead of a
     * slow one, in a keyed one how many wait for their turn, in one with {@link #retry} also how many wait for their next
     * attempt. The larger of 256 and four times the workers when not set. It bounds what is retained: at most this many
     * inputs, and in an ordered stage at most twice as many results. It has no effect on other stages.
     *
     * @param items more than the number of workers, at most 1048576
     * @return these options
     * @throws IllegalArgumentException when {@code items} is below 1 or above 1048576
     */
    public StageOptions<T> window(int items) {
        window = size("window", items);
        return this;
    }

    /**
     * How many items may wait for this stage; 1024 when not set. When as many wait, the stage before this one waits.
     *
     * @param items at least 1, at most 1048576
     * @return these options
     * @throws IllegalArgumentException when {@code items} is below 1 or above 1048576
     */
    public StageOptions<T> capacity(int items) {
        capacity = size("capacity", items);
        return this;
    }

    /**
     * The queue in which items wait for this stage; each run asks for a new one. The queue's order is the order in
     * which the stage takes its inputs.
     *
     * <p>The queue is asked for its remaining capacity once, then used only through {@code offer} and {@code poll}
     * without waiting, by one thread at a time. It must be empty and able to hold an element, so a {@code
     * SynchronousQueue} will not do: {@code start()} throws {@code IllegalArgumentException}. The capacity is the
     * queue's own; when {@link #capacity} is set as well, the smaller of the two; 1024 when the queue has no bound and
     * none is set. An exception from the queue fails the run and names this stage.
     *
     * @param supplier makes an empty queue
     * @return these options
     */
    public StageOptions<T> queue(Supplier<? extends BlockingQueue<Object>> supplier) {
        queue = Check.notNull("supplier", supplier);
        return this;
    }

    /**
     * What follows when the stage's function throws; {@link OnError#fail()} when not set.
     *
     * @param choice the choice
     * @return these options
     */
    public StageOptions<T> onError(OnError choice) {
        onError = Check.notNull("choice", choice);
        return this;
    }

    /**
     * The stage's function runs in the threads of a pool, which other stages and other code may use too, instead of in threads
     * of its own; {@link #workers} is the most it uses at once. A stage holds no thread while it has no input or no room for
     * its results: so many stages run on few threads, and one on each is enough for any number. After a millisecond a
     * worker goes to the end of the pool's queue.
     *
     * <p>The pool is not closed with the run. When it is shut down before, or drops what it has queued, the run fails. While
     * it has no room, the stage waits in line with the pool's other submitters.
     *
     * @param threads the pool
     * @return these options
     */
    public StageOptions<T> pool(WorkerPool threads) {
        pool = Check.notNull("threads", threads);
        return this;
    }

    /**
     * Each call of the stage's function holds a permit of a gate, which other stages and other code may use too. What runs
     * inline behind the function, and the wait for room, is done without it. The wait for a permit counts as blocked. A gate
     * that refuses fails the item.
     *
     * @param permits the gate
     * @return these options
     */
    public StageOptions<T> gate(Gate permits) {
        gate = Check.notNull("permits", permits);
        return this;
    }

    /**
     * How long the stage's function may take for an item. After that it is interrupted, and the item fails with a {@link
     * java.util.concurrent.TimeoutException} when the function has returned, whatever that gives: until then it holds its
     * worker. The waits for a permit and for room, and what runs inline behind the function, are not limited.
     *
     * @param limit more than zero
     * @return these options
     * @throws IllegalArgumentException when {@code limit} is zero or negative
     */
    public StageOptions<T> timeLimit(Duration limit) {
        long nanos = Check.nanos("limit", limit);
        if (nanos == 0) {
            throw new IllegalArgumentException("limit must be more than zero but was " + limit);
        }
        timeLimitNanos = nanos;
        return this;
    }

    /**
     * When the stage's function throws an exception it is tried again, before {@link #onError} applies. None when not set.
     *
     * <p>A stage that keeps its order, because it is ordered or has one worker, keeps it: results wait for the item that is
     * tried again. A sink with one worker goes on with other items meanwhile, unless it is {@linkplain #ordered ordered}.
     *
     * @param attempts how often and when
     * @return these options
     */
    public StageOptions<T> retry(Retry attempts) {
        retry = Check.notNull("attempts", attempts);
        return this;
    }

    // What has a place for each item takes it from the start.
    private static int size(String name, int items) {
        if (items > LARGEST) {
            throw new IllegalArgumentException(name + " must be <= " + LARGEST + " but was " + items);
        }
        return Check.atLeast(name, items, 1);
    }

    Settings settings() {
        boolean stepped = keyOf != null || pool != null || retry != null;
        boolean reorders =
                keyOf == null && (ordered ? workers > 1 || resizable || stepped : workers == 1 && retry != null);
        return settings(reorders, keyOf);
    }

    /** Of a stage without results, which cannot be put back in order. */
    Settings sinkSettings(String name) {
        if (ordered && workers > 1 && keyOf == null) {
            throw new IllegalArgumentException(
                    "workers of an ordered sink must be 1 but was " + workers + " ('" + name + "')");
        }
        if (ordered && resizable) {
            throw new IllegalArgumentException(
                    "an ordered sink has one worker and must not be resizable ('" + name + "')");
        }
        // All items wait for the one that is tried again.
        return settings(false, keyOf == null && ordered && retry != null ? item -> true : keyOf);
    }

    // Inputs of the stage are of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    private Settings settings(boolean reorders, @Nullable StageFunction<? super T, ?> key) {
        if (keyOf != null && ordered) {
            throw new IllegalArgumentException("a stage is either ordered() or orderedBy(a key), not both");
        }
        int size = window == Settings.UNSET ? Settings.defaultWindow(workers) : window;
        if (reorders || key != null || retry != null) {
            Check.atLeast(
                    "window of " + (reorders ? "an ordered" : "a") + " stage with " + workers + " workers",
                    size,
                    workers + 1);
        }
        if (key != null && perKey >= size) {
            throw new IllegalArgumentException("perKey must be < " + size + ", the window, but was " + perKey);
        }
        return new Settings(
                workers,
                resizable,
                reorders,
                size,
                capacity,
                queue,
                onError,
                (StageFunction<Object, ?>) key,
                perKey == Settings.UNSET ? Settings.defaultPerKey(size) : perKey,
                pool,
                gate,
                timeLimitNanos,
                retry);
    }
}
