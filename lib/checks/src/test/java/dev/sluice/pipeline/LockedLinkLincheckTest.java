package dev.sluice.pipeline;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.checks.Schedules;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A link with a queue of the user's: in no schedule does an end, an abort or an interrupt leave a thread waiting, and each
 * item that was put is taken or discarded, once.
 */
@Timeout(300)
class LockedLinkLincheckTest {
    private static final class Explored implements Link.Owner {
        final LockedLink link;
        final AtomicInteger put = new AtomicInteger();
        final AtomicInteger taken = new AtomicInteger();
        final AtomicInteger discarded = new AtomicInteger();

        Explored() {
            link = new LockedLink(
                    LinkQueue.of("next", Settings.DEFAULT, () -> new ArrayBlockingQueue<>(1)), "next", this);
        }

        @Override
        public void broken(Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void discarded(Object item, @Nullable Throwable reason) {
            discarded.getAndIncrement();
        }

        void put(int items) {
            Meter meter = new Meter();
            for (int i = 0; i < items && link.put(i, meter); i++) {
                put.getAndIncrement();
            }
        }

        void takeAll() {
            Meter meter = new Meter();
            while (link.take(meter) != null) {
                taken.getAndIncrement();
            }
        }

        void requireOneFateEach() {
            require(
                    put.get() == taken.get() + discarded.get(),
                    "put: " + put + ", taken: " + taken + ", discarded: " + discarded);
            require(link.waiting() == 0, "left: " + link.waiting());
        }
    }

    private static void explore(Runnable schedule) {
        Schedules.exploreWhenThereIsTime(
                500,
                schedule,
                () -> new Meter(),
                () -> new ArrayBlockingQueue<>(1),
                Explored::new,
                () -> new Explored().put(1));
    }

    @Test
    void endIsSeenBehindTheLastItemByBoth() {
        explore(() -> {
            Explored explored = new Explored();
            Thread one = start(explored::takeAll);
            Thread other = start(explored::takeAll);
            explored.put(2);
            explored.link.end();
            join(one, other);
            require(explored.taken.get() == 2, "taken: " + explored.taken);
            require(explored.link.hasEnded(), "has not ended");
        });
    }

    @Test
    void abortMeetsBothSides() {
        explore(() -> {
            Explored explored = new Explored();
            Thread putter = start(() -> {
                explored.put(2);
                explored.link.fail();
            });
            Thread taker = start(explored::takeAll);
            explored.link.abort(new IllegalStateException("aborted"));
            join(putter, taker);
            explored.requireOneFateEach();
        });
    }

    @Test
    void interruptedReaderLeavesTheItem() {
        explore(() -> {
            Explored explored = new Explored();
            Thread reader = start(() -> require(explored.link.awaitItem(new Meter()), "no item, and no end"));
            Thread putter = start(() -> explored.put(1));
            reader.interrupt();
            join(reader, putter);
            require(explored.link.waiting() == 1, "the item is gone");
        });
    }

    @Test
    void watcherOfRoomIsCalledByATakeOrTheAbort() {
        explore(() -> {
            Explored explored = new Explored();
            explored.put(1);
            require(explored.link.tryPut(2, new Meter()) == Downstream.Put.FULL, "is not full");
            AtomicInteger calls = new AtomicInteger();
            Thread abort = start(() -> explored.link.abort(new IllegalStateException("aborted")));
            Thread taker = start(() -> explored.link.poll(new Meter()));
            boolean watches = explored.link.watchRoom(calls::getAndIncrement);
            join(abort, taker);
            require(calls.get() == (watches ? 1 : 0), "watches: " + watches + ", called: " + calls);
        });
    }
}
