package dev.sluice.examples.orders;

import dev.sluice.pipeline.LinkStats;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.StageStats;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The numbers of the pipeline, as the page draws them.
 *
 * @param bottleneck the stage that the others wait for; "" when none stands out
 * @param reason why that is thought, or why there is none
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
        /** The same, with the time that it waits for the world outside told from the time that it works. */
        Box idle(double share) {
            double works = Math.max(0, busy - share);
            return new Box(
                    name,
                    workers,
                    in,
                    completed,
                    retried,
                    deadLetters,
                    inFlight,
                    queued,
                    capacity,
                    works,
                    busy - works,
                    blocked,
                    in == 0 ? 0 : millis * works / Math.max(busy, 1e-9));
        }

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

    /** Idle is the share of the time in which the source had nothing to give. */
    static Picture of(PipelineStats stats, double idle) {
        List<Box> boxes = stats.stages().stream().map(Box::of).toList();
        Optional<PipelineStats.Bottleneck> bottleneck = stats.bottleneck();
        boolean waits = bottleneck.isPresent() && bottleneck.get().stage().equals("source") && idle > 0.5;
        return new Picture(
                boxes.stream()
                        .map(box -> box.name().equals("source") ? box.idle(idle) : box)
                        .toList(),
                stats.links(),
                waits ? "" : bottleneck.map(PipelineStats.Bottleneck::stage).orElse(""),
                waits
                        ? String.format(
                                Locale.ROOT, "none, there was nothing to do for %.0f %% of the time", 100 * idle)
                        : bottleneck.map(PipelineStats.Bottleneck::reason).orElse("none stands out"),
                stats.elapsed().toMillis() / 1e3);
    }
}
