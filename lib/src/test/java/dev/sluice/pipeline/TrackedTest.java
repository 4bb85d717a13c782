package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TrackedTest {
    private final List<String> told = new ArrayList<>();
    private final Ticket ticket = new Ticket(reason -> told.add(reason == null ? "done" : reason.getMessage()));
    private final Pass pass = new Pass("stage", () -> true, null, null);

    /** What is behind it is done with a result as soon as that is there. */
    private final Tracked.Closing closing = new Tracked.Closing(
            new Emitter() {
                @Override
                boolean emit(Object result) {
                    Tracked.release(result);
                    return true;
                }
            },
            pass);

    @Test
    @DisplayName("an item is not done before its maker is, though each result is done at once")
    void resultsThatAreDoneAtOnceDoNotEndTheItem() throws Exception {
        pass.ticket = ticket;
        closing.emit("first");
        closing.emit("second");
        assertThat(told).isEmpty();
        ticket.release();
        assertThat(told).containsExactly("done");
    }

    @Test
    void failureBehindResultsThatAreDoneRefusesTheItem() throws Exception {
        pass.ticket = ticket;
        closing.emit("first");
        ticket.refuse(new IllegalStateException("failed"));
        ticket.release();
        assertThat(told).containsExactly("failed");
    }
}
