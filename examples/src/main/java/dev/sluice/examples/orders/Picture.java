package dev.sluice.examples.orders;

import dev.sluice.pipeline.LinkStats;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.StageStats;
import java.util.List;

/**
 * The numbers of the pipeline, as the page draws them.
 *
 * @param bottleneck the stage that the others wait for; "" when none stands out
 * @param reason why that is thought
 */
record Picture(List<Box> stages, List<LinkStats> links, String bottleneck, String reason, double seconds) {
    /** A stage; shares are from 0 to 1. */
    record Box(
            String name,
            int workers,
            long in,
            long completed,
            long retried,
            long deadLetters,
            long inFlight,
            int queued,
            int capacity,
            double busy,
            double starved,
            double blocked,
            double millis) {
        static Box of(StageStats stage) {
            return new Box(
                    stage.name(),
                    stage.workers(),
                    stage.in(),
                    stage.completed(),
                    stage.retried(),
                    stage.deadLettered(),
                    stage.inFlight(),
                    stage.queued(),
                    stage.queueCapacity(),
                    stage.busy(),
                    stage.starved(),
                    stage.blocked(),
                    stage.serviceTime().mean().toNanos() / 1e6);
        }
    }

    static Picture of(PipelineStats stats) {
        return new Picture(
                stats.stages().stream().map(Box::of).toList(),
                stats.links(),
                stats.bottleneck().map(PipelineStats.Bottleneck::stage).orElse(""),
                stats.bottleneck().map(PipelineStats.Bottleneck::reason).orElse(""),
                stats.elapsed().toMillis() / 1e3);
    }
}
