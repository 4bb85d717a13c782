package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class TracingTest {
    private static final String STALL = "dev.sluice.StageStall";
    private static final String END = "dev.sluice.StageEnd";

    @RegisterExtension
    final Runs runs = new Runs();

    @TempDir
    Path folder;

    @Test
    void waitsAndEndsOfStagesAreEventsOfTheFlightRecorder() throws Exception {
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            recording.enable(STALL).withThreshold(Duration.ZERO);
            recording.enable(END);
            recording.start();
            runWithAWait();
            events = stop(recording);
        }
        assertThat(events).anySatisfy(event -> {
            assertThat(event.getEventType().getName()).isEqualTo(STALL);
            assertThat(event.getString("pipeline")).isEqualTo("traced");
            assertThat(event.getString("stage")).isEqualTo("write");
            assertThat(event.getString("waitsFor")).isEqualTo("input");
            assertThat(event.getThread().getJavaName()).isEqualTo("traced-write-1");
        });
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals(END))
                .extracting(event -> event.getString("stage"), event -> event.getLong("in"))
                .containsExactlyInAnyOrder(tuple("source", 2L), tuple("write", 2L));
    }

    @Test
    void eventsAreOffWhenNobodyAsksForThem() throws Exception {
        try (Recording recording = new Recording()) {
            recording.start();
            runWithAWait();
            assertThat(stop(recording)).isEmpty();
        }
    }

    private void runWithAWait() throws InterruptedException {
        LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        PipelineRun<?> run =
                runs.start(Pipeline.fromQueue(queue, "end").name("traced").forEach("write", i -> {}));
        Waiting.untilWaiting(run.execution.threads());
        queue.addAll(List.of("a", "b"));
        queue.add("end");
        run.await();
    }

    private List<RecordedEvent> stop(Recording recording) throws IOException {
        recording.stop();
        Path file = folder.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.sluice.Stage"))
                .toList();
    }
}
