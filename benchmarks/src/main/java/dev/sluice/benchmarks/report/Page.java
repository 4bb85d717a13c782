package dev.sluice.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The page, in Markdown. */
final class Page {
    private Page() {}

    static String render(Profile profile, Scores scores, Machine machine) {
        StringBuilder page = new StringBuilder();
        page.append("# Sluice benchmarks, profile `")
                .append(profile.name().toLowerCase(Locale.ROOT))
                .append("`\n\n");
        page.append(machine).append(", ").append(scores.jdk()).append("\n\n");
        page.append("## Targets\n\n");
        table(
                page,
                List.of("work", "ours", "peer", "ratio", "target", "met"),
                Targets.all().stream()
                        .flatMap(target -> target.row(scores).stream())
                        .toList());
        page.append("\n## All figures\n\n");
        table(
                page,
                List.of("benchmark", "parameters", "median", "unit", "bytes allocated for each"),
                scores.all().stream().map(Page::figure).toList());
        return page.toString();
    }

    private static List<String> figure(Score score) {
        return List.of(
                score.benchmark(),
                params(score.params()),
                String.format(Locale.ROOT, "%,.1f", score.median()),
                score.unit(),
                score.secondary().containsKey("gc.alloc.rate.norm")
                        ? String.format(Locale.ROOT, "%.2f", score.secondary().get("gc.alloc.rate.norm"))
                        : "");
    }

    private static String params(Map<String, String> params) {
        return params.entrySet().stream()
                .map(param -> param.getKey() + " " + param.getValue())
                .collect(Collectors.joining(", "));
    }

    private static void table(StringBuilder page, List<String> head, List<List<String>> rows) {
        line(page, head);
        line(page, head.stream().map(cell -> "---").toList());
        rows.forEach(row -> line(page, row));
    }

    private static void line(StringBuilder page, List<String> cells) {
        page.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
