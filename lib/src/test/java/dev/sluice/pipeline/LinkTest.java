package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class LinkTest {
    @RegisterExtension
    final Runs runs = new Runs();

    /** A link between one thread and one. */
    private static Link link(int capacity) {
        return link(capacity, false, new ArrayList<>());
    }

    /** A link between many and many. */
    private static Link shared(int capacity, List<Object> discarded) {
        return link(capacity, true, discarded);
    }

    private static Link link(int capacity, boolean many, List<Object> discarded) {
        RingLink link = new RingLink(
                "next",
                capacity,
                many ? Link.Side.MANY : Link.Side.ONE,
                many ? Link.Side.MANY : Link.Side.ONE,
                new Owner(discarded),
                Waiters.FIRST_NAP_NANOS);
        link.attend();
        return link;
    }

    private record Owner(List<Object> discarded) implements Link.Owner {
        @Override
        public void broken(Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void discarded(Object item, Throwable reason) {
            discarded.add(item);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 32: the item that was put just before the end is always seen")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void itemPutJustBeforeTheEndIsSeen(ThreadKind kind) throws Exception {
        int rounds = Rounds.of(1_000_000);
        AtomicReference<Link> next = new AtomicReference<>();
        CyclicBarrier start = new CyclicBarrier(2);
        try (Crew crew = new Crew(kind)) {
            crew.run(() -> {
                for (int i = 0; i < rounds; i++) {
                    next.set(link(1));
                    start.await();
                    next.get().put(i, new Meter());
                    next.get().end();
                    start.await();
                }
            });
            crew.run(() -> {
                for (int i = 0; i < rounds; i++) {
                    start.await();
                    Link link = next.get();
                    assertThat(link.take(new Meter())).isEqualTo(i);
                    assertThat(link.take(new Meter())).isNull();
                    assertThat(link.hasEnded()).isTrue();
                    start.await();
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 46: abort with a full queue and waiting putters; with many waiting takers; twice")
    void abortFreesEverybodyWhoWaits(ThreadKind kind) throws Exception {
        List<Object> discarded = new ArrayList<>();
        Link full = shared(1, discarded);
        full.put("a", new Meter());
        Link empty = shared(1, discarded);
        try (Crew crew = new Crew(kind)) {
            List<Crew.Member<Boolean>> putters = members(crew, () -> full.put("b", new Meter()));
            List<Crew.Member<Object>> takers = members(crew, () -> empty.take(new Meter()));
            putters.forEach(Crew.Member::awaitParked);
            takers.forEach(Crew.Member::awaitParked);
            full.abort(new IOException());
            full.abort(new IOException());
            empty.abort(new IOException());
            assertThat(discarded).containsExactly("a");
            for (Crew.Member<Boolean> putter : putters) {
                assertThat(putter.result()).isFalse();
            }
            for (Crew.Member<Object> taker : takers) {
                assertThat(taker.result()).isNull();
            }
            assertThat(full.discarded()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("promise 2: what is put after an abort is not taken any more, and discarded by who leaves last")
    void itemThatIsPutAfterAnAbortIsDiscardedOnce() {
        for (boolean takersFirst : new boolean[] {false, true}) {
            List<Object> discarded = new ArrayList<>();
            Link link = shared(4, discarded);
            link.put("a", new Meter());
            link.abort(new IOException());
            assertThat(discarded).containsExactly("a");
            link.put("b", new Meter());
            assertThat(link.poll(new Meter())).isNull();
            if (takersFirst) {
                link.takersLeave();
                link.put("c", new Meter());
                link.fail();
            } else {
                link.put("c", new Meter());
                link.fail();
                link.takersLeave();
            }
            assertThat(discarded).containsExactly("a", "b", "c");
            assertThat(link.received()).isEqualTo(3);
            assertThat(link.taken()).isZero();
            assertThat(link.discarded()).isEqualTo(3);
        }
    }

    private static <T> List<Crew.Member<T>> members(Crew crew, Callable<T> work) {
        return IntStream.range(0, 5).mapToObj(i -> crew.start(work)).toList();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void endAndFailureFreeAllTakersWhenWhatIsThereIsTaken(ThreadKind kind) throws Exception {
        for (boolean fails : new boolean[] {false, true}) {
            Link link = shared(10, new ArrayList<>());
            try (Crew crew = new Crew(kind)) {
                List<Crew.Member<Object>> takers = members(crew, () -> link.take(new Meter()));
                takers.forEach(Crew.Member::awaitParked);
                link.put("a", new Meter());
                link.put("b", new Meter());
                if (fails) {
                    link.fail();
                } else {
                    link.end();
                }
                List<Object> taken = new ArrayList<>();
                for (Crew.Member<Object> taker : takers) {
                    Object item = taker.result();
                    if (item != null) {
                        taken.add(item);
                    }
                }
                assertThat(taken).containsExactlyInAnyOrder("a", "b");
                assertThat(link.hasEnded()).isNotEqualTo(fails);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void nothingIsLostOrDoubledBetweenManyPuttersAndTakers(ThreadKind kind) throws Exception {
        int each = Rounds.of(100_000);
        for (int capacity : new int[] {1, 3}) {
            Link link = shared(capacity, new ArrayList<>());
            AtomicInteger putting = new AtomicInteger(3);
            ConcurrentLinkedQueue<Object> taken = new ConcurrentLinkedQueue<>();
            ConcurrentLinkedQueue<Long> positions = new ConcurrentLinkedQueue<>();
            try (Crew crew = new Crew(kind)) {
                for (int p = 0; p < 3; p++) {
                    int first = p * each;
                    crew.run(() -> {
                        for (int i = first; i < first + each; i++) {
                            assertThat(link.put(i, new Meter())).isTrue();
                        }
                        if (putting.decrementAndGet() == 0) {
                            link.end();
                        }
                    });
                }
                for (int t = 0; t < 3; t++) {
                    crew.run(() -> {
                        Meter meter = new Meter();
                        for (Object item = link.take(meter); item != null; item = link.take(meter)) {
                            taken.add(item);
                            positions.add(meter.position);
                        }
                    });
                }
            }
            assertThat(taken.stream().map(item -> (Integer) item).sorted())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 3 * each).boxed().toList());
            assertThat(positions.stream().distinct()).hasSize(3 * each);
        }
    }

    @Test
    void timedTakeGivesUp() {
        Link link = link(1);
        assertThat(link.await(new Meter(), System.nanoTime() + 1_000_000)).isFalse();
        assertThat(link.hasEnded()).isFalse();
        link.put("a", new Meter());
        assertThat(link.await(new Meter(), System.nanoTime())).isTrue();
        assertThat(link.take(new Meter())).isEqualTo("a");
    }

    @Test
    void whoMayLeaveDoesNotWaitForAnItemAndWhoWatchesDoes() {
        for (Link link : List.of(
                shared(1, new ArrayList<>()),
                new LockedLink(
                        LinkQueue.of("next", Settings.DEFAULT, () -> new ArrayBlockingQueue<>(1)),
                        "next",
                        new Owner(new ArrayList<>())))) {
            AtomicInteger calls = new AtomicInteger();
            link.dismissesTakers(() -> true);
            assertThat(link.await(new Meter(), Link.NEVER)).isTrue();
            assertThat(link.watchItems(calls::incrementAndGet)).isTrue();
            link.put("a", new Meter());
            assertThat(calls).hasValue(1);
        }
    }

    @Test
    @DisplayName("scenario 2 for links with a queue of the user's: each place calls somebody who waits for one")
    void eachTakeCallsWhoWaitsForRoom() throws InterruptedException {
        Link link = new LockedLink(
                LinkQueue.of("next", Settings.DEFAULT, () -> new ArrayBlockingQueue<>(2)),
                "next",
                new Owner(new ArrayList<>()));
        link.put("a", new Meter());
        link.put("b", new Meter());
        List<Thread> putters = Stream.of("c", "d")
                .map(item -> new Thread(() -> link.put(item, new Meter()), "putter"))
                .toList();
        putters.forEach(Thread::start);
        try {
            Waiting.untilWaiting(putters);
            assertThat(link.poll(new Meter())).isEqualTo("a");
            assertThat(link.poll(new Meter())).isEqualTo("b");
            Waiting.untilEnded(putters);
        } finally {
            link.abort(new CancellationException());
        }
    }

    static Stream<Supplier<BlockingQueue<Object>>> queues() {
        return Stream.of(
                () -> new ArrayBlockingQueue<>(1),
                () -> new ArrayBlockingQueue<>(100),
                LinkedBlockingQueue::new,
                () -> new LinkedBlockingDeque<>(2),
                LinkedTransferQueue::new,
                PriorityBlockingQueue::new);
    }

    @ParameterizedTest
    @MethodSource("queues")
    void anyBlockingQueueWorks(Supplier<BlockingQueue<Object>> queue) throws InterruptedException {
        Pipeline<List<Integer>> pipeline = Pipeline.from(
                        IntStream.range(0, 2000).boxed().toList())
                .stage("a", i -> i, s -> s.queue(queue).workers(2).ordered())
                .stage("b", i -> i, s -> s.queue(queue))
                .collect(Collectors.toList());
        assertThat(runs.run(pipeline)).hasSize(2000).doesNotHaveDuplicates();
    }

    @Test
    void unboundedQueueIsBounded() throws InterruptedException {
        Pipeline<?> byDefault = Pipeline.from(List.of(1)).forEach("a", i -> {}, s -> s.queue(LinkedBlockingQueue::new));
        Pipeline<?> asked = Pipeline.from(List.of(1))
                .forEach("a", i -> {}, s -> s.queue(LinkedBlockingQueue::new).capacity(1000));
        Pipeline<?> smaller = Pipeline.from(List.of(1))
                .forEach(
                        "a",
                        i -> {},
                        s -> s.queue(() -> new ArrayBlockingQueue<>(500)).capacity(1000));
        assertThat(Stream.of(byDefault, asked, smaller)
                        .map(p -> runs.start(p).stats().stages().get(1).queueCapacity()))
                .containsExactly(1024, 1000, 500);
    }

    /** An element that a DelayQueue holds back for a moment. */
    private record Late(int number, long until) implements Delayed {
        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(until, ((Late) other).until);
        }
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void queueThatHoldsItsElementsBackWorks() throws InterruptedException {
        Supplier<BlockingQueue<Object>> queue = () -> (BlockingQueue) new DelayQueue<Late>();
        Pipeline<List<Late>> pipeline = Pipeline.from(
                        IntStream.range(0, 50).boxed().toList())
                .map(i -> new Late(i, System.nanoTime() + 5_000_000))
                .stage("late", l -> l, s -> s.queue(queue))
                .collect(Collectors.toList());
        assertThat(runs.run(pipeline)).hasSize(50);

        Discarded discarded = new Discarded();
        PipelineRun<?> run =
                runs.start(Pipeline.from(IntStream.range(0, 10).boxed().toList())
                        .map(i -> new Late(i, System.nanoTime() + TimeUnit.DAYS.toNanos(1)))
                        .onDiscard(discarded)
                        .forEach("late", l -> {}, s -> s.queue(queue)));
        org.awaitility.Awaitility.await()
                .until(() -> run.stats().stages().get(1).queued() == 10);
        run.close();
        assertThat(discarded.items("late")).hasSize(10);
    }

    @Test
    void queueThatLosesElementsFailsTheRun() throws InterruptedException {
        AtomicReference<BlockingQueue<Object>> queue = new AtomicReference<>();
        java.util.concurrent.CountDownLatch first = new java.util.concurrent.CountDownLatch(1);
        java.util.concurrent.CountDownLatch stolen = new java.util.concurrent.CountDownLatch(1);
        PipelineRun<?> run =
                runs.start(Pipeline.from(IntStream.range(0, 10).boxed().toList())
                        .forEach(
                                "robbed",
                                i -> {
                                    first.countDown();
                                    stolen.await();
                                },
                                s -> s.queue(() -> {
                                    queue.set(new LinkedBlockingQueue<>());
                                    return queue.get();
                                })));
        first.await();
        org.awaitility.Awaitility.await()
                .until(() -> run.stats().stages().get(1).queued() == 9);
        queue.get().clear();
        stolen.countDown();
        try {
            run.await();
        } catch (PipelineException e) {
            assertThat(e).hasMessageContaining("'robbed'").hasMessageContaining("should have 9 elements");
            return;
        }
        throw new AssertionError("the run has not failed");
    }
}
