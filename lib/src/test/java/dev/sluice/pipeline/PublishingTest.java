package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Logged;
import dev.sluice.testing.Waiting;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
class PublishingTest {
    @RegisterExtension
    final Runs runs = new Runs();

    /** Asks for an item and stays in {@code onSubscribe} until all threads of the run have come to rest. */
    private static final class Slow implements Flow.Subscriber<Integer> {
        private final PipelineRun<?> run;
        private final CountDownLatch first = new CountDownLatch(1);
        private volatile boolean subscribing;
        private volatile boolean calledMeanwhile;

        Slow(PipelineRun<?> run) {
            this.run = run;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscribing = true;
            subscription.request(1);
            Waiting.untilWaiting(run.execution.threads());
            subscribing = false;
        }

        @Override
        public void onNext(Integer item) {
            calledMeanwhile |= subscribing;
            first.countDown();
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    @Test
    @DisplayName("reactive streams 1.3: an item that was asked for in onSubscribe comes after it")
    void itemComesAfterOnSubscribe() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.fromStream(Stream.iterate(0, i -> i + 1)).toPublisher());
        Slow subscriber = new Slow(run);
        run.await().subscribe(subscriber);
        assertThat(subscriber.first.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(subscriber.calledMeanwhile).isFalse();
        run.close();
    }

    /** Takes what comes, and asks for it as the test says. */
    private static class Asking implements Flow.Subscriber<Integer> {
        final List<Integer> items = new CopyOnWriteArrayList<>();
        final CountDownLatch done = new CountDownLatch(1);
        private final long[] atFirst;
        volatile Flow.@Nullable Subscription subscription;

        @Nullable
        volatile Throwable failure;

        Asking(long... atFirst) {
            this.atFirst = atFirst;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            for (long each : atFirst) {
                given.request(each);
            }
        }

        @Override
        public void onNext(Integer item) {
            items.add(item);
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

        void awaitEnd() throws InterruptedException {
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Waits until the subscriber has got so many, and the worker that gives them waits for something. */
    private static void untilItWaits(PipelineRun<?> run, Asking subscriber, int items) {
        Hand worker = run.execution.stage("publisher").workers().get(0);
        await().until(() -> subscriber.items.size() >= items && worker.atWork() == null);
        Waiting.untilWaiting(run.execution.threads().stream()
                .filter(thread -> thread.getName().contains("-publisher-"))
                .toList());
    }

    @Test
    @DisplayName("who gives an item does not count as waiting, though he has waited until it was wanted")
    void whoGivesAnItemDoesNotWait() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(List.of(0, 1)).toPublisher());
        Hand worker = run.execution.stage("publisher").workers().get(0);
        List<Boolean> atWork = new CopyOnWriteArrayList<>();
        Asking subscriber = new Asking(1) {
            @Override
            public void onNext(Integer item) {
                atWork.add(worker.atWork() == Thread.currentThread());
                super.onNext(item);
            }
        };
        run.await().subscribe(subscriber);
        untilItWaits(run, subscriber, 1);
        subscriber.subscription.request(1);
        subscriber.awaitEnd();
        assertThat(atWork).containsExactly(true, true);
    }

    // The run gives a publisher of such items.
    @SuppressWarnings("unchecked")
    private static void subscribe(Object publisher, Flow.Subscriber<Integer> subscriber) {
        ((Flow.Publisher<Integer>) publisher).subscribe(subscriber);
    }

    @Test
    @DisplayName("promise 3: a failure of which the subscriber has been told is not logged when the run is closed")
    void failureThatTheSubscriberHasSeenIsNotLogged() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.fromStream(Stream.iterate(0, i -> i + 1)).toPublisher());
        Asking subscriber = new Asking();
        // Not by await(), whose caller is told of the failure, too.
        subscribe(run.execution.result().join(), subscriber);
        run.execution.failNow(new PipelineException("source", 0, new IOException()));
        subscriber.awaitEnd();
        assertThat(subscriber.failure).isInstanceOf(PipelineException.class);
        assertThat(Logged.during(run::close)).doesNotContain("nobody asked");
    }

