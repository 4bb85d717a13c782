package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
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

    private Ticket ticket(String name) {
        return new Ticket(reason -> told.add(name + (reason == null ? " done" : " " + reason.getMessage())));
    }

    @Test
    @DisplayName("promise 8: an item is told of once, whatever comes after it")
    void whatComesAfterTheDecisionIsIgnored() {
        ticket.release();
        ticket.refuse(new IllegalStateException("too late"));
        Ticket refused = ticket("other");
        refused.retain();
        refused.refuse(new IllegalStateException("refused"));
        refused.refuse(new IllegalStateException("again"));
        refused.release();
        refused.release();
        assertThat(told).containsExactly("done", "other refused");
    }

    @Test
    @DisplayName(
            "promise 8: items of a batch meet the fate of the batch, and those beside them that nobody asks for are in it")
    void itemsOfABatchShareItsFate() {
        Object batch = Tracked.all(List.of(new Tracked("a", ticket("a")), "untracked", new Tracked("b", ticket("b"))));
        assertThat(Tracked.item(batch)).isEqualTo(List.of("a", "untracked", "b"));
        Tracked.release(batch);
        assertThat(told).containsExactly("a done", "b done");
        told.clear();
        Tracked.refuse(
                Tracked.all(List.of(new Tracked("c", ticket("c")), new Tracked("d", ticket("d")))),
                new IllegalStateException("refused"));
        assertThat(told).containsExactly("c refused", "d refused");
    }

    @Test
    void batchOfWhichNobodyAsksIsAPlainList() {
        List<Object> items = List.of("a", "b");
        assertThat(Tracked.all(items)).isEqualTo(items);
    }

    @Test
    void chainKnowsWhatTheItemAtHandWasMadeFrom() throws Exception {
        List<Object> pushed = new ArrayList<>();
        Tracked.Opening opening = new Tracked.Opening(
                new Emitter() {
                    @Override
                    boolean emit(Object item) {
                        pushed.add(item);
                        return pushed.size() == 1;
                    }
                },
                pass);
        assertThat(opening.emit(new Tracked("tracked", ticket))).isTrue();
        assertThat(pass.ticket).isEqualTo(ticket);
        assertThat(opening.emit("untracked")).isFalse();
        assertThat(pass.ticket).isNull();
        assertThat(pushed).containsExactly("tracked", "untracked");
        assertThat(closing.emit("of which nobody asks")).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void chainLearnsThatAResultIsNotWanted() throws Exception {
        Tracked.Closing refusing = new Tracked.Closing(
                new Emitter() {
                    @Override
                    boolean emit(Object result) {
                        return false;
                    }
                },
                pass);
        assertThat(refusing.emit("of which nobody asks")).isFalse();
        pass.ticket = ticket;
        assertThat(refusing.emit("result")).isFalse();
    }
}
