package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Waiting;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
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
}
