package dev.sluice.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page, in Markdown; charts are files beside it. */
final class Page {
    private final StringBuilder page = new StringBuilder();
    private final Scores scores;

    private Page(Scores scores) {
        this.scores = scores;
    }

    static String render(String name, List<Topic> topics, Scores scores, Machine machine) {
        Page page = new Page(scores);
        page.head(name, machine);
        page.targets();
        topics.stream().filter(topic -> topic.ours(scores).isPresent()).forEach(page::topic);
        page.figures();
        return page.page.toString();
    }

    /** The file of a topic's chart. */
    static String chart(Topic topic) {
        String title = topic.title() + " " + topic.metric().unit();
        return title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "") + ".svg";
    }

    private void head(String name, Machine machine) {
        page.append("# Benchmarks, profile `").append(name).append("`\n\n");
        page.append(machine).append(", ").append(scores.jdk()).append(".\n\n");
        page.append("Each figure is the median of all iterations of all forks. Ratios travel, figures do not.\n\n");
    }

    private void targets() {
        List<List<String>> rows = Targets.all().stream()
                .flatMap(target -> target.row(scores).stream())
                .toList();
        if (!rows.isEmpty()) {
            page.append("## Targets\n\n");
            table(List.of("work", "ours", "peer", "ratio", "target", "met"), rows);
        }
    }

    private void topic(Topic topic) {
        page.append("\n## ").append(topic.title()).append("\n\n");
        page.append("![")
                .append(topic.title())
                .append("](")
                .append(chart(topic))
                .append(")\n\n");
        double ours = topic.ours(scores).map(Topic.Bar::value).orElse(Double.NaN);
        boolean more = topic.metric().moreIsBetter();
        table(
                List.of(
                        "",
                        topic.metric().unit(),
                        more ? "Sluice is so many times as fast" : "Sluice needs so much of it"),
                topic.bars(scores).stream()
                        .map(bar -> List.of(bar.kind(), text(bar.value()), text(ours / bar.value())))
                        .toList());
        List<String> missing = missing(topic);
        if (!missing.isEmpty()) {
            page.append("\nNot run here: ").append(String.join(", ", missing)).append(".\n");
        }
    }

    private List<String> missing(Topic topic) {
        List<String> run = topic.bars(scores).stream().map(Topic.Bar::kind).toList();
        return topic.kinds().stream().filter(kind -> !run.contains(kind)).toList();
    }

    private void figures() {
        page.append("\n## All figures\n\n");
        table(
                List.of("benchmark", "parameters", "median", "unit", "bytes allocated for each"),
                scores.all().stream().map(Page::figure).toList());
    }

    private static List<String> figure(Score score) {
        double allocated = score.metric(Figure.ALLOCATION);
        return List.of(
                score.benchmark(),
                params(score.params()),
                text(score.median()),
                score.unit(),
                Double.isNaN(allocated) ? "" : text(allocated));
    }

    private static String params(Map<String, String> params) {
        return params.entrySet().stream()
                .map(param -> param.getKey() + " " + param.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, value < 1000 ? "%,.2f" : "%,.0f", value);
    }

    private void table(List<String> head, List<List<String>> rows) {
        Stream<List<String>> top =
                Stream.of(head, head.stream().map(cell -> "---").toList());
        Stream.concat(top, rows.stream())
                .forEach(cells ->
                        page.append("| ").append(String.join(" | ", cells)).append(" |\n"));
    }
}
