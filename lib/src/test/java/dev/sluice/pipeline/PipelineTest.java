package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKinds;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntUnaryOperator;
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
class PipelineTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void passesEveryItemThroughEveryStep(Shape shape) throws InterruptedException {
        List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
        Pipeline<List<String>> pipeline = shape.threads(Pipeline.from(upTo(1000)))
                .filter(i -> i % 2 == 0)
                .stage("double", i -> i * 2, shape.options())
                .peek(seen::add)
                .flatMap(i -> List.of(i, i + 1))
                .stage("text", i -> "" + i)
                .collect(Collectors.toList());

        List<String> expected = IntStream.range(0, 500)
                .mapToObj(i -> List.of("" + 4 * i, "" + (4 * i + 1)))
                .flatMap(List::stream)
                .toList();
        List<String> result = runs.run(pipeline);
        assertThat(result).containsExactlyInAnyOrderElementsOf(expected);
        if (shape.keepsOrder()) {
            assertThat(result).isEqualTo(expected);
        }
        assertThat(seen).hasSize(500);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 15 for pipelines: nothing and one item")
    void runsWithoutItemsAndWithOne(Shape shape) throws InterruptedException {
        for (int n = 0; n <= 1; n++) {
            Pipeline<List<Integer>> pipeline = shape.threads(Pipeline.from(upTo(n)))
                    .stage("same", i -> i, shape.options())
                    .batch(10, Duration.ofDays(1))
                    .flatMap(l -> l)
                    .collect(Collectors.toList());
            assertThat(runs.run(pipeline)).isEqualTo(upTo(n));
        }
    }

