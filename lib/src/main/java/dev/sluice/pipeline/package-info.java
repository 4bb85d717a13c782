/**
 * Pipelines: stages of the user's functions, joined by bounded queues, each with threads of its own.
 *
 * <p>A pipeline is defined from its source to its end with a {@link dev.sluice.pipeline.PipelineBuilder}, and then run
 * as often as its source allows. The stages work at the same time; the slowest sets the pace, because each queue has a
 * capacity and a stage that finds the next one full waits. So the memory that a run needs does not depend on the length
 * of its input.
 *
 * <p>What becomes of each item is known: it is completed, filtered by a predicate, skipped because its failure was to
 * be skipped, or discarded because the run ended before it was delivered. {@link dev.sluice.pipeline.PipelineStats}
 * counts them and says which stage the others wait for; a {@link dev.sluice.pipeline.DiscardHandler} is handed the
 * discarded ones.
 *
 * <p>There are no end markers in the queues. Beside each queue there is a state that says whether more will come, so
 * the end and a failure always find their way, however full the queue and however many read it.
 *
 * <p>The user's functions may throw checked exceptions. They are interrupted when nobody will take their results any
 * more, and only then.
 */
@NullMarked
package dev.sluice.pipeline;

import org.jspecify.annotations.NullMarked;
