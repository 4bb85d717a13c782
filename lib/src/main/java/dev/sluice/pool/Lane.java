package dev.sluice.pool;

import dev.sluice.internal.Check;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one key: they run in the order in which they were accepted, one at a time, while other keys' tasks run in
 * parallel.
 *
 * <pre>{@code
 * pool.lane(order.customer()).execute(() -> book(order));
 * }</pre>
 *
 * <p>Lanes of equal keys are the same lane, whether or not they are the same object. A lane costs nothing while it has no
 * task. The {@code equals} and {@code hashCode} of its key are called with locks of the pool held, as in a map: they have to
 * be quick, and must not use the pool.
 *
 * <p><b>Bounds.</b> A key holds at most one worker, however slow its tasks are, and at most its share of the queue
 * ({@link WorkerPool.Builder#laneCapacity}). To one more task than that happens what the pool's {@link OnFull} policy says:
 * its submitter waits until a task of the key has ended, or it is refused, or dropped, or takes the place of the oldest
 * queued one of its key (if all are running, it is itself dropped). The pool's own capacity holds besides.
 *
 * <p><b>Never inline.</b> A task of a lane is not run by a task that waits for it, nor by its submitter; so
 * {@link OnFull#CALLER_RUNS} does not go with lanes. A task that waits for one behind it in its own lane, or for room in it, is
 * told so by an {@link IllegalStateException}.
 *
 * <p>In all else (interruption, failure, closing, memory consistency) it is as its pool. Any thread may use it.
 */
public final class Lane implements Executor {
    private final BasePool pool;
    private final Object key;
    private final int hash;

    Lane(BasePool pool, Object key) {
        this.pool = pool;
        this.key = Check.notNull("key", key);
        this.hash = key.hashCode();
    }

    /**
     * Submits a task behind those of this key, as {@link WorkerPool#execute} does.
     *
     * @param command the work
     * @throws RejectedExecutionException as {@link WorkerPool#submit(Callable)}
     */
    @Override
    public void execute(Runnable command) {
        pool.admit(new LaneTask<>(this, Check.notNull("command", command), true, false));
    }

    /**
     * Submits a task behind those of this key.
     *
     * @param task the work
     * @param <T> what it gives
     * @return its handle
     * @throws RejectedExecutionException as {@link WorkerPool#submit(Callable)}
     */
    public <T extends @Nullable Object> TaskHandle<T> submit(Callable<T> task) {
        return admitted(new LaneTask<>(this, Check.notNull("task", task), false, true));
    }

    /**
     * Submits a job behind the tasks of this key.
     *
     * @param job the work with its descriptor
     * @param <T> what it gives
     * @return its handle
     * @throws RejectedExecutionException as {@link WorkerPool#submit(Callable)}
     */
    public <T extends @Nullable Object> TaskHandle<T> submit(Job<T> job) {
        return admitted(new LaneTask<>(this, Check.notNull("job", job), false, true));
    }

    /**
     * Submits a task without a result behind those of this key.
     *
     * @param task the work
     * @return its handle, whose value is null
     * @throws RejectedExecutionException as {@link WorkerPool#submit(Callable)}
     */
    public TaskHandle<?> submit(Runnable task) {
        return admitted(new LaneTask<>(this, Check.notNull("task", task), true, true));
    }

    /**
     * Submits a task if there is room now, in the lane and in the pool, whatever the {@link OnFull} policy; never waits.
     *
     * @param task the work
     * @param <T> what it gives
     * @return its handle, or empty, which counts as rejected
     * @throws RejectedExecutionException when the pool is shut down
     */
    public <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Callable<T> task) {
        return pool.admittedNow(new LaneTask<>(this, Check.notNull("task", task), false, true));
    }

    /**
     * Submits a job if there is room now, as {@link #trySubmit(Callable)}.
     *
     * @param job the work with its descriptor
     * @param <T> what it gives
     * @return its handle, or empty
     * @throws RejectedExecutionException when the pool is shut down
     */
    public <T extends @Nullable Object> Optional<TaskHandle<T>> trySubmit(Job<T> job) {
        return pool.admittedNow(new LaneTask<>(this, Check.notNull("job", job), false, true));
    }

    /**
     * Submits a task without a result if there is room now, as {@link #trySubmit(Callable)}.
     *
     * @param task the work
     * @return its handle, or empty
     * @throws RejectedExecutionException when the pool is shut down
     */
    public Optional<TaskHandle<?>> trySubmit(Runnable task) {
        return pool.admittedNow(new LaneTask<>(this, Check.notNull("task", task), true, true))
                .map(handle -> handle);
    }

    /**
     * The key.
     *
     * @return as it was given
     */
    public Object key() {
        return key;
    }

    private <T extends @Nullable Object> Task<T> admitted(Task<T> task) {
        pool.admit(task);
        return task;
    }

    BasePool pool() {
        return pool;
    }

    int hash() {
        return hash;
    }

    @Override
    public String toString() {
        return "Lane[" + key + " of " + pool.name + "]";
    }
}
