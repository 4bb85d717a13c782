package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each round some threads wait, each for one element or one place, and a change gives them what all of them need; then all
 * of them have to go on, though nothing more happens. In every other round they are asleep before the change comes.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@DisplayName("scenario 30: no wake-up is lost")
class RingBlockingQueueWakeUpTest {
    private static final int CAPACITY = 3;
    private static final Set<Thread.State> ASLEEP = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private interface Step {
        void on(RingBlockingQueue<Integer> queue) throws Exception;
    }

    private record Named(String name, Step step) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Named named(String name, Step step) {
        return new Named(name, step);
    }

    private static Stream<Arguments> ofEachKind(List<Named> changes) {
        return ThreadKinds.all().stream().flatMap(kind -> changes.stream().map(change -> Arguments.of(kind, change)));
    }

    static Stream<Arguments> additions() {
        return ofEachKind(List.of(
                named("put", queue -> times(CAPACITY, () -> queue.put(1))),
                named("offer", queue -> times(CAPACITY, () -> queue.offer(1))),
                named("putAll", queue -> queue.putAll(new Integer[] {1, 2, 3}, 0, 3))));
    }

    static Stream<Arguments> removals() {
        return ofEachKind(List.of(
                named("poll", queue -> times(CAPACITY, queue::poll)),
                named("takeUpTo", queue -> queue.takeUpTo(new Integer[CAPACITY], CAPACITY)),
                named("clear", RingBlockingQueue::clear),
                named("drainTo", queue -> queue.drainTo(new ArrayList<>())),
                named("drainTo, refused", RingBlockingQueueWakeUpTest::drainRefused),
                named("remove", queue -> times(CAPACITY, () -> queue.remove(queue.peek()))),
                named("removeIf", queue -> queue.removeIf(element -> true))));
    }

    private static void times(int count, Crew.Action action) throws Exception {
        for (int i = 0; i < count; i++) {
            action.run();
        }
    }

