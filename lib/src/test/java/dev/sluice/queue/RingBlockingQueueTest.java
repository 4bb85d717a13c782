package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
@DisplayName("scenario 28: the BlockingQueue contract")
class RingBlockingQueueTest {
    private static RingBlockingQueue<Integer> queueOf(int capacity, Integer... elements) {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(capacity);
        queue.addAll(List.of(elements));
        return queue;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void keepsTheOrderAndTheCapacityRoundAndRound(int capacity) {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(capacity);
        assertThat(queue.capacity()).isEqualTo(capacity);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < capacity; i++) {
                assertThat(queue.remainingCapacity()).isEqualTo(capacity - i);
                assertThat(queue.offer(i)).isTrue();
            }
            assertThat(queue.offer(-1)).isFalse();
            assertThatThrownBy(() -> queue.add(-1)).isInstanceOf(IllegalStateException.class);
            for (int i = 0; i < capacity; i++) {
                assertThat(queue.peek()).isEqualTo(i);
                assertThat(queue.element()).isEqualTo(i);
                assertThat(queue.poll()).isEqualTo(i);
            }
            assertThat(queue.poll()).isNull();
            assertThat(queue.peek()).isNull();
            assertThatThrownBy(queue::remove).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(queue::element).isInstanceOf(NoSuchElementException.class);
            queue.offer(0);
            queue.poll();
        }
    }

    @Test
    void checksItsArguments() {
        RingBlockingQueue<Integer> queue = queueOf(2, 1);
        Integer[] two = {1, 2};
        assertThatThrownBy(() -> new RingBlockingQueue<>(0)).hasMessage("capacity must be >= 1 but was 0");
        assertThatThrownBy(() -> new RingBlockingQueue<>((1 << 30) + 1))
                .hasMessage("capacity must be <= 1073741824 but was 1073741825");
        assertThatThrownBy(() -> queue.offer(null)).hasMessage("element must not be null");
        assertThatThrownBy(() -> queue.put(null)).hasMessage("element must not be null");
        assertThatThrownBy(() -> queue.add(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> queue.offer(null, 1, TimeUnit.SECONDS)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> queue.putAll(new Integer[] {1, null}, 0, 2))
                .hasMessage("elements[1] must not be null");
        assertThatThrownBy(() -> queue.putAll(null, 0, 0)).hasMessage("elements must not be null");
        assertThatThrownBy(() -> queue.putAll(two, 1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> queue.putAll(two, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> queue.takeUpTo(two, 0)).hasMessage("max must be >= 1 but was 0");
        assertThatThrownBy(() -> queue.takeUpTo(two, 3)).hasMessage("max must be <= into.length = 2 but was 3");
        assertThatThrownBy(() -> queue.takeUpTo(two, 1, null)).hasMessage("timeout must not be null");
        assertThatThrownBy(() -> queue.drainTo(null)).hasMessage("target must not be null");
        assertThatThrownBy(() -> queue.drainTo(queue)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.drainTo(queue, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.addAll(queue)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> queue.removeIf(null)).isInstanceOf(NullPointerException.class);
        assertThat(queue.contains(null)).isFalse();
        assertThat(queue.remove(null)).isFalse();
        assertThat(queue).containsExactly(1);
    }

    @Test
    void timedFormsWithZeroOrNegativeTimesDoNotWait() throws Exception {
        RingBlockingQueue<Integer> queue = queueOf(1, 1);
        for (long time : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThat(queue.offer(2, time, TimeUnit.SECONDS)).isFalse();
            assertThat(queue.poll(time, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(queue.poll(time, TimeUnit.SECONDS)).isNull();
            assertThat(queue.offer(1, time, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(queue.offer(2, 1, TimeUnit.MILLISECONDS)).isFalse();
        queue.clear();
        assertThat(queue.poll(1, TimeUnit.MILLISECONDS)).isNull();
        assertThat(queue.takeUpTo(new Integer[1], 1, Duration.ofMillis(1))).isZero();
        assertThat(queue.takeUpTo(new Integer[1], 1, Duration.ofMillis(-1))).isZero();
    }

    private interface Wait {
        void on(RingBlockingQueue<Integer> queue) throws Exception;
    }

    private static final List<Wait> WAITS_WHEN_EMPTY = List.of(
            queue -> queue.take(),
            queue -> queue.poll(1, TimeUnit.HOURS),
            queue -> queue.takeUpTo(new Integer[2], 2),
            queue -> queue.takeUpTo(new Integer[2], 2, Duration.ofHours(1)));

    private static final List<Wait> WAITS_WHEN_FULL = List.of(
            queue -> queue.put(9),
            queue -> queue.offer(9, 1, TimeUnit.HOURS),
            queue -> queue.putAll(new Integer[] {9}, 0, 1));

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void anInterruptBeforeOrDuringAWaitEndsItWithNothingDone(ThreadKind kind) throws Exception {
        for (boolean before : new boolean[] {true, false}) {
            for (Wait wait : WAITS_WHEN_EMPTY) {
                RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);
                interrupt(kind, wait, queue, before);
                queue.add(1);
                assertThat(queue).containsExactly(1);
            }
            for (Wait wait : WAITS_WHEN_FULL) {
                RingBlockingQueue<Integer> queue = queueOf(1, 1);
                interrupt(kind, wait, queue, before);
                assertThat(queue).containsExactly(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void anInterruptBeforeAlsoEndsWhatNeedNotWait(ThreadKind kind) throws Exception {
        for (Wait wait : WAITS_WHEN_EMPTY) {
            RingBlockingQueue<Integer> queue = queueOf(1, 1);
            interrupt(kind, wait, queue, true);
            assertThat(queue).containsExactly(1);
        }
        for (Wait wait : WAITS_WHEN_FULL) {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);
            interrupt(kind, wait, queue, true);
            assertThat(queue).isEmpty();
        }
    }

    private static void interrupt(ThreadKind kind, Wait wait, RingBlockingQueue<Integer> queue, boolean before)
            throws Exception {
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> waiter = crew.run(() -> {
                if (before) {
                    Thread.currentThread().interrupt();
                }
                assertThatThrownBy(() -> wait.on(queue)).isInstanceOf(InterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            if (!before) {
                waiter.awaitParked().interrupt();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void anInterruptDoesNotUseUpTheSignalOfAnother(ThreadKind kind) throws Exception {
        for (Wait wait : WAITS_WHEN_EMPTY) {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1);
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Void> first = crew.run(() -> {
                            try {
                                wait.on(queue);
                                queue.add(2);
                            } catch (InterruptedException e) {
                                // The other one has to get the element then.
                            }
                        })
                        .awaitParked();
                crew.run(() -> wait.on(queue)).awaitParked();
                queue.put(1);
                first.interrupt();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void everyRemovalFreesAPlaceAndWakesAPut(ThreadKind kind) throws Exception {
        List<Wait> removals = List.of(
                queue -> queue.take(),
                queue -> queue.poll(),
                queue -> queue.poll(0, TimeUnit.SECONDS),
                queue -> queue.takeUpTo(new Integer[1], 1),
                queue -> queue.remove(),
                queue -> queue.remove(Integer.valueOf(1)),
                queue -> queue.remove(Integer.valueOf(2)),
                queue -> queue.removeIf(element -> element == 2),
                queue -> queue.removeAll(List.of(1)),
                queue -> queue.retainAll(List.of(2)),
                queue -> queue.drainTo(new ArrayList<>()),
                queue -> queue.drainTo(new ArrayList<>(), 1),
                queue -> queue.clear(),
                queue -> {
                    Iterator<Integer> iterator = queue.iterator();
                    iterator.next();
                    iterator.remove();
                });
        for (Wait removal : removals) {
            RingBlockingQueue<Integer> queue = queueOf(2, 1, 2);
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Void> putter = crew.run(() -> queue.put(3)).awaitParked();
                removal.on(queue);
                putter.result();
            }
            assertThat(queue).endsWith(3);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void aRemovalOfManyWakesAsManyPuts(ThreadKind kind) throws Exception {
        List<Wait> removals = List.of(
                queue -> queue.clear(),
                queue -> queue.drainTo(new ArrayList<>()),
                queue -> queue.removeIf(element -> true),
                queue -> queue.takeUpTo(new Integer[3], 3));
        for (Wait removal : removals) {
            RingBlockingQueue<Integer> queue = queueOf(3, 1, 2, 3);
            try (Crew crew = new Crew(kind)) {
                for (int i = 0; i < 3; i++) {
                    crew.run(() -> queue.put(9)).awaitParked();
                }
                removal.on(queue);
            }
            assertThat(queue).containsExactly(9, 9, 9);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void everyAdditionWakesATake(ThreadKind kind) throws Exception {
        List<Wait> additions = List.of(
                queue -> queue.put(1),
                queue -> queue.offer(1),
                queue -> queue.offer(1, 0, TimeUnit.SECONDS),
                queue -> queue.add(1),
                queue -> queue.addAll(List.of(1, 2)),
                queue -> queue.putAll(new Integer[] {1, 2}, 0, 2));
        for (Wait addition : additions) {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(2);
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Integer> taker = crew.start(queue::take).awaitParked();
                addition.on(queue);
                assertThat(taker.result()).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoeverIsWokenHasTheNextOneWokenWhenThereIsMore(ThreadKind kind) throws Exception {
        for (Wait wait : WAITS_WHEN_FULL) {
            RingBlockingQueue<Integer> queue = queueOf(3, 1, 2, 3);
            onceThreeWait(kind, wait, queue, RingBlockingQueue::clear);
            assertThat(queue).containsExactly(9, 9, 9);
        }
        for (Wait wait : WAITS_WHEN_EMPTY) {
            RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(6);
            // Nobody takes more than two.
            onceThreeWait(kind, wait, queue, full -> full.putAll(new Integer[] {1, 2, 3, 4, 5, 6}, 0, 6));
        }
    }

    private static void onceThreeWait(ThreadKind kind, Wait wait, RingBlockingQueue<Integer> queue, Wait change)
            throws Exception {
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 3; i++) {
                crew.run(() -> wait.on(queue)).awaitParked();
            }
            change.on(queue);
        }
    }

    @Test
    void iteratorsShowOneMomentAndRemoveWhatTheyReturned() {
        RingBlockingQueue<Integer> queue = queueOf(4, 1000, 2000, 3000);
        Iterator<Integer> iterator = queue.iterator();
        assertThatThrownBy(iterator::remove).isInstanceOf(IllegalStateException.class);
        assertThat(iterator.next()).isEqualTo(1000);
        queue.poll();
        queue.add(4000);
        iterator.remove();
        assertThat(queue).containsExactly(2000, 3000, 4000);
        assertThat(iterator.next()).isEqualTo(2000);
        iterator.remove();
        assertThatThrownBy(iterator::remove).isInstanceOf(IllegalStateException.class);
        assertThat(iterator.next()).isEqualTo(3000);
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        assertThat(queue).containsExactly(3000, 4000).hasToString("[3000, 4000]");
        assertThat(queue.toArray()).containsExactly(3000, 4000);
        assertThat(queue.toArray(new Integer[0])).containsExactly(3000, 4000);
        assertThat(queue.stream().mapToInt(Integer::intValue).sum()).isEqualTo(7000);
        assertThat(queue.contains(Integer.valueOf("4000"))).isTrue();
        assertThat(queue.contains("4000")).isFalse();
    }

    @Test
    void removesOneOfSeveralEqualOnes() {
        RingBlockingQueue<String> queue = new RingBlockingQueue<>(4);
        queue.addAll(List.of("a", "b", "a", "c"));
        assertThat(queue.remove(new StringBuilder("a").toString())).isTrue();
        assertThat(queue).containsExactly("b", "a", "c");
        assertThat(queue.remove("x")).isFalse();
    }

    @Test
    void removesFromWhereItWas() {
        RingBlockingQueue<String> queue = new RingBlockingQueue<>(8);
        queue.addAll(List.of("a", "b", "a", "c", "a", "d", "a"));
        int steps = 0;
        for (Iterator<String> iterator = queue.iterator(); iterator.hasNext(); steps++) {
            iterator.next();
            if (steps == 2 || steps == 5 || steps == 6) {
                iterator.remove();
            }
        }
        assertThat(queue).containsExactly("a", "b", "c", "a");
        AtomicInteger tested = new AtomicInteger();
        assertThat(queue.removeIf(element -> element.equals("a") && tested.getAndIncrement() == 1))
                .isTrue();
        assertThat(queue).containsExactly("a", "b", "c");
    }

    @Test
    void removesWhatHasBeenMovedMeanwhile() {
        RingBlockingQueue<String> queue = new RingBlockingQueue<>(8);
        queue.addAll(List.of("a", "b", "c", "d", "e"));
        Iterator<String> iterator = queue.iterator();
        iterator.next();
        queue.remove("d");
        iterator.next();
        iterator.next();
        queue.remove("b");
        iterator.remove();
        assertThat(queue).containsExactly("a", "e");
        queue.addAll(List.of("f", "g"));
        assertThat(queue.removeIf(element -> queue.remove("e") | element.equals("g")))
                .isTrue();
        assertThat(queue).containsExactly("f");
        assertThat(queue.removeIf(element -> queue.remove(element))).isFalse();
    }

    @Test
    void removesAsManyOfOneObjectAsItChoseAlsoWhenTheyHaveBeenMoved() {
        RingBlockingQueue<String> queue = new RingBlockingQueue<>(8);
        queue.addAll(List.of("a", "b", "a", "c", "a", "d", "a"));
        AtomicInteger tested = new AtomicInteger();
        assertThat(queue.removeIf(element -> {
                    queue.remove("c");
                    return element.equals("d") || (element.equals("a") && tested.incrementAndGet() < 3);
                }))
                .isTrue();
        assertThat(queue).containsExactly("b", "a", "a");
    }

    @Test
    void removesWhatABulkRemovalOrARefusedDrainHasMoved() {
        RingBlockingQueue<Integer> queue = queueOf(8, 1, 2, 3, 4);
        Iterator<Integer> iterator = queue.iterator();
        iterator.next();
        iterator.next();
        iterator.next();
        queue.removeIf(element -> element == 1);
        iterator.remove();
        assertThat(queue).containsExactly(2, 4);
        Iterator<Integer> another = queue.iterator();
        another.next();
        Collection<Integer> target = new ArrayList<>() {
            @Override
            public boolean add(Integer element) {
                queue.add(5);
                queue.poll();
                throw new UnsupportedOperationException();
            }
        };
        assertThatThrownBy(() -> queue.drainTo(target)).isInstanceOf(UnsupportedOperationException.class);
        another.remove();
        assertThat(queue).containsExactly(4);
    }

    @Test
    void aPlaceThatWasEmptiedAndFilledAgainMeanwhileIsNotRemovedFrom() {
        RingBlockingQueue<String> queue = new RingBlockingQueue<>(2);
        queue.addAll(List.of("a", "b"));
        List<Consumer<RingBlockingQueue<String>>> ways =
                List.of(RingBlockingQueue::clear, emptied -> emptied.drainTo(new ArrayList<>()), emptied -> {
                    emptied.poll();
                    emptied.poll();
                });
        for (Consumer<RingBlockingQueue<String>> way : ways) {
            Iterator<String> iterator = queue.iterator();
            iterator.next();
            way.accept(queue);
            queue.addAll(List.of("a", "b"));
            iterator.remove();
            assertThat(queue).containsExactly("a", "b");
        }
        assertThat(queue.removeIf(element -> queue.poll() != null && queue.offer(element)))
                .isFalse();
        assertThat(queue).containsExactly("a", "b");
    }

    @Test
    void removesAnEqualOneThatCameBeforeTheOneThatItFoundWent() {
        RingBlockingQueue<Integer> queue = queueOf(4, 1000);
        Object probe = new Object() {
            private boolean replaced;

            @Override
            public boolean equals(Object other) {
                if (!replaced) {
                    replaced = true;
                    queue.add(Integer.parseInt("1000"));
                    queue.poll();
                }
                return other instanceof Integer;
            }

            @Override
            public int hashCode() {
                return 0;
            }
        };
        assertThat(queue.remove(probe)).isTrue();
        assertThat(queue).isEmpty();
    }

    @Test
    void bulkRemovalsTellWhetherTheyChangedSomething() {
        RingBlockingQueue<Integer> queue = queueOf(6, 1, 2, 3, 2, 1, 1);
        assertThat(queue.removeIf(element -> element > 5)).isFalse();
        assertThat(queue.removeAll(List.of(2, 7))).isTrue();
        assertThat(queue).containsExactly(1, 3, 1, 1);
        assertThat(queue.retainAll(List.of(1, 3))).isFalse();
        assertThat(queue.retainAll(List.of(3))).isTrue();
        assertThat(queue).containsExactly(3);
        RingBlockingQueue<Integer> emptiedMeanwhile = queueOf(2, 1, 2);
        assertThat(emptiedMeanwhile.removeIf(element -> {
                    emptiedMeanwhile.poll();
                    return true;
                }))
                .as("somebody else took them")
                .isFalse();
    }

    @Test
    void predicatesAndTargetsMayUseTheQueue() {
        RingBlockingQueue<Integer> queue = queueOf(4, 1, 2, 3);
        assertThat(queue.removeIf(element -> element == 2 && queue.contains(3) && queue.offer(4)))
                .isTrue();
        assertThat(queue).containsExactly(1, 3, 4);
        List<Integer> sizes = new ArrayList<>();
        Collection<Integer> target = new RefusingTarget(Integer.MAX_VALUE) {
            @Override
            public boolean add(Integer element) {
                sizes.add(queue.size());
                return super.add(element);
            }
        };
        assertThat(queue.drainTo(target)).isEqualTo(3);
        assertThat(sizes).containsExactly(0, 0, 0);
    }

    @Test
    void drainsUpToANumber() {
        RingBlockingQueue<Integer> queue = queueOf(4, 1, 2, 3, 4);
        List<Integer> target = new ArrayList<>();
        assertThat(queue.drainTo(target, 0)).isZero();
        assertThat(queue.drainTo(target, -1)).isZero();
        assertThat(queue.drainTo(target, 3)).isEqualTo(3);
        assertThat(queue.drainTo(target)).isEqualTo(1);
        assertThat(queue.drainTo(target)).isZero();
        assertThat(target).containsExactly(1, 2, 3, 4);
        assertThat(queue.remainingCapacity()).isEqualTo(4);
    }

    private static class RefusingTarget extends AbstractCollection<Integer> {
        final List<Integer> accepted = new ArrayList<>();
        private final int limit;

        RefusingTarget(int limit) {
            this.limit = limit;
        }

        @Override
        public boolean add(Integer element) {
            if (accepted.size() == limit) {
                throw new IllegalStateException("full");
            }
            return accepted.add(element);
        }

        @Override
        public Iterator<Integer> iterator() {
            return accepted.iterator();
        }

        @Override
        public int size() {
            return accepted.size();
        }
    }

    @Test
    void aDrainWhoseTargetThrowsLosesNothing() {
        RingBlockingQueue<Integer> queue = queueOf(4, 0, 0, 1, 2);
        queue.poll();
        queue.poll();
        queue.addAll(List.of(3, 4));
        RefusingTarget target = new RefusingTarget(2) {
            @Override
            public boolean add(Integer element) {
                assertThat(queue.offer(9)).as("the room is kept").isFalse();
                assertThat(queue.remainingCapacity()).isZero();
                return super.add(element);
            }
        };
        assertThatThrownBy(() -> queue.drainTo(target)).hasMessage("full");
        assertThat(target.accepted).containsExactly(1, 2);
        assertThat(queue).containsExactly(3, 4);
        assertThat(queue.remainingCapacity()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void aDrainThatGivesElementsBackWakesThoseWhoWaitForThem(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = queueOf(2, 1, 2);
        try (Crew crew = new Crew(kind)) {
            List<Crew.Member<Integer>> takers = new ArrayList<>();
            RefusingTarget target = new RefusingTarget(0) {
                @Override
                public boolean add(Integer element) {
                    takers.add(crew.start(queue::take).awaitParked());
                    takers.add(crew.start(queue::take).awaitParked());
                    return super.add(element);
                }
            };
            assertThatThrownBy(() -> queue.drainTo(target)).hasMessage("full");
            assertThat(List.of(takers.get(0).result(), takers.get(1).result())).containsExactlyInAnyOrder(1, 2);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void queuesThatDrainIntoEachOtherDoNotDeadlock(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> left = queueOf(8, 1, 2);
        RingBlockingQueue<Integer> right = queueOf(8, 3, 4);
        CountDownLatch start = new CountDownLatch(1);
        try (Crew crew = new Crew(kind)) {
            for (boolean there : new boolean[] {true, false}) {
                crew.run(() -> {
                    start.await();
                    for (int i = 0; i < 1000; i++) {
                        (there ? left : right).drainTo(there ? right : left);
                    }
                });
            }
            start.countDown();
        }
        left.drainTo(right);
        assertThat(right).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 29: putAll of more than the capacity waits as often as necessary")
    void putsMoreThanItsCapacity(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(3);
        Integer[] elements = new Integer[100];
        Arrays.setAll(elements, i -> i);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Integer> putter = crew.start(() -> queue.putAll(elements, 10, 90));
            Integer[] into = new Integer[2];
            int next = 10;
            while (next < 90) {
                int count = queue.takeUpTo(into, 2);
                for (int i = 0; i < count; i++) {
                    assertThat(into[i]).isEqualTo(next);
                    next++;
                }
            }
            assertThat(putter.result()).isEqualTo(80);
            assertThat(queue.putAll(elements, 5, 5)).isZero();
        }
        assertThat(queue).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 29: putAll interrupted half-way returns the count and keeps the flag")
    void tellsHowManyWentInWhenInterrupted(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = queueOf(3, 0);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> putter = crew.run(() -> {
                        assertThat(queue.putAll(new Integer[] {1, 2, 3, 4}, 0, 4))
                                .isEqualTo(2);
                        assertThat(Thread.interrupted()).as("flag").isTrue();
                    })
                    .awaitParked();
            putter.interrupt();
        }
        assertThat(queue).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 29: takeUpTo on an empty queue waits for one, then takes what is there")
    void takesWhatIsThere(ThreadKind kind) throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(3);
        Integer[] into = new Integer[2];
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Integer> taker =
                    crew.start(() -> queue.takeUpTo(into, 2)).awaitParked();
            queue.put(1);
            assertThat(taker.result()).isEqualTo(1);
            Crew.Member<Integer> timed = crew.start(() -> queue.takeUpTo(into, 2, Duration.ofHours(1)))
                    .awaitParked();
            queue.put(2);
            assertThat(timed.result()).isEqualTo(1);
        }
        queue.addAll(List.of(3, 4, 5));
        assertThat(queue.takeUpTo(into, 2)).isEqualTo(2);
        assertThat(into).containsExactly(3, 4);
        assertThat(queue).containsExactly(5);
    }

    @Test
    @DisplayName("scenario 29: takeUpTo that may not wait takes all that is there, putAll only its range")
    void movesAllThatIsThereAtOnce() throws Exception {
        RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(8);
        Integer[] into = new Integer[4];
        assertThat(queue.putAll(new Integer[] {1, 2, 3, 4}, 1, 3)).isEqualTo(2);
        assertThat(queue.takeUpTo(into, 4, Duration.ZERO)).isEqualTo(2);
        assertThat(into).containsExactly(2, 3, null, null);
        queue.put(5);
        queue.put(6);
        assertThat(queue.poll()).isEqualTo(5);
        queue.put(7);
        assertThat(queue.takeUpTo(into, 2, Duration.ZERO)).isEqualTo(2);
        assertThat(into).containsExactly(6, 7, null, null);
    }

    @Test
    void takesNothingWhenTheArrayCannotStoreIt() {
        RingBlockingQueue<Number> queue = new RingBlockingQueue<>(3);
        queue.addAll(List.of(1, 2.0));
        Number[] integers = new Integer[2];
        assertThatThrownBy(() -> queue.takeUpTo(integers, 2)).isInstanceOf(ArrayStoreException.class);
        assertThat(queue).containsExactly(1, 2.0);
    }

    @Test
    void addAllStopsAtTheCapacityAsArrayBlockingQueueDoes() {
        RingBlockingQueue<Integer> ours = new RingBlockingQueue<>(2);
        ArrayBlockingQueue<Integer> theirs = new ArrayBlockingQueue<>(2);
        assertThatThrownBy(() -> ours.addAll(List.of(1, 2, 3))).hasMessage("Queue full");
        assertThatThrownBy(() -> theirs.addAll(List.of(1, 2, 3))).hasMessage("Queue full");
        assertThat(ours).containsExactlyElementsOf(theirs);
    }
}
