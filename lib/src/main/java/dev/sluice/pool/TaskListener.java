package dev.sluice.pool;

/** Told of a task's two ends; called without a lock, by the thread that brought them about. */
interface TaskListener {
    /** The tasks of nobody's group. */
    TaskListener NONE = new TaskListener() {
        @Override
        public void done(Task<?> task) {}

        @Override
        public void exited(Task<?> task) {}
    };

    /** The handle has become terminal. */
    void done(Task<?> task);

    /** The work has really ended, or will never begin; after {@link #done}. */
    void exited(Task<?> task);
}
