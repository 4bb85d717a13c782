package dev.sluice.pool;

import org.jspecify.annotations.Nullable;

/** Told of a task's ends; called without a lock, by the thread that brought them about. */
interface TaskListener {
    /** The tasks of nobody's group. */
    TaskListener NONE = new TaskListener() {
        @Override
        public void ending(Task<?> task, @Nullable Throwable failure) {}

        @Override
        public void done(Task<?> task) {}

        @Override
        public void exited(Task<?> task) {}
    };

    /** The work has ended, and what it held is not free yet: so tasks that follow one another end in that order. */
    void ending(Task<?> task, @Nullable Throwable failure);

    /** The handle has become terminal; for a task that was cancelled or dropped, without {@link #ending} before. */
    void done(Task<?> task);

    /** The work has really ended, or will never begin; after {@link #done}. */
    void exited(Task<?> task);
}
