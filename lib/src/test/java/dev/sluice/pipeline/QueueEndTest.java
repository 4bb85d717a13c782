package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
class QueueEndTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private final BlockingQueue<Object> queue = new ArrayBlockingQueue<>(1);
    private final QueueEnd end = new QueueEnd(queue, "end");

    @AfterEach
    void takeInterruptOff() {
        Thread.interrupted();
    }

    @Test
    void putsTheEndMarker() {
        end.end();
        assertThat(queue).containsExactly("end");
        queue.clear();
        end.fail();
        assertThat(queue).containsExactly("end");
    }

    @Test
    @DisplayName("promise 3: who reads a queue that is full comes to the end after a failure, too")
    void fullQueueIsWaitedFor() throws Exception {
        queue.add("full");
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Void> member = crew.run(end::fail);
            Waiting.untilWaiting(member.thread());
            assertThat(queue.take()).isEqualTo("full");
            assertThat(queue.take()).isEqualTo("end");
        }
    }

    @Test
    @DisplayName("scenario 31: a full queue is not waited for by who is interrupted, and the interrupt stays")
    void whoIsInterruptedDoesNotWait() {
        queue.add("full");
        Thread.currentThread().interrupt();
        end.fail();
        assertThat(Thread.interrupted()).isTrue();
        Thread.currentThread().interrupt();
        assertThatThrownBy(end::end)
                .isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(queue).containsExactly("full");
    }

    @Test
    @DisplayName("promise 2: what has been put into the queue is done, for the stage and for the source")
    void whatHasBeenPutIsDone() throws InterruptedException {
        Told source = new Told(3);
        BlockingQueue<Integer> into = new ArrayBlockingQueue<>(10);
        PipelineRun<?> run = runs.start(Pipeline.fromSource(source).toQueue(into, -1));
        run.await();
        assertThat(into).containsExactly(0, 1, 2, -1);
        assertThat(source.acked()).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(run.stats().stages().get(1).completed()).isEqualTo(3);
    }
}
