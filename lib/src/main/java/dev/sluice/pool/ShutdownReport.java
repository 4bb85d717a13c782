package dev.sluice.pool;

import java.util.List;

/**
 * What became of a pool's tasks when it was closed with a time limit.
 *
 * @param completed how many tasks ended, in whatever way, between the call and its return; those that never started not included
 * @param neverStarted the jobs that were still queued when the time was up; their handles are cancelled
 * @param stillRunning the tasks that did not end, in spite of an interrupt
 */
public record ShutdownReport(long completed, List<Job<?>> neverStarted, List<StillRunning> stillRunning) {

    /**
     * Copies the lists.
     *
     * @param completed how many tasks ended
     * @param neverStarted the jobs that were never begun
     * @param stillRunning the tasks that did not end
     */
    public ShutdownReport {
        neverStarted = List.copyOf(neverStarted);
        stillRunning = List.copyOf(stillRunning);
    }

    static ShutdownReport of(long completed, List<Task<?>> neverStarted, List<Task<?>> stillRunning) {
        return new ShutdownReport(
                completed,
                neverStarted.stream().<Job<?>>map(Task::job).toList(),
                stillRunning.stream()
                        .map(task -> new StillRunning(task.job(), task.stack()))
                        .toList());
    }

    /**
     * Whether every task that the pool had accepted has ended.
     *
     * @return true when nothing was left unrun or running
     */
    public boolean isClean() {
        return neverStarted.isEmpty() && stillRunning.isEmpty();
    }

    /**
     * A task that did not end.
     *
     * @param job its descriptor
     * @param stack where its thread was, innermost frame first
     */
    public record StillRunning(Job<?> job, List<StackTraceElement> stack) {
        /**
         * Copies the stack.
         *
         * @param job the task's descriptor
         * @param stack where its thread was
         */
        public StillRunning {
            stack = List.copyOf(stack);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder(job.toString());
            stack.forEach(frame ->
                    text.append(System.lineSeparator()).append("        at ").append(frame));
            return text.toString();
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("completed while closing: ").append(completed);
        neverStarted.forEach(job -> text.append(System.lineSeparator())
                .append("    never started: ")
                .append(job));
        stillRunning.forEach(task -> text.append(System.lineSeparator())
                .append("    still running: ")
                .append(task));
        return text.toString();
    }
}
