package dev.sluice.benchmarks;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.util.function.Supplier;

/** What {@link PipelineBenchmark} compares. */
public enum PipelineKind {
    /** Ours. */
    SLUICE(SluicePipeline::new),
    /** Threads and queues of the JDK. */
    JDK_THREADS(ThreadsPipeline::new),
    /** The same, taking all that is there. */
    JDK_THREADS_DRAINING(DrainingPipeline::new),
    /** A stage after the other over the whole batch, as before there were pipelines. */
    BATCH_AT_A_TIME(BatchPipeline::new),
    /** Project Reactor. */
    REACTOR(ReactorPipeline::new),
    /** RxJava. */
    RXJAVA(RxJavaPipeline::new),
    /** Pekko Streams. */
    PEKKO(PekkoPipeline::new),
    /** Jox channels between virtual threads, which it is made for. */
    JOX(() -> NewerJdk.make("JoxPipeline", PipelinePeer.class, 21)),
    /** LMAX Disruptor with its default: who has nothing to do sleeps. */
    DISRUPTOR_BLOCKING(() -> new DisruptorPipeline(BlockingWaitStrategy::new)),
    /** LMAX Disruptor as it is mostly set where throughput counts: who has nothing to do yields. */
    DISRUPTOR_YIELDING(() -> new DisruptorPipeline(YieldingWaitStrategy::new)),
    /** JCTools' rings, yielding: the limit for those that sleep. */
    JCTOOLS_YIELDING(RingsPipeline::new),
    /** {@code Gatherers.mapConcurrent} of the JDK, with virtual threads; ordered. */
    JDK_MAP_CONCURRENT(() -> NewerJdk.make("MapConcurrentPipeline", PipelinePeer.class, 24)),
    /** parallel-collectors, on four threads. */
    PARALLEL_COLLECTORS(() -> NewerJdk.make("ParallelCollectorsPipeline", PipelinePeer.class, 21));

    private final Supplier<PipelinePeer> maker;

    PipelineKind(Supplier<PipelinePeer> maker) {
        this.maker = maker;
    }

    PipelinePeer peer() {
        return maker.get();
    }
}
