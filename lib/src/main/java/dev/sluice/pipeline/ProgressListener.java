package dev.sluice.pipeline;

/** Is told how far a run is; see {@link PipelineBuilder#onProgress}. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Tells the numbers of the run so far. Called by one thread.
     *
     * @param stats a snapshot; the last one is of the end
     * @throws Exception is logged once for a run, and changes nothing
     */
    void progress(PipelineStats stats) throws Exception;
}
