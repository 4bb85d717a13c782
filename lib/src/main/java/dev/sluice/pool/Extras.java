package dev.sluice.pool;

import dev.sluice.gate.Permit;
import dev.sluice.internal.Check;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What most tasks do without: kept apart, so that a {@link Task} stays small. Made together with the task, or by whoever has
 * begun it; nobody else makes it.
 */
final class Extras {
    /** Happens after the task's end and its listener: callbacks of users hang here, who may ask the listener. */
    final Event told = new Event();

    /** Where interrupts for the task go; null while it is a worker's own entry that nothing runs on top of. */
    volatile @Nullable Runner runner;

    /** What the task waits for, while it does; read by {@link Deadlock}. */
    volatile @Nullable Awaited waitingFor;

    /** Who runs the task, if that is not its worker; a hint for reports. */
    volatile @Nullable Thread thread;

    /** The task inside which it runs, on the same stack; for the thread that runs it. */
    @Nullable
    Task<?> outer;

    /** How many tasks there are below it on that stack. */
    int depth;

    /**
     * When it was submitted, by {@code System.nanoTime}; 0 when that is not to be known. Written with the task, and again when a
     * queue accepts it; where the time in the queue is limited, only then.
     */
    long submitted;

    /** Why it has passed its time limit; written before the phase says so. */
    @Nullable
    Throwable overrun;

    /** The permit of a task of a gated pool, from before its start until its work has ended. */
    @Nullable
    Permit permit;

    /** Whether its submitter runs the task under {@link OnFull#CALLER_RUNS}; guarded by the pool's lock. */
    boolean byCaller;

    /** The neighbours in, and the list itself of, {@link TaskList}; guarded by the pool's lock. */
    @Nullable
    TaskList list;

    @Nullable
    Task<?> previous;

    @Nullable
    Task<?> next;

    /** For a task that is not a worker's own entry. */
    static Extras withRunner() {
        Extras extras = new Extras();
        extras.runner = new Runner();
        return extras;
    }

    /** Work with something around it, and the way back to it: what a {@link Task} holds without a decorator. */
    record Decorated(Object work, boolean isRunnable, Callable<?> decorated) implements Callable<@Nullable Object> {
        static Decorated of(TaskDecorator decorator, Object work, boolean isRunnable) {
            Callable<?> plain = isRunnable
                    ? new Adapted<>((Runnable) work, null)
                    : work instanceof Job<?> job ? job.work() : (Callable<?>) work;
            return new Decorated(work, isRunnable, Check.notNull("decorated task", decorator.decorate(plain)));
        }

        @Override
        @SuppressWarnings("NullAway") // as above
        public @Nullable Object call() throws Exception {
            return decorated.call();
        }
    }

    /** A {@code Runnable} with a result, and the way back to it. */
    record Adapted<T extends @Nullable Object>(
            Runnable task, @Nullable T result) implements Callable<T> {
        @Override
        @SuppressWarnings("NullAway") // a Callable may return null, and Future passes it on
        public T call() {
            task.run();
            return result;
        }
    }
}
