package dev.sluice.checks;

import dev.sluice.queue.RingBlockingQueue;
import java.util.concurrent.ArrayBlockingQueue;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The calls on a {@link RingBlockingQueue} that do not wait are linearizable: whatever the schedule, the results are those
 * of some sequence of the same calls on an {@code ArrayBlockingQueue}.
 */
@Timeout(300)
class QueueLincheckTest {
    /** A queue of one place. */
    public static class One extends QueueOperations {
        public One() {
            super(new RingBlockingQueue<>(1));
        }
    }

    /** What it is compared with. */
    public static class OneInSequence extends QueueOperations {
        public OneInSequence() {
            super(new ArrayBlockingQueue<>(1));
        }
    }

    /** A queue of two places. */
    public static class Two extends QueueOperations {
        public Two() {
            super(new RingBlockingQueue<>(2));
        }
    }

    /** What it is compared with. */
    public static class TwoInSequence extends QueueOperations {
        public TwoInSequence() {
            super(new ArrayBlockingQueue<>(2));
        }
    }

    @Test
    void queueOfOnePlaceIsLinearizable() {
        check(One.class, OneInSequence.class);
    }

    @Test
    void queueOfTwoPlacesIsLinearizable() {
        check(Two.class, TwoInSequence.class);
    }

    private static void check(Class<?> queue, Class<?> inSequence) {
        new ModelCheckingOptions()
                .sequentialSpecification(inSequence)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(2)
                .iterations(Schedules.of(100))
                .invocationsPerIteration(Schedules.of(5_000))
                .check(queue);
    }
}
