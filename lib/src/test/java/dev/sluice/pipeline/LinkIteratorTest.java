package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Logged;
import dev.sluice.testing.NoThreadLeaks;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class LinkIteratorTest {
    @RegisterExtension
    final RunAtRest atRest = RunAtRest.alone();

    @RegisterExtension
    final Runs runs = new Runs();

    @Test
    @DisplayName("the time of a reader goes from its beginning to when it has seen the end")
    void timeOfAReader() {
        long before = System.nanoTime();
        Link link = new RingLink(
                "iterator", 64, Link.Side.ONE, Link.Side.MANY, LinkStub.NOTHING_HAPPENS, Waiters.FIRST_NAP_NANOS);
        LinkIterator items = new LinkIterator(atRest.run.execution, link, iterator -> iterator);
        assertThat(link.tryPut(1, new Meter())).isEqualTo(Downstream.Put.DONE);
        link.end();
        assertThat(items.next()).isEqualTo(1);
        assertThat(items.hasNext()).isFalse();
        long now = System.nanoTime();
        long hour = TimeUnit.HOURS.toNanos(1);
        assertThat(items.stats(now + hour, hour)).singleElement().satisfies(reader -> {
            assertThat(reader.completed()).isEqualTo(1);
            assertThat(reader.busy()).isPositive().isLessThanOrEqualTo((double) (now - before) / hour);
        });
    }

    @Test
    @DisplayName("promise 3: a failure of which the reader has been told is not logged when the run is closed")
    void failureThatTheReaderHasSeenIsNotLogged() throws Exception {
        PipelineRun<ItemIterator<Integer>> run = runs.start(
                Pipeline.fromQueue(new LinkedBlockingQueue<Integer>(), -1).iterator());
        // Not by await(), whose caller is told of the failure, too.
        ItemIterator<?> items = (ItemIterator<?>) run.execution.result().join();
        run.execution.failNow(new PipelineException("source", 0, new IOException()));
        assertThatThrownBy(items::hasNext).isInstanceOf(PipelineException.class);
        assertThat(Logged.during(run::close)).doesNotContain("nobody asked");
    }
}