    private static void drainRefused(RingBlockingQueue<Integer> queue) {
        queue.drainTo(new ArrayList<>(), 1);
        assertThatThrownBy(() -> queue.drainTo(List.of())).isInstanceOf(UnsupportedOperationException.class);
        queue.poll();
        queue.poll();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("additions")
    void anAdditionWakesAsManyTakersAsItHasElements(ThreadKind kind, Named addition) throws Exception {
        Rounded rounded = new Rounded(new RingBlockingQueue<>(CAPACITY));
        rounded.waiter(RingBlockingQueue::take);
        rounded.waiter(queue -> queue.poll(1, TimeUnit.HOURS));
        rounded.waiter(queue -> queue.takeUpTo(new Integer[1], 1));
        rounded.run(kind, addition.step);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("removals")
    void aRemovalWakesAsManyPuttersAsItMakesRoomFor(ThreadKind kind, Named removal) throws Exception {
        Rounded rounded = new Rounded(new RingBlockingQueue<>(CAPACITY));
        rounded.queue.addAll(List.of(1, 2, 3));
        rounded.waiter(queue -> queue.put(4));
        rounded.waiter(queue -> queue.offer(5, 1, TimeUnit.HOURS));
        rounded.waiter(queue -> queue.putAll(new Integer[] {6}, 0, 1));
        rounded.run(kind, removal.step);
        assertThat(rounded.queue).containsExactlyInAnyOrder(4, 5, 6);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("additions")
    void aTakerThatIsInterruptedAtThatMomentUsesUpNoCall(ThreadKind kind, Named addition) throws Exception {
        Rounded rounded = new Rounded(new RingBlockingQueue<>(CAPACITY));
        rounded.waiter(queue -> {
            try {
                queue.add(queue.take());
            } catch (InterruptedException e) {
                // The others get the elements.
            }
        });
        times(CAPACITY, () -> rounded.waiter(RingBlockingQueue::take));
        rounded.run(kind, queue -> {
            rounded.interruptFirst();
            addition.step.on(queue);
        });
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("additions")
    void aTakerWhoseTimeIsUpAtThatMomentUsesUpNoCall(ThreadKind kind, Named addition) throws Exception {
        Rounded rounded = new Rounded(new RingBlockingQueue<>(CAPACITY));
        rounded.waiter(queue -> {
            Integer[] into = new Integer[1];
            if (queue.takeUpTo(into, 1, Duration.ofNanos(60_000)) > 0) {
                queue.add(into[0]);
            }
        });
        times(CAPACITY, () -> rounded.waiter(RingBlockingQueue::take));
        rounded.run(kind, addition.step);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void aDrainUnderWayDoesNotHideTheRoomThereIs(ThreadKind kind) throws Exception {
        Rounded rounded = new Rounded(new RingBlockingQueue<>(2));
        rounded.queue.addAll(List.of(1, 2));
        rounded.waiter(queue -> queue.put(3));
        AtomicBoolean over = new AtomicBoolean();
        // A virtual one could keep the only carrier to itself.
        try (Crew drainers = new Crew(ThreadKind.PLATFORM)) {
            drainers.run(() -> {
                while (!over.get()) {
                    try {
                        rounded.queue.drainTo(List.of(), 1);
                    } catch (UnsupportedOperationException e) {
                        // The element has been put back.
                    }
                }
            });
            try {
                rounded.run(kind, queue -> {
                    while (queue.poll() == null) {
                        Thread.onSpinWait();
                    }
                });
            } finally {
                over.set(true);
            }
        }
    }

    /**
     * One element comes and goes; it comes at a random moment, about when the other thread falls asleep, and nothing else
     * happens that could make up for a call that is lost.
     */
    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoFallsAsleepWhileTheElementComesIsCalled(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> there = new RingBlockingQueue<>(16);
        RingBlockingQueue<Integer> back = new RingBlockingQueue<>(16);
        int rounds = Rounds.of(1_000_000);
        Random random = new Random(1);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> sleeper = crew.run(() -> times(rounds, () -> back.put(there.take())));
            try {
                for (int round = 0; round < rounds; round++) {
                    for (int pause = random.nextInt(1000); pause > 0; pause--) {
                        Thread.onSpinWait();
                    }
                    there.put(round);
                    Rounded.await(() -> back.poll() != null);
                }
            } finally {
                sleeper.interrupt();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void isNeverEmptyWhileThereIsAnElement(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(4);
        queue.add(1);
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = new Crew(kind)) {
            crew.run(() -> {
                while (!over.get()) {
                    queue.add(1);
                    queue.poll();
                }
            });
            try {
                int empty = 0;
                for (int round = Rounds.of(50_000_000); round > 0; round--) {
                    empty += queue.isEmpty() ? 1 : 0;
                }
                assertThat(empty).isZero();
            } finally {
                over.set(true);
            }
        }
    }

    /** Waiters that do one step a round each. */
    private static final class Rounded {
        private final RingBlockingQueue<Integer> queue;
        private final List<Waiter> waiters = new ArrayList<>();
        private volatile int begun;
        private volatile boolean over;

        Rounded(RingBlockingQueue<Integer> queue) {
            this.queue = queue;
        }

        void waiter(Step step) {
            waiters.add(new Waiter(step));
        }

        void interruptFirst() {
            waiters.get(0).thread.interrupt();
        }

        void run(ThreadKind kind, Step change) throws Exception {
            int rounds = Rounds.of(10_000);
            try (Crew crew = new Crew(kind)) {
                for (Waiter waiter : waiters) {
                    waiter.thread = crew.run(() -> waiter.work(rounds)).thread();
                }
                try {
                    for (int round = 1; round <= rounds; round++) {
                        runOne(round, change);
                    }
                } finally {
                    over = true;
                    waiters.forEach(waiter -> waiter.thread.interrupt());
                }
            }
        }

        private void runOne(int round, Step change) throws Exception {
            begun = round;
            if (round % 2 == 0) {
                waiters.forEach(waiter -> await(() -> waiter.sleepsOrIsDone(round)));
            }
            change.on(queue);
            waiters.forEach(waiter -> await(() -> waiter.done == round));
        }

        private static void await(BooleanSupplier condition) {
            long start = System.nanoTime();
            while (!condition.getAsBoolean()) {
                assertThat(System.nanoTime() - start)
                        .as("nanoseconds of waiting")
                        .isLessThan(30_000_000_000L);
                Thread.yield();
            }
        }

        private final class Waiter {
            private final Step step;
            private Thread thread;
            private volatile int entered;
            private volatile int done;

            Waiter(Step step) {
                this.step = step;
            }

            void work(int rounds) throws Exception {
                for (int round = 1; round <= rounds && !over; round++) {
                    while (begun < round && !over) {
                        // Not by yielding: virtual threads that do nothing else keep others from their carriers.
                        LockSupport.parkNanos(10_000);
                    }
                    entered = round;
                    step.on(queue);
                    // Who took without waiting was not told; he would wait for the next round by spinning.
                    Thread.interrupted();
                    done = round;
                }
            }

            boolean sleepsOrIsDone(int round) {
                return done == round || (entered == round && ASLEEP.contains(thread.getState()));
            }
        }
    }
}
