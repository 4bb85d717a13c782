package dev.sluice.checks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowSubscriberBlackboxVerification;
import org.testng.annotations.AfterMethod;

/** The rules of reactive streams for a subscriber, applied to that of a run whose source is a publisher. */
public final class SourceSubscriberVerification extends FlowSubscriberBlackboxVerification<Integer> {
    private final List<PipelineRun<?>> runs = new ArrayList<>();

    public SourceSubscriberVerification() {
        super(new TestEnvironment(ReactiveStreamsTest.LONGEST_WAIT_MILLIS, ReactiveStreamsTest.SILENCE_MILLIS));
    }

    @AfterMethod
    public void endRuns() {
        runs.forEach(PipelineRun::close);
        runs.clear();
    }

    @Override
    @SuppressWarnings("unchecked")
    public Flow.Subscriber<Integer> createFlowSubscriber() {
        CompletableFuture<Flow.Subscriber<? super Integer>> subscriber = new CompletableFuture<>();
        PipelineRun<Void> run = Pipeline.<Integer>fromPublisher(subscriber::complete)
                .forEach("sink", i -> {})
                .start();
        runs.add(run);
        return (Flow.Subscriber<Integer>) subscriber.join();
    }

    @Override
    public Integer createElement(int element) {
        return element;
    }
}