    @Test
    void batchesAreFullUntilTheLast() throws InterruptedException {
        List<List<Integer>> batches =
                runs.run(Pipeline.from(upTo(10)).batch(4, Duration.ofDays(1)).collect(Collectors.toList()));

        assertThat(batches).containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9));
        assertThatThrownBy(() -> batches.get(0).add(1)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void batchIsHandedOnWhenItsTimeHasPassed() throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        Iterator<Integer> source = new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < 4;
            }

            @Override
            public Integer next() {
                if (next == 3) {
                    awaitUnchecked(seen);
                }
                return next++;
            }
        };
        List<List<Integer>> batches = runs.run(Pipeline.<Integer>fromIterator(source)
                .batch(100, Duration.ofMillis(1))
                .peek(b -> {
                    if (b.contains(2)) {
                        seen.countDown();
                    }
                })
                .collect(Collectors.toList()));

        assertThat(batches.stream().flatMap(List::stream)).containsExactly(0, 1, 2, 3);
        assertThat(batches).hasSizeGreaterThan(1);
    }

    @Test
    void readsEachKindOfSource() throws InterruptedException {
        BlockingQueue<String> queue = new LinkedBlockingQueue<>(List.of("a", "b"));
        String end = new String("end");
        queue.add("end");
        queue.add(end);
        queue.add("after");

        assertThat(runs.run(Pipeline.from(List.of(1, 2)).collect(Collectors.toList())))
                .containsExactly(1, 2);
        assertThat(runs.run(Pipeline.fromIterator(List.of(1, 2).iterator()).collect(Collectors.toList())))
                .containsExactly(1, 2);
        assertThat(runs.run(Pipeline.fromStream(Stream.of(1, 2)).collect(Collectors.toList())))
                .containsExactly(1, 2);
        assertThat(runs.run(Pipeline.fromEach(() -> Stream.of(1, 2)).collect(Collectors.toList())))
                .containsExactly(1, 2);
        assertThat(runs.run(Pipeline.fromQueue(queue, end).collect(Collectors.toList())))
                .containsExactly("a", "b", "end");
        assertThat(queue).containsExactly("after");
    }

    @Test
    void closesStreamsAndIteratorsWhateverTheEnd() throws InterruptedException {
        AtomicInteger closed = new AtomicInteger();
        runs.run(Pipeline.fromStream(Stream.of(1).onClose(closed::incrementAndGet))
                .collect(Collectors.toList()));
        assertThat(closed).hasValue(1);
        Pipeline<?> failing = Pipeline.fromEach(() -> Stream.of(1, 2).onClose(closed::incrementAndGet))
                .map(i -> 1 / (i - 1))
                .collect(Collectors.toList());
        assertThatThrownBy(() -> runs.run(failing)).isInstanceOf(PipelineException.class);
        assertThat(closed).hasValue(2);

        ItemIterator<Integer> inner = Pipeline.from(upTo(1_000_000)).iterator().run();
        Pipeline<?> outer =
                Pipeline.fromIterator(inner).stage("fails", i -> 1 / i).collect(Collectors.toList());
        assertThatThrownBy(() -> runs.run(outer)).isInstanceOf(PipelineException.class);
        assertThat(inner.hasNext()).isFalse();
    }

    @Test
    void closesTheStreamWhenItsThreadCannotBeStarted() {
        AtomicBoolean closed = new AtomicBoolean();
        Discarded discarded = new Discarded();
        Definition definition = Definition.from(Origin.stream(Stream.of(1).onClose(() -> closed.set(true))))
                .onDiscard(discarded)
                .threads(prefix -> task -> {
                    if (prefix.contains("source")) {
                        throw new OutOfMemoryError("no more threads");
                    }
                    return new Thread(task);
                });
        Pipeline<?> pipeline = new PipelineBuilder<Integer>(definition)
                .stage("a", i -> i, s -> s.workers(3))
                .collect(Collectors.toList());
        assertThatThrownBy(() -> runs.run(pipeline))
                .isInstanceOf(PipelineException.class)
                .hasMessage("stage 'source' failed: java.lang.OutOfMemoryError: no more threads");
        assertThat(closed).isTrue();
    }

    @Test
    void endsTheThreadsThatWereStartedWhenOneCannotBe() {
        AtomicInteger number = new AtomicInteger();
        Definition definition = Definition.from(Origin.iterable(upTo(10))).threads(prefix -> task -> {
            if (number.incrementAndGet() == 3) {
                throw new IllegalStateException("no");
            }
            return new Thread(task);
        });
        PipelineRun<?> run = runs.start(new PipelineBuilder<Integer>(definition)
                .stage("a", i -> i, s -> s.workers(3))
                .collect(Collectors.toList()));
        assertThatThrownBy(run::await)
                .isInstanceOfSatisfying(
                        PipelineException.class, e -> assertThat(e.stage()).isEqualTo("a"));
        assertThat(number).as("none is asked for after the one that failed").hasValue(3);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void namesItsThreads(dev.sluice.testing.ThreadKind kind) throws InterruptedException {
        Set<String> names = ConcurrentHashMap.newKeySet();
        CountDownLatch both = new CountDownLatch(2);
        runs.run(Shape.threads(kind, Pipeline.from(List.of(1, 2)))
                .name("shop")
                .peek(i -> names.add(Thread.currentThread().getName()))
                .stage(
                        "enrich",
                        i -> {
                            names.add(Thread.currentThread().getName());
                            both.countDown();
                            both.await();
                            return i;
                        },
                        s -> s.workers(2))
                .forEach("write", i -> names.add(Thread.currentThread().getName())));
        assertThat(names).containsExactlyInAnyOrder("shop-source-1", "shop-enrich-1", "shop-enrich-2", "shop-write-1");
    }

    @Test
    void saysThatVirtualThreadsNeedANewerJdk() {
        PipelineBuilder<Integer> builder = Pipeline.from(List.of(1));
        if (ThreadKinds.virtualThreadsExist()) {
            assertThat(builder.virtualThreads()).isNotNull();
        } else {
            assertThatThrownBy(builder::virtualThreads)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("21");
        }
    }

    @Test
    void refusesNamesUsedTwice() {
        PipelineBuilder<Integer> builder = Pipeline.from(List.of(1)).stage("a", i -> i);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.stage("a", i -> i))
                .withMessageContaining("'a'");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.forEach("a", i -> {}));
        for (String taken : List.of("source", "collect", "iterator", " ")) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.stage(taken, i -> i));
        }
        PipelineBuilder<?> batched = builder.batch(1, Duration.ZERO).batch(1, Duration.ZERO);
        assertThat(batched).hasToString("PipelineBuilder[source -> a -> batch -> batch-2]");
        assertThat(batched.stage("batch", i -> i))
                .hasToString("PipelineBuilder[source -> a -> batch-2 -> batch-3 -> batch]");
    }

    @Test
    void checksArgumentsAtOnce() {
        PipelineBuilder<Integer> b = Pipeline.from(List.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> b.stage("a", i -> i, s -> s.workers(0)))
                .withMessage("workers must be >= 1 but was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> b.stage("a", i -> i, s -> s.capacity(0)))
                .withMessage("capacity must be >= 1 but was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> b.stage("a", i -> i, s -> s.window(4).ordered().workers(4)))
                .withMessage("window of an ordered stage with 4 workers must be >= 5 but was 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> b.forEach("a", i -> {}, s -> s.ordered().workers(2)))
                .withMessage("workers of an ordered sink must be 1 but was 2 ('a')");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> b.batch(0, Duration.ZERO))
                .withMessage("size must be >= 1 but was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> b.batch(1, Duration.ofMillis(-1)))
                .withMessage("maxWait must not be negative but was PT-0.001S");
        assertThatNullPointerException().isThrownBy(() -> b.map(null)).withMessage("function must not be null");
        assertThatNullPointerException().isThrownBy(() -> b.forEach("a", null)).withMessage("sink must not be null");
        assertThatNullPointerException().isThrownBy(() -> Pipeline.from(null)).withMessage("items must not be null");
        assertThatNullPointerException()
                .isThrownBy(() -> Pipeline.fromQueue(new ArrayBlockingQueue<>(1), null))
                .withMessage("end must not be null");
    }

    @Test
    void refusesAQueueThatCannotHoldAnElementOrIsNotEmpty() {
        AtomicBoolean closed = new AtomicBoolean();
        Stream<Integer> stream = Stream.of(1).onClose(() -> closed.set(true));
        PipelineBuilder<Integer> source = Pipeline.fromStream(stream);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source.forEach("a", i -> {}, s -> s.queue(SynchronousQueue::new))
                        .start())
                .withMessageContaining("'a'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> source.forEach(
                                "a", i -> {}, s -> s.queue(() -> new LinkedBlockingQueue<>(List.of(1))))
                        .start())
                .withMessageContaining("must be empty but has 1 elements");
        assertThat(source.collect(Collectors.toList()).start().result().join())
                .as("the stream has not been claimed by a start that was refused")
                .containsExactly(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 51: one definition run twice at once; a source that can be read once refuses")
    void runsOneDefinitionTwiceAtOnce(Shape shape) throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        Pipeline<List<Integer>> pipeline = shape.threads(Pipeline.from(upTo(500)))
                .stage(
                        "meet",
                        i -> {
                            if (i == 0) {
                                both.countDown();
                                both.await();
                            }
                            return i;
                        },
                        shape.options())
                .collect(Collectors.toList());
        PipelineRun<List<Integer>> one = runs.start(pipeline);
        PipelineRun<List<Integer>> two = runs.start(pipeline);
        assertThat(one.await()).containsExactlyInAnyOrderElementsOf(upTo(500));
        assertThat(two.await()).containsExactlyInAnyOrderElementsOf(upTo(500));

        List<PipelineBuilder<Integer>> once = List.of(
                Pipeline.fromIterator(upTo(1).iterator()),
                Pipeline.fromStream(upTo(1).stream()),
                Pipeline.fromQueue(new LinkedBlockingQueue<>(List.of(7)), 7));
        for (PipelineBuilder<Integer> source : once) {
            Pipeline<List<Integer>> readOnce = source.collect(Collectors.toList());
            runs.start(readOnce);
            assertThatIllegalStateException().isThrownBy(readOnce::start);
        }
    }

    @Test
    void continuesABeginningInSeveralWays() throws InterruptedException {
        PipelineBuilder<Integer> beginning = Pipeline.from(upTo(3)).stage("a", i -> i + 1);
        assertThat(runs.run(beginning.map(i -> i * 10).collect(Collectors.toList())))
                .containsExactly(10, 20, 30);
        assertThat(runs.run(beginning.stage("b", i -> -i).collect(Collectors.toList())))
                .containsExactly(-1, -2, -3);
        assertThat(beginning).hasToString("PipelineBuilder[source -> a]");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 32: the item that comes just before the end is always seen")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void seesTheItemThatComesJustBeforeTheEnd(Shape shape) throws InterruptedException {
        for (int round = 0; round < Rounds.of(50_000); round++) {
            int n = 1 + round % 3;
            int spins = round % 64 * 16;
            AtomicInteger seen = new AtomicInteger();
            runs.run(shape.threads(Pipeline.from(upTo(n)))
                    .peek(i -> spin(spins))
                    .stage("a", i -> i, shape.options())
                    .forEach("b", i -> seen.incrementAndGet(), shape.kind().options()));
            assertThat(seen).hasValue(n);
        }
    }

    /** So that the end comes at each moment of the next stage's going to sleep. */
    private static void spin(int spins) {
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 44: momentary emptiness is not taken for the end")
    void waitsForASourceThatPauses(Kind kind) throws InterruptedException {
        // The source gives the next item only when the sink has seen the one before: every queue is empty in between.
        LinkedBlockingQueue<Integer> back = new LinkedBlockingQueue<>(List.of(0));
        Pipeline<List<Integer>> pipeline = kind.threads(Pipeline.fromQueue(back, 100))
                .stage("a", i -> i, kind.options(s -> s.workers(3).ordered()))
                .stage("b", i -> i, kind.options(s -> s.workers(2)))
                .peek(i -> back.add(i + 1 == 100 ? end(back) : i + 1))
                .collect(Collectors.toList());
        assertThat(runs.run(pipeline)).hasSize(100);
    }

    // The boxed 100 of the constant above: Integer.valueOf caches it, so the identity is the same.
    private static Integer end(LinkedBlockingQueue<Integer> unused) {
        return 100;
    }

    @Test
    void doesNotTouchTheUserInterruptFlagOfTheNextItem() throws InterruptedException {
        List<Boolean> flags = new ArrayList<>();
        runs.run(Pipeline.from(upTo(3)).forEach("interrupts itself", i -> {
            flags.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
        }));
        assertThat(flags).containsExactly(false, false, false);
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void interruptThatAFunctionLeavesDoesNotReachTheNextItemOfARun() throws InterruptedException {
        // Fast and many: so that a worker finds many at once, and looks at the clock seldom.
        LongAdder seen = new LongAdder();
        IntUnaryOperator leaving = i -> {
            if (Thread.currentThread().isInterrupted()) {
                seen.increment();
            }
            if (i % 64 == 0) {
                Thread.currentThread().interrupt();
            }
            return i;
        };
        Iterable<Integer> source =
                () -> IntStream.range(0, 200_000).map(leaving).iterator();
        runs.run(
                Pipeline.from(source).stage("relay", i -> leaving.applyAsInt(i)).forEach("sink", leaving::applyAsInt));
        assertThat(seen.sum()).isZero();
    }

    @Test
    void itemThatHasGoneThroughIsNotKept() throws InterruptedException {
        List<WeakReference<Object>> gone = Collections.synchronizedList(new ArrayList<>());
        LinkedBlockingQueue<Object> queue = new LinkedBlockingQueue<>();
        Object end = new Object();
        PipelineRun<?> run = runs.start(Pipeline.fromQueue(queue, end)
                .stage("relay", item -> {
                    gone.add(new WeakReference<>(item));
                    return new Object();
                })
                .forEach("sink", item -> gone.add(new WeakReference<>(item))));
        for (int i = 0; i < 100; i++) {
            queue.add(new Object());
        }
        await().until(() -> gone.size() == 200);
        await().until(() -> {
            System.gc();
            return gone.stream().allMatch(item -> item.get() == null);
        });
        queue.add(end);
        run.await();
    }
}
