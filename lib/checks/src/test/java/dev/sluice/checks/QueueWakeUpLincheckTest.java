package dev.sluice.checks;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.queue.RingBlockingQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In no schedule does a thread sleep in a queue that has what it waits for: Lincheck reports it as a deadlock. */
@Timeout(300)
class QueueWakeUpLincheckTest {
    @Test
    void takersAndPuttersWakeEachOther() {
        explore(() -> {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);
            List<Integer> taken = new ArrayList<>();
            Thread putter = start(() -> {
                queue.put(1);
                queue.put(2);
            });
            Thread taker = start(() -> {
                taken.add(queue.take());
                taken.add(queue.take());
            });
            join(putter, taker);
            require(taken.equals(List.of(1, 2)), "taken: " + taken);
        });
    }

    @Test
    void twoTakersAreWokenByTwoPuts() {
        twoTakers(queue -> {
            queue.put(1);
            queue.put(2);
        });
    }

    @Test
    void twoTakersAreWokenByOneTransferOfTwo() {
        twoTakers(queue -> queue.putAll(new Integer[] {1, 2}, 0, 2));
    }

    /** What wakes the sleepers of a queue. */
    private interface Waker {
        void wake(RingBlockingQueue<Integer> queue) throws InterruptedException;
    }

    private static void twoTakers(Waker waker) {
        explore(() -> {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
            AtomicInteger sum = new AtomicInteger();
            Thread first = start(() -> sum.addAndGet(queue.take()));
            Thread second = start(() -> sum.addAndGet(queue.take()));
            Thread putter = start(() -> waker.wake(queue));
            join(first, second, putter);
            require(sum.get() == 3, "taken: " + sum);
        });
    }

    @Test
    void twoPuttersAreWokenByClear() {
        twoPutters(RingBlockingQueue::clear);
    }

    @Test
    void twoPuttersAreWokenByDrain() {
        twoPutters(queue -> queue.drainTo(new ArrayList<>()));
    }

    @Test
    void twoPuttersAreWokenByRemovals() {
        twoPutters(queue -> {
            queue.remove(1);
            queue.removeIf(element -> element == 2);
        });
    }

    private static void twoPutters(Waker waker) {
        explore(() -> {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
            queue.add(1);
            queue.add(2);
            Thread first = start(() -> queue.put(3));
            Thread second = start(() -> queue.put(4));
            Thread taker = start(() -> waker.wake(queue));
            join(first, second, taker);
            // Of those that were put, either may have come before the last removal.
            require(!queue.contains(1) && !queue.contains(2), "left: " + queue);
        });
    }

    @Test
    void interruptedTakerLeavesItsCallToTheOther() {
        explore(() -> {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
            AtomicInteger taken = new AtomicInteger();
            Thread interrupted = start(() -> {
                queue.take();
                taken.incrementAndGet();
            });
            Thread other = start(() -> {
                queue.take();
                taken.incrementAndGet();
            });
            Thread putter = start(() -> queue.put(1));
            interrupted.interrupt();
            join(interrupted, putter);
            if (queue.isEmpty() && other.isAlive()) {
                queue.offer(2); // the interrupt may have come too late; then the other one has none yet
            }
            join(other);
            require(taken.get() >= 1, "nothing taken");
        });
    }

    @Test
    void refusedDrainHidesNoRoom() {
        explore(() -> {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
            queue.add(1);
            queue.add(2);
            Thread putter = start(() -> queue.put(3));
            Thread taker = start(() -> queue.take());
            Thread drainer = start(() -> {
                try {
                    queue.drainTo(List.of());
                } catch (UnsupportedOperationException e) {
                    // What was drained is back.
                }
            });
            join(putter, taker, drainer);
            require(queue.size() == 2, "left: " + queue);
        });
    }

    private static void explore(Runnable schedule) {
        Schedules.explore(3_000, schedule);
    }
}
