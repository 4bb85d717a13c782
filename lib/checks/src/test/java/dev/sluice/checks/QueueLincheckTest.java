package dev.sluice.checks;

import dev.sluice.queue.RingBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lincheck explores the schedules of a few threads on a {@link RingBlockingQueue}; each result must be that of some sequence. */
public class QueueLincheckTest {
    private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);

    @Operation
    public boolean offer(int element) {
        return queue.offer(element);
    }

    @Operation
    public @Nullable Integer poll() {
        return queue.poll();
    }

    @Operation
    public @Nullable Integer peek() {
        return queue.peek();
    }

    @Operation
    public int size() {
        return queue.size();
    }

    @Operation
    public int remainingCapacity() {
        return queue.remainingCapacity();
    }

    @Operation
    public boolean clear() {
        queue.clear();
        return true;
    }

    @Test
    void callsThatDoNotWaitAreLinearizable() {
        new ModelCheckingOptions()
                .threads(2)
                .actorsPerThread(3)
                .iterations(20)
                .invocationsPerIteration(500)
                .check(getClass());
    }

    @Test
    void takersAndPuttersWakeEachOther() {
        Lincheck.runConcurrentTest(1_000, () -> {
            RingBlockingQueue<Integer> one = new RingBlockingQueue<>(1);
            AtomicInteger sum = new AtomicInteger();
            Thread putter = start(() -> {
                one.put(1);
                one.put(2);
            });
            Thread taker = start(() -> sum.addAndGet(10 * one.take() + one.take()));
            join(putter, taker);
            require(sum.get() == 12, "taken in another order: " + sum);
        });
    }

    @Test
    void twoTakersOfOneElementEachAreBothWoken() {
        Lincheck.runConcurrentTest(1_000, () -> {
            RingBlockingQueue<Integer> one = new RingBlockingQueue<>(1);
            AtomicInteger sum = new AtomicInteger();
            Thread first = start(() -> sum.addAndGet(one.take()));
            Thread second = start(() -> sum.addAndGet(one.take()));
            Thread putter = start(() -> {
                one.put(1);
                one.put(2);
            });
            join(first, second, putter);
            require(sum.get() == 3, "taken: " + sum);
        });
    }

    @Test
    void interruptedTakerPassesItsWakeUpOn() {
        Lincheck.runConcurrentTest(1_000, () -> {
            RingBlockingQueue<Integer> one = new RingBlockingQueue<>(1);
            AtomicInteger taken = new AtomicInteger();
            Thread interrupted = start(() -> taken.addAndGet(one.take()));
            Thread other = start(() -> taken.addAndGet(one.take()));
            Thread putter = start(() -> one.put(1));
            interrupted.interrupt();
            // If the interrupt came too late there is nothing left for the other one.
            join(interrupted, putter);
            if (taken.get() == 1) {
                one.offer(1);
            }
            join(other);
            require(taken.get() >= 1, "nothing taken");
        });
    }

    /** What a thread does that may be interrupted. */
    interface Work {
        void run() throws InterruptedException;
    }

    private static Thread start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (InterruptedException e) {
                // Meant to end the thread.
            }
        });
        thread.start();
        return thread;
    }

    private static void join(Thread... threads) {
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
