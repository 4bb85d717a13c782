package dev.sluice.pipeline;

import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pipelines that end in a queue, a publisher or a stream, and those that read one. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineSinkTest {
    private static final Integer END = Integer.valueOf(1_000_000);

    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();
    private BlockingQueue<Integer> full = new ArrayBlockingQueue<>(1);

    @AfterEach
    void letGoWhoPuts() {
        full.clear();
    }

    static List<ThreadKind> kinds() {
        return ThreadKinds.all();
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private static PipelineBuilder<Integer> failingAt(int n) {
        return Pipeline.from(range(0, 1000)).stage("work", i -> {
            if (i == n) {
                throw new IllegalStateException("work");
            }
            return i;
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void queueJoinsTwoPipelines(ThreadKind kind) throws InterruptedException {
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(2);
        PipelineRun<Void> first =
                runs.start(Shape.threads(kind, Pipeline.from(range(0, 1000))).toQueue(queue, END));
        List<Integer> items =
                runs.run(Shape.threads(kind, Pipeline.fromQueue(queue, END)).collect(toList()));
        first.await();
        assertThat(items).containsExactlyElementsOf(range(0, 1000));
        assertThat(first.stats().stages().get(1).name()).isEqualTo("queue");
    }

    @Test
    void endIsPutAfterAFailure() throws InterruptedException {
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(2);
        PipelineRun<Void> first = runs.start(failingAt(10).toQueue(queue, END));
        assertThat(runs.run(Pipeline.fromQueue(queue, END).collect(toList()))).containsExactlyElementsOf(range(0, 10));
        assertThatThrownBy(first::await).hasMessageContaining("work");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @DisplayName("scenario 31: a full queue that nobody reads does not hold up a cancel")
    void fullQueueDoesNotHoldUpACancel(ThreadKind kind) throws InterruptedException {
        CountDownLatch full = new CountDownLatch(1);
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1) {
            @Override
            public void put(Integer item) throws InterruptedException {
                super.put(item);
                full.countDown();
            }
        };
        CountDownLatch failed = new CountDownLatch(1);
        PipelineRun<Void> run = runs.start(Shape.threads(kind, Pipeline.from(range(0, 2)))
                .stage("work", i -> {
                    if (i == 1) {
                        full.await();
                        failed.countDown();
                        throw new IllegalStateException("work");
                    }
                    return i;
                })
                .toQueue(queue, END));
        failed.await();
        run.close();
        assertThat(queue).containsExactly(0);
    }

    @Test
    @DisplayName("scenario 43: closing the stream closes the run")
    void closingTheStreamClosesTheRun() throws InterruptedException {
        Pipeline<Stream<Integer>> pipeline =
                Pipeline.from(new Endless()).onDiscard(discarded).stage("a", i -> i, s -> s.capacity(3)).stream();
        PipelineRun<Stream<Integer>> run = runs.start(pipeline);
        try (Stream<Integer> items = run.await()) {
            assertThat(items.limit(100)).containsExactlyElementsOf(range(0, 100));
        }
        assertThat(run.execution.threads()).noneMatch(Thread::isAlive);
        assertThat(discarded.items()).isNotEmpty();
    }

    @Test
    void streamThrowsWhatTheRunFailedWith() throws InterruptedException {
        try (Stream<Integer> items = runs.start(failingAt(10).stream()).await()) {
            List<Integer> seen = new ArrayList<>();
            assertThatThrownBy(() -> items.forEach(seen::add)).isInstanceOf(PipelineException.class);
            assertThat(seen).containsExactlyElementsOf(range(0, 10));
        }
    }

    /** Remembers what it gets, and asks for as much as it is told to. */
    private static class Getter implements Flow.Subscriber<Integer> {
        final List<Integer> items = new ArrayList<>();
        final CountDownLatch done = new CountDownLatch(1);
        final CountDownLatch subscribed = new CountDownLatch(1);
        final long each;
        Flow.@Nullable Subscription subscription;

        @Nullable
        Throwable failure;

        Getter(long each) {
            this.each = each;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            subscribed.countDown();
            if (each > 0) {
                given.request(each);
            }
        }

        @Override
        public void onNext(Integer item) {
            items.add(item);
            if (each != Long.MAX_VALUE) {
                subscription.request(1);
            }
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
            done.countDown();
        }

        @Override
        public void onComplete() {
            done.countDown();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void publisherGivesAll(ThreadKind kind) throws InterruptedException {
        for (long each : List.of(1L, 7L, Long.MAX_VALUE)) {
            PipelineRun<Flow.Publisher<Integer>> run = runs.start(
                    Shape.threads(kind, Pipeline.from(range(0, 1000))).toPublisher());
            Getter getter = new Getter(each);
            run.await().subscribe(getter);
            getter.done.await();
            assertThat(getter.failure).isNull();
            assertThat(getter.items).containsExactlyElementsOf(range(0, 1000));
            runs.settle(run);
        }
    }

    @Test
    void publisherTellsTheFailureAfterTheItemsBeforeIt() throws InterruptedException {
        Getter getter = new Getter(3);
        runs.start(failingAt(10).toPublisher()).await().subscribe(getter);
        getter.done.await();
        assertThat(getter.items).containsExactlyElementsOf(range(0, 10));
        assertThat(getter.failure).isInstanceOf(PipelineException.class).hasMessageContaining("work");
    }

    @Test
    void publisherHasOneSubscriber() throws InterruptedException {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(range(0, 1000)).toPublisher());
        Getter first = new Getter(0);
        Getter second = new Getter(1);
        run.await().subscribe(first);
        run.await().subscribe(second);
        second.done.await();
        assertThat(second.failure).isInstanceOf(IllegalStateException.class);
        run.cancel();
        first.done.await();
        assertThat(first.failure).isInstanceOf(CancellationException.class);
    }

    @Test
    void subscriberThatComesAfterTheEndIsToldOfIt() throws InterruptedException {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(List.<Integer>of()).toPublisher());
        run.execution.threads().forEach(PipelineSinkTest::join);
        Getter late = new Getter(1);
        run.await().subscribe(late);
        late.done.await();
        assertThat(late.failure).isNull();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void subscriberThatCancelsCancelsTheRun() throws InterruptedException {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(new Endless()).onDiscard(discarded).toPublisher());
        CountDownLatch cancelled = new CountDownLatch(1);
        run.await().subscribe(new Flow.Subscriber<>() {
            private Flow.@Nullable Subscription subscription;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                given.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Integer item) {
                if (item == 100) {
                    subscription.cancel();
                    cancelled.countDown();
                }
                assertThat(item).isLessThanOrEqualTo(100);
            }

            @Override
            public void onError(Throwable thrown) {
                throw new AssertionError(thrown);
            }

            @Override
            public void onComplete() {
                throw new AssertionError("complete");
            }
        });
        cancelled.await();
        run.execution.threads().forEach(PipelineSinkTest::join);
        assertThat(discarded.items()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void readsAPublisher(ThreadKind kind) throws InterruptedException {
        try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(Runnable::run, 16)) {
            PipelineRun<List<Integer>> run = runs.start(
                    Shape.threads(kind, Pipeline.fromPublisher(publisher)).collect(toList()));
            while (publisher.getNumberOfSubscribers() == 0) {
                Thread.onSpinWait();
            }
            range(0, 10_000).forEach(publisher::submit);
            publisher.close();
            assertThat(run.await()).containsExactlyElementsOf(range(0, 10_000));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @DisplayName("scenario 47: a drain ends the subscription and delivers what has come")
    void drainEndsTheSubscription(ThreadKind kind) throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(10);
        try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(Runnable::run, 16)) {
            PipelineRun<Void> run = runs.start(
                    Shape.threads(kind, Pipeline.fromPublisher(publisher)).forEach("sink", i -> seen.countDown()));
            while (publisher.getNumberOfSubscribers() == 0) {
                Thread.onSpinWait();
            }
            range(0, 10).forEach(publisher::submit);
            seen.await();

            assertThat(run.drain(Duration.ofSeconds(30)).completed()).isTrue();
            assertThat(publisher.getNumberOfSubscribers()).isZero();
        }
    }

    @Test
    void publisherOfOneRunIsTheSourceOfAnother() throws InterruptedException {
        Flow.Publisher<Integer> publisher =
                runs.start(Pipeline.from(range(0, 50_000)).toPublisher()).await();
        assertThat(runs.run(Pipeline.fromPublisher(publisher).collect(toList())))
                .containsExactlyElementsOf(range(0, 50_000));
    }

    @Test
    void failureOfThePublisherComesAfterItsItems() throws InterruptedException {
        Flow.Publisher<Integer> publisher =
                runs.start(failingAt(10).toPublisher()).await();
        List<Integer> seen = new ArrayList<>();
        assertThatThrownBy(() -> runs.run(Pipeline.fromPublisher(publisher).forEach("sink", seen::add)))
                .isInstanceOf(PipelineException.class)
                .hasMessageContaining("stage 'source'")
                .hasMessageContaining("work");
        assertThat(seen).containsExactlyElementsOf(range(0, 10));
    }

    @Test
    @DisplayName("scenario 43: what a publisher gave and nobody took is told, and its subscription cancelled")
    void cancelledRunCancelsTheSubscription() throws InterruptedException {
        PipelineRun<Flow.Publisher<Integer>> first =
                runs.start(Pipeline.from(new Endless()).toPublisher());
        CountDownLatch seen = new CountDownLatch(1);
        PipelineRun<Void> second = runs.start(
                Pipeline.fromPublisher(first.await()).onDiscard(discarded).forEach("sink", i -> {
                    seen.countDown();
                    new CountDownLatch(1).await();
                }));
        seen.await();
        second.close();
        first.execution.threads().forEach(PipelineSinkTest::join);
        StageStats source = second.stats().stages().get(0);
        assertThat(discarded.items("source")).hasSize((int) (source.discarded() + source.discardedInQueue()));
    }

    @Test
    void publisherThatGivesMoreThanItWasAskedForFailsTheRun() {
        assertThatThrownBy(() -> runs.run(Pipeline.<Integer>fromPublisher(subscriber ->
                                subscriber.onSubscribe(new Flow.Subscription() {
                                    @Override
                                    public void request(long n) {
                                        for (int i = 0; i <= n; i++) {
                                            subscriber.onNext(i);
                                        }
                                    }

                                    @Override
                                    public void cancel() {}
                                }))
                        .forEach("sink", i -> {})))
                .hasMessageContaining("stage 'source'")
                .hasMessageContaining("more items than it was asked for");
    }

    @Test
    void fragmentIsTestedAloneAndJoined() throws InterruptedException {
        Fragment<String, Integer> parsing = Fragment.of(
                "parsing", lines -> lines.stage("parse", Integer::valueOf).filter(i -> i > 1));
        Fragment<Integer, Integer> doubling =
                Fragment.of("doubling", items -> items.map(i -> 2 * i).stage("add", i -> i + 1));
        assertThat(runs.run(Pipeline.from(List.of("1", "2", "3")).then(parsing).collect(toList())))
                .containsExactly(2, 3);
        Fragment<String, Integer> both = parsing.then(doubling);
        PipelineBuilder<Integer> twice = Pipeline.from(List.of("1", "2", "3"))
                .then(both)
                .map(String::valueOf)
                .then(both.named("again"));
        assertThat(twice)
                .hasToString("PipelineBuilder[source -> parsing.parse -> doubling.add -> again.parsing.parse"
                        + " -> again.doubling.add]");
        assertThat(runs.run(twice.stage("last", i -> i).collect(toList()))).containsExactly(11, 15);
        assertThatThrownBy(() -> twice.then(doubling).then(doubling))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'doubling.add'");
    }

    @Test
    void fragmentGoesOnFromWhatItIsGiven() {
        Fragment<Integer, Integer> strange = Fragment.of("strange", items -> Pipeline.from(List.of(1)));
        assertThatThrownBy(() -> Pipeline.from(List.of(1)).then(strange))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the steps of 'strange' must go on from what they are given");
        Fragment<Integer, Integer> none = Fragment.of("none", items -> null);
        assertThatThrownBy(() -> Pipeline.from(List.of(1)).then(none)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void queueOfItemsThatAreNotPutIsGivenUp() throws InterruptedException {
        BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
        runs.run(Pipeline.from(List.<Integer>of()).toQueue(queue, END));
        assertThat(queue).containsExactly(END);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @DisplayName("scenario 43: a run whose end finds the queue full ends when it is closed")
    void closeFreesWhoPutsTheEnd(ThreadKind kind) throws Exception {
        CountDownLatch atTheEnd = new CountDownLatch(1);
        BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1) {
            @Override
            public void put(Integer item) throws InterruptedException {
                if (item.equals(END)) {
                    atTheEnd.countDown();
                }
                super.put(item);
            }
        };
        full = queue;
        PipelineRun<Void> run =
                runs.start(Shape.threads(kind, Pipeline.from(List.of(1))).toQueue(queue, END));
        atTheEnd.await();
        new Crew(kind).run(run::close).result();
        assertThat(queue).containsExactly(1);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void runEndsWhenItsSubscriberThrowsAtOnce(ThreadKind kind) throws InterruptedException {
        PipelineRun<Flow.Publisher<Integer>> run = runs.start(Shape.threads(kind, Pipeline.from(new Endless()))
                .onDiscard(discarded)
                .toPublisher());
        Flow.Publisher<Integer> publisher = run.await();
        Getter getter = new Getter(0) {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                throw new IllegalStateException("not that one");
            }
        };
        assertThatThrownBy(() -> publisher.subscribe(getter)).hasMessage("not that one");
        await().until(() -> run.execution.threads().stream().noneMatch(Thread::isAlive));
        assertThat(getter.items).isEmpty();
        assertThat(getter.failure).isNull();
    }
}
