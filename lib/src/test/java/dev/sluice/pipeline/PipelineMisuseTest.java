package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collector;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** User's code that does what it should not must not hang a run. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineMisuseTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static PipelineException failureOf(PipelineRun<?> run) throws InterruptedException {
        try {
            run.await();
        } catch (PipelineException e) {
            return e;
        }
        throw new AssertionError("the run has not failed");
    }

    @Test
    @DisplayName("scenario 50: a discard handler that throws the reason it was given stops nothing")
    void discardHandlerMayThrowItsReason() throws InterruptedException {
        Endless source = new Endless();
        IOException cause = new IOException("disk full");
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .onDiscard((item, stage, reason) -> {
                    throw (Exception) reason;
                })
                .forEach(
                        "write",
                        i -> {
                            await().until(() -> source.count() >= 3);
                            throw cause;
                        },
                        s -> s.capacity(1)));
        PipelineException failure = failureOf(run);
        assertThat(failure).hasCause(cause);
        assertThat(failure.getSuppressed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void discardHandlerMayStopTheRun(boolean closes) throws InterruptedException {
        int items = 20_000;
        Endless source = new Endless();
        Discarded discarded = new Discarded();
        CompletableFuture<PipelineRun<?>> started = new CompletableFuture<>();
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .onDiscard((item, stage, reason) -> {
                    discarded.discarded(item, stage, reason);
                    if (closes) {
                        started.join().close();
                    } else {
                        started.join().cancel();
                    }
                })
                .forEach(
                        "write",
                        i -> {
                            await().until(() -> source.count() >= items);
                            throw new IOException();
                        },
                        s -> s.capacity(items)));
        started.complete(run);
        PipelineException failure = failureOf(run);
        assertThat(failure).hasCauseInstanceOf(IOException.class);
        assertThat(discarded.items()).containsExactlyInAnyOrderElementsOf(source.read());
    }

    /** A queue that stops behaving when it is told to. */
    private static final class Faulty extends LinkedBlockingQueue<Object> {
        private static final long serialVersionUID = 1L;

        private final boolean endless;
        private final AtomicBoolean faulty = new AtomicBoolean();

        Faulty(boolean endless) {
            this.endless = endless;
        }

        @Override
        public Object poll() {
            if (!faulty.get()) {
                return super.poll();
            }
            if (endless) {
                return "again";
            }
            throw new AssertionError("poll");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void queueThatFailsToBeEmptiedDoesNotKeepTheRunFromItsEnd(boolean endless) {
        CompletableFuture<Faulty> supplied = new CompletableFuture<>();
        CountDownLatch never = new CountDownLatch(1);
        Endless source = new Endless();
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .stage(
                        "a",
                        i -> i,
                        s -> s.capacity(2).queue(() -> {
                            supplied.complete(new Faulty(endless));
                            return supplied.join();
                        }))
                .forEach("stuck", i -> never.await(), s -> s.capacity(1)));
        await().until(() -> source.count() == 6);
        supplied.join().faulty.set(true);
        run.cancel();
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void cancelEndsAFlatMapWithoutAnEndWhoseElementsAreAllDeclined(Shape shape) throws InterruptedException {
        CountDownLatch looping = new CountDownLatch(2);
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(List.of(1)))
                .stage("a", i -> i, shape.options())
                .flatMap(i -> new Endless())
                .filter(i -> {
                    looping.countDown();
                    return false;
                })
                .forEach("write", i -> {}));
        looping.await();
        run.cancel();
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
    }

    @Test
    void failureOfAnEarlierItemEndsAFlatMapWithoutAnEndWhoseElementsAreAllDeclined() throws InterruptedException {
        CountDownLatch looping = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Pipeline.from(upTo(2))
                .stage(
                        "a",
                        i -> {
                            if (i == 0) {
                                looping.await();
                                throw new IOException();
                            }
                            return i;
                        },
                        s -> s.workers(2).ordered())
                .flatMap(i -> new Endless())
                .filter(i -> {
                    looping.countDown();
                    return false;
                })
                .forEach("write", i -> {}));
        assertThat(failureOf(run).position()).isZero();
    }

    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void exceptionWithoutATextFailsTheRun(Shape shape) throws InterruptedException {
        Discarded discarded = new Discarded();
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(1)))
                .stage(
                        "a",
                        i -> {
                            throw new Unspeakable();
                        },
                        shape.options())
                .onDiscard(discarded)
                .forEach("write", i -> {}));
        assertThat(failureOf(run)).hasMessage("stage 'a' failed on item 0: " + Unspeakable.class.getName());
        assertThat(discarded.items()).containsExactly(0);
    }

    /** An exception that breaks what looks at it. */
    private static final class Untraceable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("no cause");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void itemIsAccountedForWhenItsExceptionBreaksTheWorker(Shape shape) throws InterruptedException {
        Discarded discarded = new Discarded();
        CountDownLatch in = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(1)))
                .stage(
                        "a",
                        i -> {
                            in.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                throw new Untraceable();
                            }
                            return i;
                        },
                        shape.options())
                .onDiscard(discarded)
                .forEach("write", i -> {}));
        in.await();
        run.cancel();
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
        assertThat(discarded.items()).containsExactly(0);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void failureWhoseCauseCannotBeAskedComesAfterAnother(Shape shape) throws InterruptedException {
        CompletableFuture<PipelineRun<?>> started = new CompletableFuture<>();
        Discarded discarded = new Discarded();
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(2)))
                .stage("first", i -> {
                    if (i == 1) {
                        throw new IOException("first");
                    }
                    return i;
                })
                .stage(
                        "second",
                        i -> {
                            await().until(() -> started.join().execution.failure() != null);
                            throw new Untraceable();
                        },
                        shape.options())
                .onDiscard(discarded)
                .forEach("write", i -> {}));
        started.complete(run);
        PipelineException failure = failureOf(run);
        assertThat(failure.stage()).isEqualTo("first");
        assertThat(failure.getSuppressed())
                .singleElement()
                .isInstanceOfSatisfying(
                        PipelineException.class, e -> assertThat(e.stage()).isEqualTo("second"));
        assertThat(discarded.items()).containsExactlyInAnyOrder(0, 1);
    }

    /** An iterator that interrupts the thread that closes it. */
    private static final class InterruptingClose implements Iterator<Object>, AutoCloseable {
        private final AtomicInteger closed = new AtomicInteger();

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public Object next() {
            return "item";
        }

        @Override
        public void close() {
            closed.incrementAndGet();
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void iteratorIsClosedWhenItsThreadIsNeverStarted(boolean noFactory) {
        InterruptingClose source = new InterruptingClose();
        Definition definition = Definition.from(Origin.iterator(source))
                .with(StageDefinition.of("a", Settings.DEFAULT))
                .threads(prefix -> {
                    if (noFactory) {
                        throw new LinkageError("factory");
                    }
                    return task -> {
                        throw new OutOfMemoryError("thread");
                    };
                });
        PipelineRun<Void> run = runs.start(new Pipeline<>(definition, (execution, inputs) -> RunEnd.nothing()));
        assertThat(Thread.interrupted())
                .as("the interrupt of the thread that starts the run is kept")
                .isTrue();
        assertThat(source.closed).hasValue(1);
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasMessageStartingWith("stage 'a' failed: ")
                .hasMessageContaining(noFactory ? "factory" : "thread");
    }

    @Test
    void failureToCloseTheIteratorDoesNotHideThatOfItsOwner() throws Exception {
        IteratorFeed feed = new IteratorFeed(
                () -> {
                    throw new AssertionError("not read");
                },
                () -> {
                    throw new IOException("owner");
                });
        assertThatThrownBy(feed::close).hasMessage("owner");

        class Bad implements Iterator<Object>, AutoCloseable {
            @Override
            public boolean hasNext() {
                return false;
            }

            @Override
            public Object next() {
                throw new AssertionError("empty");
            }

            @Override
            public void close() throws IOException {
                throw new IOException("iterator");
            }
        }
        IteratorFeed read = new IteratorFeed(Bad::new, () -> {
            throw new IOException("owner");
        });
        assertThat(read.next(new Meter())).isNull();
        assertThatThrownBy(read::close)
                .hasMessage("iterator")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .satisfies(s -> assertThat(s).hasMessage("owner")));
    }

    @Test
    void queueThatGivesNullInsteadOfWaitingFailsTheRun() throws InterruptedException {
        BlockingQueue<Object> queue = new LinkedBlockingQueue<>() {
            private static final long serialVersionUID = 1L;

            @Override
            public Object take() {
                return null;
            }
        };
        PipelineException failure =
                failureOf(runs.start(Pipeline.fromQueue(queue, "end").forEach("write", i -> {})));
        assertThat(failure)
                .hasRootCauseInstanceOf(NullPointerException.class)
                .hasRootCauseMessage("stage 'source': the item that the queue gave is null");
    }

    @Test
    void finisherOfACollectorThatNeedsNoneIsNotCalled() throws InterruptedException {
        Collector<Integer, ?, List<Integer>> collector = new Collector<Integer, List<Integer>, List<Integer>>() {
            @Override
            public Supplier<List<Integer>> supplier() {
                return ArrayList::new;
            }

            @Override
            public BiConsumer<List<Integer>, Integer> accumulator() {
                return List::add;
            }

            @Override
            public BinaryOperator<List<Integer>> combiner() {
                throw new AssertionError("combiner");
            }

            @Override
            public Function<List<Integer>, List<Integer>> finisher() {
                throw new AssertionError("finisher");
            }

            @Override
            public Set<Characteristics> characteristics() {
                return Set.of(Characteristics.IDENTITY_FINISH);
            }
        };
        assertThat(runs.run(Pipeline.from(upTo(3)).collect(collector))).containsExactly(0, 1, 2);
    }
}
