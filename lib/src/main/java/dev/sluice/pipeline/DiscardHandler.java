package dev.sluice.pipeline;

/**
 * Is told once of each item that leaves a run without a fate of its own choosing: the item whose failure ended the run,
 * those that waited in a queue when it was aborted, and those that a stage had taken but could not deliver any more.
 * Items that were filtered or skipped are not told; they are counted.
 *
 * <p>It is called without a lock held, from any thread of the run and from one that cancels, closes or
 * reads it, possibly from several at once. It is not interrupted by the end of the run, and the run does not end before it
 * returns. What it throws does not stop anything: the first such exception is added as suppressed to the failure of the
 * run, or logged when the run was cancelled.
 */
@FunctionalInterface
public interface DiscardHandler {
    /**
     * Takes note of an item that is lost to the run.
     *
     * @param item the item, as the stage got it or would have got it
     * @param stage the stage that had taken the item, or in whose queue it waited
     * @param reason what the user's code threw, for the item that failed; for the others the {@link PipelineException}
     *     or {@link java.util.concurrent.CancellationException} that ended the work
     * @throws Exception is noted and otherwise ignored
     */
    void discarded(Object item, String stage, Throwable reason) throws Exception;
}
