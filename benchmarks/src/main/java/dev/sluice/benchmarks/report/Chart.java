package dev.sluice.benchmarks.report;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A bar for each line of a topic's table, ours in a colour of its own, as SVG. */
final class Chart {
    private Chart() {}

    static void write(Topic topic, List<Topic.Bar> bars, Path file) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(900)
                .height(420)
                .title(topic.title())
                .yAxisTitle(topic.metric().unit())
                .build();
        chart.getStyler().setOverlapped(true).setXAxisLabelRotation(30);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE).setChartBackgroundColor(Color.WHITE);
        List<String> kinds = bars.stream().map(Topic.Bar::kind).toList();
        chart.addSeries("Sluice", kinds, values(bars, true)).setFillColor(new Color(0x1f6feb));
        chart.addSeries("others", kinds, values(bars, false)).setFillColor(new Color(0xa0a8b0));
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
        // Letters are drawn, to a dozen digits; one will do, and makes a file a third as long.
        Files.writeString(file, Files.readString(file).replaceAll("(\\.\\d)\\d+", "$1"));
    }

    private static List<Double> values(List<Topic.Bar> bars, boolean wanted) {
        return bars.stream()
                .map(bar -> isOurs(bar.kind()) == wanted ? bar.value() : 0)
                .toList();
    }

    private static boolean isOurs(String kind) {
        return kind.startsWith("SLUICE");
    }
}
