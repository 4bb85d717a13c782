package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A definition of stages, joined by bounded queues, that can be run.
 *
 * <pre>{@code
 * List<Row> rows = Pipeline.from(lines)
 *         .stage("parse", Row::parse, s -> s.onError(OnError.skip()))
 *         .stage("enrich", this::enrich, s -> s.workers(8).ordered())
 *         .collect(Collectors.toList())
 *         .run();
 * }</pre>
 *
 * <p>The source is read by a thread of its own ({@code source}); each stage and sink has a queue and a worker of its
 * own, or several. What is written inline ({@code map}, {@code filter}, {@code flatMap}, {@code peek}) runs in the
 * stage it follows.
 *
 * <p>Bounds: every queue has a capacity and every ordered stage a window. When the next stage has no room a stage
 * waits, and so does the source in the end.
 *
 * <p>Order: a stage with one worker, and an ordered one, hands its results on in the order of its input; the results of
 * one input stay together. Other stages hand them on as they come. Workers take their inputs in queue order.
 *
 * <p>Safe for use by several threads; it never changes. It may be run many times, and twice at once, the runs being
 * independent; a pipeline that reads an iterator, a stream or a queue can be run once.
 *
 * <p>Interruption: {@link #run()} can be interrupted, which cancels. The library interrupts the user's code only when
 * its work can no longer be delivered. What that code leaves of an interrupt is cleared before the next item.
 *
 * <p>Failure: see {@link OnError} and {@link PipelineException}. Every end reaches both directions: stages upstream are
 * freed and stopped, those downstream learn of it after what they had got.
 *
 * @param <R> what a run gives
 */
public final class Pipeline<R extends @Nullable Object> {
    private static final AtomicInteger UNNAMED = new AtomicInteger();

    private final String name;
    private final Plan plan;

    Pipeline(Definition definition, RunEnd.Factory end) {
        this(Plan.of(definition, end));
    }

    private Pipeline(Plan plan) {
        String given = plan.name();
        this.name = given != null ? given : "pipeline-" + UNNAMED.incrementAndGet();
        this.plan = plan;
    }

    /**
     * Reads an Iterable: its iterator is asked for in each run, by the run's source thread. If the iterator is {@link
     * AutoCloseable} it is closed at the end of the run, whatever the end.
     *
     * @param <T> the items
     * @param items the source; must not give null
     * @return a builder
     */
    public static <T> PipelineBuilder<T> from(Iterable<? extends T> items) {
        return new PipelineBuilder<>(Definition.from(Origin.iterable(Check.notNull("items", items))));
    }

    /**
     * Reads an iterator, once: a second start throws {@code IllegalStateException}. If it is {@link AutoCloseable} it
     * is closed at the end of the run, whatever the end.
     *
     * @param <T> the items
     * @param items the source; must not give null
     * @return a builder
     */
    public static <T> PipelineBuilder<T> fromIterator(Iterator<? extends T> items) {
        return new PipelineBuilder<>(Definition.from(Origin.iterator(Check.notNull("items", items))));
    }

    /**
     * Reads a stream, once: a second start throws {@code IllegalStateException}. It is closed at the end of the run,
     * whatever the end.
     *
     * @param <T> the items
     * @param items the source; must not give null
     * @return a builder
     */
    public static <T> PipelineBuilder<T> fromStream(Stream<? extends T> items) {
        return new PipelineBuilder<>(Definition.from(Origin.stream(Check.notNull("items", items))));
    }

    /**
     * Reads a stream of its own in each run, and closes it at the end of the run, whatever the end.
     *
     * @param <T> the items
     * @param streams asked for a stream in each run, by the run's source thread
     * @return a builder
     */
    public static <T> PipelineBuilder<T> fromEach(Supplier<? extends Stream<? extends T>> streams) {
        return new PipelineBuilder<>(Definition.from(Origin.streams(Check.notNull("streams", streams))));
    }

    /**
     * Takes from a queue until it gives {@code end}, in one run: a second start throws {@code IllegalStateException}.
     * What a run that fails or is cancelled has not taken stays in the queue.
     *
     * @param <T> the items
     * @param queue the source
     * @param end says that there are no more items; compared by identity (so not a boxed number) and not
     *     delivered
     * @return a builder
     */
    public static <T> PipelineBuilder<T> fromQueue(BlockingQueue<T> queue, T end) {
        Check.notNull("queue", queue);
        return new PipelineBuilder<>(Definition.from(Origin.queue(queue, Check.notNull("end", end))));
    }

    /**
     * Reads a publisher: each run subscribes to it, asks for as many items as its queue has room for, and cancels the
     * subscription when it ends before the publisher does. An {@code onError} fails the run, after the items from before
     * it.
     *
     * @param <T> the items
     * @param publisher the source
     * @return a builder
     */
    public static <T> PipelineBuilder<T> fromPublisher(Flow.Publisher<? extends T> publisher) {
        return new PipelineBuilder<>(Definition.from(Origin.publisher(Check.notNull("publisher", publisher))));
    }

    /**
     * Reads a source that is told what became of its items, once: a second start throws {@code IllegalStateException}.
     * Stages of such a pipeline cannot have a queue of the user's choice.
     *
     * @param <T> the items
     * @param source the source; closed at the end of the run, whatever the end
     * @return a builder
     */
    public static <T> PipelineBuilder<T> fromSource(Source<? extends T> source) {
        return new PipelineBuilder<>(Definition.from(Origin.source(Check.notNull("source", source))));
    }

    /**
     * Merges several beginnings: what follows gets the items of all, as they come, and ends when all have ended. They may
     * be pipelines with sources of their own or branches of a {@link FanOut}. What runs inline behind this runs in the
     * threads of the stages before it.
     *
     * <p>When one of them fails the others are stopped, too. Of what can be set once for a pipeline (name, threads, discard
     * handler) the first that is set counts.
     *
     * @param <T> the items
     * @param beginnings at least one
     * @return a builder that goes on from all of them
     * @throws IllegalArgumentException when two stages have the same name
     */
    @SafeVarargs
    public static <T> PipelineBuilder<T> merge(PipelineBuilder<? extends T>... beginnings) {
        Check.atLeast("beginnings", beginnings.length, 1);
        List<Definition> parts = new ArrayList<>();
        for (PipelineBuilder<? extends T> beginning : beginnings) {
            parts.add(Check.notNull("beginning", beginning).definition());
        }
        return new PipelineBuilder<>(Definition.merge(parts));
    }

    /**
     * Adds a pipeline that ends in a sink, so that both run as one: together they end, and fail. What both have in
     * common, up to the branches of a {@link FanOut}, is there once.
     *
     * @param other another pipeline
     * @return a pipeline whose runs give what those of this one give
     * @throws IllegalArgumentException when two stages have the same name
     */
    public Pipeline<R> with(Pipeline<@Nullable Void> other) {
        return new Pipeline<>(plan.with(Check.notNull("other", other).plan));
    }

    /**
     * Runs the pipeline and waits for its end; all of its threads have ended then. When it ends in an iterator this
     * gives the iterator at once, which has to be closed.
     *
     * @return what the run gives
     * @throws InterruptedException when the thread is interrupted while it waits; the run is cancelled and all its
     *     threads have ended then
     * @throws PipelineException when the run fails
     * @throws IllegalStateException when the source can be read once only and has been
     * @throws IllegalArgumentException when a queue of the user's choice is not empty or cannot hold an element
     */
    public R run() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return start().awaitAndClose();
    }

    /**
     * Starts a run and does not wait for it. When a thread cannot be started, the run fails.
     *
     * @return the run
     * @throws IllegalStateException when the source can be read once only and has been
     * @throws IllegalArgumentException when a queue of the user's choice is not empty or cannot hold an element
     */
    public PipelineRun<R> start() {
        Execution execution = new Execution(name, plan);
        execution.start();
        return new PipelineRun<>(execution);
    }

    /** Says the name and the stages. */
    @Override
    public String toString() {
        return "Pipeline[" + name + ": " + plan.outline() + "]";
    }
}
