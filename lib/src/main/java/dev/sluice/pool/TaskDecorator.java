package dev.sluice.pool;

import java.util.concurrent.Callable;

/**
 * Puts something around each task of a pool: a context carried over from the submitter, a measurement, a name.
 *
 * <pre>{@code
 * builder.decorate(task -> {
 *     Context context = Context.current(); // in the submitter's thread
 *     return () -> {
 *         try (Scope scope = context.makeCurrent()) { // in the thread that runs the task
 *             return task.call();
 *         }
 *     };
 * })
 * }</pre>
 */
@FunctionalInterface
public interface TaskDecorator {

    /**
     * Called once for each task, by its submitter, before the pool takes it. What it throws is thrown by the submitting
     * method; the task then does not count.
     *
     * @param task the work; for a {@code Runnable} it gives what the handle is to give
     * @return what is to run in its place; it has to call {@code task}, and to return what that returns
     */
    Callable<?> decorate(Callable<?> task);
}
