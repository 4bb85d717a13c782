package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchIntakeTest {
    private static final long MAX_WAIT = TimeUnit.MILLISECONDS.toNanos(200);

    private final Meter meter = new Meter();

    private final RingLink link = new RingLink(
            "next",
            16,
            Link.Side.ONE,
            Link.Side.ONE,
            new Link.Owner() {
                @Override
                public void broken(Throwable cause) {
                    throw new AssertionError(cause);
                }

                @Override
                public void discarded(Object item, Throwable reason) {
                    throw new AssertionError(item);
                }
            },
            Waiters.FIRST_NAP_NANOS);

    @Test
    @DisplayName("the time of a batch is that of its first item, however many follow")
    void laterItemsDoNotKeepABatchOpen() {
        BatchIntake batches = new BatchIntake(link, 100, MAX_WAIT);
        link.put("first", meter);
        if (batches.poll(meter) == null) { // a machine may be so slow that the time has passed already
            long taken = System.nanoTime();
            await().until(() -> System.nanoTime() - taken > MAX_WAIT);
            link.put("second", meter);
            assertThat(batches.poll(meter)).isEqualTo(List.of("first", "second"));
        }
    }
}
