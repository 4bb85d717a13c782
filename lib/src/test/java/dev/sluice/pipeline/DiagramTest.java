package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class DiagramTest {
    @RegisterExtension
    final Runs runs = new Runs();

    @Test
    void hasABoxForEachStageAndAnArrowForEachWay() throws InterruptedException {
        FanOut<Integer> parts = Pipeline.from(IntStream.range(0, 3000).boxed().toList())
                .filter(i -> i >= 1000)
                .fanOut("by \"half\"", Route.firstMatch());
        Pipeline<Void> small = parts.branch(i -> i < 1500).forEach("small", i -> {}, s -> s.workers(2));
        Pipeline<Void> large = parts.branch().forEach("large", i -> {}, s -> s.capacity(7));
        PipelineRun<?> run = runs.start(small.with(large));
        run.await();
        List<String> lines = run.stats().toMermaid().lines().toList();
        assertThat(lines.get(0)).isEqualTo("flowchart LR");
        assertThat(box(lines, "<b>source</b>"))
                .startsWith("    s0[\"")
                .contains("<br>1,000 filtered")
                .endsWith("\"]");
        assertThat(box(lines, "<b>by #34;half#34;</b>")).contains("busy ");
        assertThat(box(lines, "<b>small</b>")).contains("<br>2 workers, busy ").contains(" an item");
        assertThat(lines)
                .contains(
                        "    s0 -->|\"2,000<br>queue 0/1024\"| s1",
                        "    s1 -->|\"500<br>queue 0/1024\"| " + name(box(lines, "<b>small</b>")),
                        "    s1 -->|\"1,500<br>queue 0/7\"| " + name(box(lines, "<b>large</b>")));
    }

    @Test
    void marksTheBottleneck() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        PipelineRun<?> run =
                runs.start(Pipeline.from(IntStream.range(0, 100).boxed().toList())
                        .stage("slow", i -> {
                            go.await();
                            return i;
                        })
                        .forEach("write", i -> {}));
        await().until(() -> run.stats().bottleneck().isPresent());
        assertThat(run.stats().toMermaid().lines()).contains("    class s1 bottleneck");
        go.countDown();
        run.await();
    }

    private static String box(List<String> lines, String part) {
        return lines.stream().filter(line -> line.contains(part)).findFirst().orElseThrow();
    }

    private static String name(String box) {
        return box.strip().substring(0, 2);
    }
}
