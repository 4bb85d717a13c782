package dev.sluice.pipeline;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What {@link PipelineRun#drain} has come to.
 *
 * @param completed whether everything that had been read was delivered in time, and nothing failed
 * @param undelivered what was discarded since the drain began, as the discard handler is told it; what a function that is
 *     still running has in hand, or its stage in its queue, may follow there after this report
 * @param stillRunning the workers that had not ended when the time was up
 */
public record DrainReport(boolean completed, List<Undelivered> undelivered, List<StillRunning> stillRunning) {
    /**
     * Keeps copies of the lists.
     *
     * @param completed whether everything that had been read was delivered in time, and nothing failed
     * @param undelivered what was discarded since the drain began
     * @param stillRunning the workers that had not ended when the time was up
     */
    public DrainReport {
        undelivered = List.copyOf(undelivered);
        stillRunning = List.copyOf(stillRunning);
    }

    /**
     * An item that was read and not delivered.
     *
     * @param stage the stage that had taken the item, or in whose queue it waited
     * @param item the item, as the stage got it or would have got it
     */
    public record Undelivered(String stage, Object item) {}

    /**
     * A worker that had not ended.
     *
     * @param stage its stage
     * @param thread the name of its thread
     * @param stack what it did
     */
    public record StillRunning(String stage, String thread, List<StackTraceElement> stack) {
        /**
         * Keeps a copy of the stack.
         *
         * @param stage its stage
         * @param thread the name of its thread
         * @param stack what it did
         */
        public StillRunning {
            stack = List.copyOf(stack);
        }

        /** Says the stage, the thread and its stack. */
        @Override
        public String toString() {
            return "'" + stage + "' in " + thread
                    + stack.stream().map(frame -> "\n    at " + frame).collect(Collectors.joining());
        }
    }
}
