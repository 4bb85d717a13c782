package dev.sluice.pool;

import org.jspecify.annotations.Nullable;

/** The times of one task that does not run as a worker's own entry, where somebody wants to know them. */
final class Timing {
    private static final Timing NONE = new Timing(null, 0, null);

    private final @Nullable Task<?> task;
    private final long begun;
    private final @Nullable Object event;

    private Timing(@Nullable Task<?> task, long begun, @Nullable Object event) {
        this.task = task;
        this.begun = begun;
        this.event = event;
    }

    /** The task begins. */
    static Timing start(Task<?> task) {
        long submitted = task.submitted();
        if (submitted == 0 && !Tracing.tracesRuns()) {
            return NONE;
        }
        long now = System.nanoTime();
        if (submitted != 0) {
            task.pool.waited(task, now - submitted);
        }
        return new Timing(submitted == 0 ? null : task, now, Tracing.begun(task.pool.name, task));
    }

    /** Its work has ended, or it was too late for that. */
    void end(boolean late) {
        if (task != null && !late) {
            task.pool.runTime.record(System.nanoTime() - begun);
        }
        if (event != null) {
            Tracing.ended(event);
        }
    }
}
