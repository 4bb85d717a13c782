package dev.sluice.checks;

import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineRun;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterMethod;

/** The rules of reactive streams for a publisher, applied to the publisher of a run's results. */
public final class ResultPublisherVerification extends FlowPublisherVerification<Integer> {
    private final List<PipelineRun<?>> runs = new ArrayList<>();

    public ResultPublisherVerification() {
        super(new TestEnvironment(ReactiveStreamsTest.LONGEST_WAIT_MILLIS, ReactiveStreamsTest.SILENCE_MILLIS));
    }

    @AfterMethod
    public void endRuns() {
        runs.forEach(PipelineRun::close);
        runs.clear();
    }

    @Override
    public Flow.Publisher<Integer> createFlowPublisher(long elements) {
        return publisher(elements, -1);
    }

    @Override
    public Flow.Publisher<Integer> createFailedFlowPublisher() {
        return publisher(1, 0);
    }

    private Flow.Publisher<Integer> publisher(long elements, int failsAt) {
        PipelineRun<Flow.Publisher<Integer>> run = Pipeline.from(() -> upTo(elements))
                .stage("work", i -> {
                    if (i == failsAt) {
                        throw new IllegalStateException("as it is to be");
                    }
                    return i;
                })
                .toPublisher()
                .start();
        runs.add(run);
        try {
            return run.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Iterator<Integer> upTo(long elements) {
        return new Iterator<>() {
            private long next;

            @Override
            public boolean hasNext() {
                return next < elements;
            }

            @Override
            public Integer next() {
                return (int) (next++ & Integer.MAX_VALUE);
            }
        };
    }
}
