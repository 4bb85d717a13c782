package dev.sluice.pipeline;

import dev.sluice.internal.Check;
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
    private boolean ordered;
    private int window = Settings.UNSET;
    private int capacity = Settings.UNSET;
    private @Nullable Supplier<? extends BlockingQueue<Object>> queue;
    private OnError onError = OnError.fail();

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
     * How many inputs an ordered stage may have taken whose results have not left it: how far the others may run ahead
     * of a slow one. The larger of 256 and four times the workers when not set. It bounds what is retained: at most
     * this many inputs, and at most twice as many results. It has no effect on a stage that is not ordered or has one
     * worker.
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

    // What has a place for each item takes it from the start.
    private static int size(String name, int items) {
        if (items > LARGEST) {
            throw new IllegalArgumentException(name + " must be <= " + LARGEST + " but was " + items);
        }
        return Check.atLeast(name, items, 1);
    }

    Settings settings() {
        return Settings.of(workers, ordered, window, capacity, queue, onError);
    }
}
