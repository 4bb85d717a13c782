package dev.sluice.pipeline;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.checks.Crew;
import dev.sluice.checks.Schedules;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The small parts by which a run comes to its end: in each schedule they say what they have to, and say it once. */
@Timeout(300)
class EndingsLincheckTest {
    private static final class Told implements Ticket.Holder {
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();

        @Override
        public void decided(@Nullable Throwable reason) {
            (reason == null ? done : refused).getAndIncrement();
        }

        void require(int ofDone, int ofRefused) {
            Crew.require(done.get() == ofDone && refused.get() == ofRefused, "done: " + done + ", refused: " + refused);
        }
    }

    @Test
    void ticketIsDoneWithTheLastOfThreeResults() {
        Schedules.explore(1_000, () -> {
            Told told = new Told();
            Ticket ticket = new Ticket(told);
            ticket.retain();
            ticket.retain();
            Thread one = start(ticket::release);
            Thread other = start(ticket::release);
            told.require(0, 0);
            ticket.release();
            join(one, other);
            told.require(1, 0);
        });
    }

    @Test
    void ticketIsRefusedOnceWhoeverElseIsDone() {
        Schedules.explore(1_000, () -> {
            Told told = new Told();
            Ticket ticket = new Ticket(told);
            ticket.retain();
            ticket.retain();
            IllegalStateException failed = new IllegalStateException("failed");
            Thread one = start(() -> ticket.refuse(failed));
            Thread other = start(() -> ticket.refuse(failed));
            ticket.release();
            join(one, other);
            told.require(0, 1);
        });
    }

    @Test
    void batchThatIsRefusedRefusesEachOfItsItems() {
        Schedules.explore(1_000, () -> {
            Told first = new Told();
            Told second = new Told();
            Ticket batch = Ticket.of(List.of(new Ticket(first), new Ticket(second)));
            batch.retain();
            Thread refuse = start(() -> batch.refuse(new IllegalStateException("failed")));
            batch.release();
            join(refuse);
            first.require(0, 1);
            second.require(0, 1);
        });
    }

    /** What a link sees of its ways. */
    private static final class Seen implements Downstream {
        private final AtomicInteger put = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();

        @Override
        public boolean put(Object item, Meter meter) {
            require(ended.get() + failed.get() == 0, "put behind the end");
            put.getAndIncrement();
            return true;
        }

        @Override
        public void end() {
            require(put.get() == 2, "ended before the last item");
            ended.getAndIncrement();
        }

        @Override
        public void fail() {
            require(put.get() == 2, "failed before the last item");
            failed.getAndIncrement();
        }
    }

    private static void ways(boolean failing, int ended, int failed) {
        Seen seen = new Seen();
        List<Downstream> ways = Inflow.into(seen, 2);
        Meter meter = new Meter();
        Thread other = start(() -> {
            ways.get(1).put("other", meter);
            ways.get(1).end();
        });
        ways.get(0).put("one", meter);
        if (failing) {
            ways.get(0).fail();
        } else {
            ways.get(0).end();
        }
        join(other);
        require(
                seen.ended.get() == ended && seen.failed.get() == failed,
                "ended: " + seen.ended + ", failed: " + seen.failed);
    }

    @Test
    void linkEndsWithTheLastOfItsWays() {
        Schedules.explore(500, () -> ways(false, 1, 0));
    }

    @Test
    void linkFailsWithTheLastOfItsWaysWhicheverFailed() {
        Schedules.explore(500, () -> ways(true, 0, 1));
    }

    @Test
    void noInterruptComesAfterTheWork() {
        Schedules.explore(1_000, () -> {
            Interrupts interrupts = new Interrupts();
            AtomicBoolean left = new AtomicBoolean();
            Thread worker = start(() -> {
                interrupts.enter();
                Thread interrupter = start(interrupts::interrupt);
                interrupts.leave();
                left.set(true); // a step before which the other may come; to look at the flag is none
                require(!Thread.currentThread().isInterrupted(), "interrupted after its work");
                join(interrupter);
            });
            join(worker);
        });
    }

    @Test
    void interruptThatComesMeanwhileIsOwed() {
        Schedules.explore(1_000, () -> {
            Interrupts interrupts = new Interrupts();
            AtomicBoolean interrupted = new AtomicBoolean();
            Thread worker = start(() -> {
                interrupts.enter();
                interrupts.suspend();
                Thread interrupter = start(interrupts::interrupt);
                require(!Thread.currentThread().isInterrupted(), "interrupted while it does something else");
                join(interrupter);
                interrupts.resume();
                interrupted.set(Thread.currentThread().isInterrupted());
                interrupts.leave();
            });
            join(worker);
            require(interrupted.get(), "lost");
        });
    }
}
