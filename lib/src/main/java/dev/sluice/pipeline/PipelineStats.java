package dev.sluice.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The numbers of a run at one moment; printed, a table with a line for each stage and one that names the bottleneck.
 *
 * @param stages in the order of the pipeline, each behind those that hand items on to it
 * @param links what has gone from one to the other
 * @param elapsed the time since the start, until the end
 */
public record PipelineStats(List<StageStats> stages, List<LinkStats> links, Duration elapsed) {
    /**
     * Keeps copies of the lists.
     *
     * @param stages in the order of the pipeline, each behind those that hand items on to it
     * @param links what has gone from one to the other
     * @param elapsed the time since the start, until the end
     */
    public PipelineStats {
        stages = List.copyOf(stages);
        links = List.copyOf(links);
    }

    /**
     * The stage that the others wait for.
     *
     * @param stage its name
     * @param reason a sentence with the numbers that say so
     */
    public record Bottleneck(String stage, String reason) {}

    /**
     * The stage that holds the others up: the one that needs the most time, with all of its workers, for what one item of
     * the source leads to, if that is clearly (by a fifth) more than the next one needs, and it is busy for half of the
     * time at least. The reason says how much that is, and whether it computes, waits or has too few workers.
     *
     * @return the stage, or empty when there is none that stands out
     */
    public Optional<Bottleneck> bottleneck() {
        return Diagnosis.of(this);
    }

    /**
     * A picture of the pipeline for <a href="https://mermaid.js.org">Mermaid</a>: a box for each stage with how busy it
     * is, and on the arrows how many items have gone from one to the next and how full the queue there is. The bottleneck
     * has a thick border. Markdown in which {@code mermaid} blocks are drawn shows it.
     *
     * @return the text of a flowchart, of several lines
     */
    public String toMermaid() {
        return Diagram.of(this);
    }

    /** An aligned table, and a last line that names the bottleneck or says that there is none. */
    @Override
    public String toString() {
        return StatsTable.of(this);
    }
}