    @Test
    @DisplayName("reactive streams 1.1: no more items come than are asked for, and as many when there are so many")
    void asManyComeAsAreAskedFor() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(List.of(0, 1, 2, 3, 4, 5, 6, 7)).toPublisher());
        Asking subscriber = new Asking(1, 2);
        run.await().subscribe(subscriber);
        untilItWaits(run, subscriber, 3);
        assertThat(subscriber.items).containsExactly(0, 1, 2);
        subscriber.subscription.request(1);
        untilItWaits(run, subscriber, 4);
        assertThat(subscriber.items).containsExactly(0, 1, 2, 3);
        subscriber.subscription.request(Long.MAX_VALUE - 1);
        subscriber.subscription.request(Long.MAX_VALUE);
        subscriber.awaitEnd();
        assertThat(subscriber.items).hasSize(8);
        assertThat(subscriber.failure).isNull();
    }

    @Test
    @DisplayName("reactive streams 3.9: who asks for nothing is told so, and the run is cancelled")
    void whoAsksForNothingIsToldSo() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(new Endless()).toPublisher());
        Asking subscriber = new Asking(1);
        run.await().subscribe(subscriber);
        untilItWaits(run, subscriber, 1);
        subscriber.subscription.request(0);
        subscriber.awaitEnd();
        assertThat(subscriber.failure)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3.9");
        Waiting.untilEnded(run.execution.threads());
        assertThat(subscriber.items).hasSize(1);
    }

    @Test
    @DisplayName("reactive streams 3.7: a cancel after the end does nothing")
    void cancelAfterTheEndDoesNothing() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(List.of(1)).toPublisher());
        Asking subscriber = new Asking(1) {
            @Override
            public void onComplete() {
                subscription.cancel();
                super.onComplete();
            }
        };
        run.await().subscribe(subscriber);
        subscriber.awaitEnd();
        Waiting.untilEnded(run.execution.threads());
        assertThat(run.execution.failure()).isNull();
    }

    @Test
    @DisplayName("reactive streams 2.13: a subscriber that throws gets nothing more, and the run fails")
    void subscriberThatThrowsGetsNothingMore() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(List.of(0, 1, 2)).toPublisher());
        Asking subscriber = new Asking(3) {
            @Override
            public void onNext(Integer item) {
                super.onNext(item);
                if (item == 1) {
                    throw new IllegalStateException("not that one");
                }
            }
        };
        run.await().subscribe(subscriber);
        Waiting.untilEnded(run.execution.threads());
        assertThat(subscriber.items).containsExactly(0, 1);
        assertThat(subscriber.failure).isNull();
        assertThat(subscriber.done.getCount()).isEqualTo(1);
        assertThat(run.execution.failure()).hasRootCauseMessage("not that one");
    }

    @Test
    void whoIsNobodyIsRefused() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(List.of(0)).toPublisher());
        Flow.Publisher<Integer> publisher = run.await();
        assertThatThrownBy(() -> publisher.subscribe(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName("reactive streams 1.9: who comes second gets a subscription before he is told so, and it does nothing")
    void secondSubscriberGetsASubscriptionToo() throws Exception {
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.from(new Endless()).toPublisher());
        Asking first = new Asking(1);
        run.await().subscribe(first);
        List<String> told = new ArrayList<>();
        run.await().subscribe(new Asking(1) {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                told.add("subscription");
                given.request(1);
                given.cancel();
            }

            @Override
            public void onError(Throwable thrown) {
                told.add("failure");
            }
        });
        assertThat(told).containsExactly("subscription", "failure");
        untilItWaits(run, first, 1);
        assertThat(first.items).hasSize(1);
        assertThat(run.execution.failure()).isNull();
        assertThat(run.await()).hasToString("Publisher[" + run.execution + "]");
    }

    @Test
    @DisplayName("promise 2: what the subscriber has got is acknowledged, and what he has not is refused")
    void whatIsNotGivenIsRefused() throws Exception {
        Told source = new Told(5);
        PipelineRun<Flow.Publisher<Integer>> run =
                runs.start(Pipeline.fromSource(source).toPublisher());
        Asking subscriber = new Asking(2);
        run.await().subscribe(subscriber);
        untilItWaits(run, subscriber, 2);
        run.cancel();
        subscriber.awaitEnd();
        runs.settle(run);
        source.assertComplete();
        assertThat(source.acked()).containsExactlyInAnyOrder(0, 1);
    }
}
