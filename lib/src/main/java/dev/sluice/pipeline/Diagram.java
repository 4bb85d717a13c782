package dev.sluice.pipeline;

import dev.sluice.pipeline.PipelineStats.Bottleneck;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The numbers of a run as a Mermaid flowchart: a box for each stage, an arrow for each way between two. */
final class Diagram {
    private final PipelineStats stats;
    private final List<String> lines = new ArrayList<>();

    private Diagram(PipelineStats stats) {
        this.stats = stats;
    }

    static String of(PipelineStats stats) {
        Diagram diagram = new Diagram(stats);
        diagram.draw();
        return String.join("\n", diagram.lines) + "\n";
    }

    private void draw() {
        lines.add("flowchart LR");
        for (int i = 0; i < stats.stages().size(); i++) {
            lines.add("    s" + i + "[\"" + box(stats.stages().get(i)) + "\"]");
        }
        stats.links().forEach(this::arrow);
        stats.bottleneck().map(Bottleneck::stage).ifPresent(slow -> {
            lines.add("    classDef bottleneck stroke:#d33,stroke-width:4px");
            lines.add("    class s" + number(slow) + " bottleneck");
        });
    }

    private static String box(StageStats stage) {
        List<String> rows = new ArrayList<>();
        rows.add("<b>" + escaped(stage.name()) + "</b>");
        rows.add(String.format(
                Locale.ROOT,
                "%sbusy %.0f %%",
                stage.workers() == 1 ? "" : stage.workers() + " workers, ",
                100 * stage.busy()));
        if (stage.serviceTime().samples() > 0) {
            rows.add(Times.text((double) stage.serviceTime().mean().toNanos()) + " an item");
        }
        lost(rows, "filtered", stage.filtered());
        lost(rows, "skipped", stage.skipped());
        lost(rows, "dead letters", stage.deadLettered());
        lost(rows, "retried", stage.retried());
        lost(rows, "discarded", stage.discarded() + stage.discardedInQueue());
        return String.join("<br>", rows);
    }

    private static void lost(List<String> rows, String what, long count) {
        if (count > 0) {
            rows.add(number(count) + " " + what);
        }
    }

    private void arrow(LinkStats link) {
        int to = number(link.to());
        StageStats taker = stats.stages().get(to);
        String label = String.format("%s<br>queue %d/%d", number(link.items()), taker.queued(), taker.queueCapacity());
        lines.add("    s" + number(link.from()) + " -->|\"" + label + "\"| s" + to);
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private int number(String stage) {
        return stats.stages().stream().map(StageStats::name).toList().indexOf(stage);
    }

    /** Names are anything; Mermaid reads HTML, and entities of its own that begin with a number sign. */
    private static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || " -_.,:/".indexOf(c) >= 0) {
                text.appendCodePoint(c);
            } else {
                text.append('#').append(c).append(';');
            }
        });
        return text.toString();
    }
}
