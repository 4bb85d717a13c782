package dev.sluice.checks;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.start;

import dev.sluice.internal.Sleepers;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In no schedule does a thread sleep for ever for what is there: Lincheck reports it as a deadlock. */
@Timeout(300)
class SleepersLincheckTest {
    /** Things to take, and those who sleep until there is one: the least that keeps to the protocol. */
    private static final class Things {
        private final AtomicInteger count = new AtomicInteger();
        private final Sleepers sleepers = new Sleepers();

        void add(int more) {
            count.addAndGet(more);
            sleepers.callOne();
        }

        void take() throws InterruptedException {
            try {
                while (!tryTake()) {
                    sleepers.sleep(this::isThere, Long.MAX_VALUE);
                }
            } finally {
                if (isThere()) {
                    sleepers.callOne();
                }
            }
        }

        private boolean tryTake() {
            int seen = count.get();
            return seen > 0 && (count.compareAndSet(seen, seen - 1) || tryTake());
        }

        private boolean isThere() {
            return count.get() > 0;
        }
    }

    @Test
    void sleeperIsCalled() {
        explore(() -> {
            Things things = new Things();
            Thread taker = start(things::take);
            Thread giver = start(() -> things.add(1));
            join(taker, giver);
        });
    }

    @Test
    void oneCallForTwoThingsWakesTwo() {
        explore(() -> {
            Things things = new Things();
            Thread first = start(things::take);
            Thread second = start(things::take);
            Thread giver = start(() -> things.add(2));
            join(first, second, giver);
        });
    }

    @Test
    void callsOfTwoGiversWakeTwo() {
        explore(() -> {
            Things things = new Things();
            Thread first = start(things::take);
            Thread second = start(things::take);
            Thread giver = start(() -> things.add(1));
            things.add(1);
            join(first, second, giver);
        });
    }

    @Test
    void interruptedSleeperPassesItsCallOn() {
        explore(() -> {
            Things things = new Things();
            Thread interrupted = start(things::take);
            Thread other = start(things::take);
            Thread giver = start(() -> things.add(1));
            interrupted.interrupt();
            join(interrupted, giver);
            if (!things.isThere() && other.isAlive()) {
                things.add(1); // the interrupt may have come too late; then the other one has none yet
            }
            join(other);
        });
    }

    private static void explore(Runnable schedule) {
        Schedules.explore(5_000, schedule);
    }
}
