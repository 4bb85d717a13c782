package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import dev.sluice.internal.CheckReturnValue;
import dev.sluice.internal.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Defines a pipeline step by step; begun with one of the {@code from} methods of {@link Pipeline}, ended with {@code
 * forEach}, {@code collect} or {@code iterator}.
 *
 * <p>It never changes: each method returns a new builder, so that a beginning can be continued in several ways; a
 * result that is not used has no effect. Safe for use by several threads.
 *
 * @param <T> the items at this place
 */
@CheckReturnValue
public final class PipelineBuilder<T> {
    private final Definition definition;

    PipelineBuilder(Definition definition) {
        this.definition = definition;
    }

    Definition definition() {
        return definition;
    }

    /**
     * Names the pipeline. Its threads are called {@code <name>-<stage>-1} and so on.
     *
     * @param name not blank; {@code pipeline-1} and so on when not set
     * @return a builder
     */
    public PipelineBuilder<T> name(String name) {
        return new PipelineBuilder<>(definition.named(Definition.notBlank(name)));
    }

    /**
     * All threads of a run are virtual ones.
     *
     * @return a builder
     * @throws UnsupportedOperationException on a JDK before 21
     */
    public PipelineBuilder<T> virtualThreads() {
        Threads.requireVirtual();
        return new PipelineBuilder<>(definition.threads(Threads::virtual));
    }

    /**
     * Replaces each item by what the function returns; inline, in the thread of the stage before, whose {@link OnError}
     * applies. Behind the source a failure always fails the run: what may fail and be skipped there is a {@code stage}.
     *
     * @param <R> the results
     * @param function must not return null
     * @return a builder
     */
    public <R> PipelineBuilder<R> map(StageFunction<? super T, ? extends R> function) {
        return with(Op.map(function("function", function)));
    }

    /**
     * Lets only those items through that the predicate accepts; inline, in the thread of the stage before. The others
     * are counted as filtered.
     *
     * @param predicate says which
     * @return a builder
     */
    // Items at this place are of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    public PipelineBuilder<T> filter(StagePredicate<? super T> predicate) {
        return with(Op.filter((StagePredicate<Object>) Check.notNull("predicate", predicate)));
    }

    /**
     * Replaces each item by the elements of what the function returns; inline, in the thread of the stage before. The
     * elements are handed on as the Iterable gives them, so it may be without an end.
     *
     * @param <R> the results
     * @param function must not return null, nor an Iterable that gives null
     * @return a builder
     */
    public <R> PipelineBuilder<R> flatMap(StageFunction<? super T, ? extends Iterable<? extends R>> function) {
        return with(Op.flatMap(function("function", function)));
    }

    /**
     * Looks at each item and hands it on; inline, in the thread of the stage before.
     *
     * @param action what to do with each
     * @return a builder
     */
    public PipelineBuilder<T> peek(StageConsumer<? super T> action) {
        return with(Op.peek(consumer("action", action)));
    }

    /**
     * Adds a stage with a queue and one worker.
     *
     * @param <R> the results
     * @param name not blank, used once in a pipeline; {@code source}, {@code collect} and {@code iterator} are
     *     taken
     * @param function must not return null
     * @return a builder
     */
    public <R> PipelineBuilder<R> stage(String name, StageFunction<? super T, ? extends R> function) {
        return stage(name, function, options -> {});
    }

    /**
     * Adds a stage with a queue and workers of its own.
     *
     * @param <R> the results
     * @param name not blank, used once in a pipeline; {@code source}, {@code collect} and {@code iterator} are
     *     taken
     * @param function must not return null; called by several threads at once when there are several workers
     * @param options sets the stage's options, once, here
     * @return a builder
     * @throws IllegalArgumentException when the name is blank or taken, or the options do not go together
     */
    public <R> PipelineBuilder<R> stage(
            String name, StageFunction<? super T, ? extends R> function, Consumer<? super StageOptions<T>> options) {
        String free = definition.free(Check.notNull("name", name));
        Op op = Op.own(PipelineBuilder.<Object>function("function", function));
        return with(StageDefinition.of(free, asked(options).settings(), op));
    }

    /**
     * Gathers items into lists; a stage of its own, called {@code batch}, or {@code batch-2} and so on
     * when that name is taken. A list is
     * handed on when it is full, when {@code maxWait} has passed since its first item was taken, or when there are no
     * more items. Lists are never empty and cannot be changed.
     *
     * @param size the most items in a list, at least 1
     * @param maxWait how long an item waits for others; zero: takes only what is there
     * @return a builder
     */
    public PipelineBuilder<List<T>> batch(int size, Duration maxWait) {
        Check.atLeast("size", size, 1);
        long nanos = Check.nanos("maxWait", maxWait);
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException("maxWait must not be negative but was " + maxWait);
        }
        return with(StageDefinition.numbered(
                definition.scope() + Definition.BATCH, link -> new BatchIntake(link, size, nanos)));
    }

    /**
     * Adds a stage at which the pipeline goes on in several branches.
     *
     * @param name not blank, used once in a pipeline; {@code source}, {@code collect} and {@code iterator} are
     *     taken
     * @param route says which branches an item goes to
     * @return what makes the branches
     */
    public FanOut<T> fanOut(String name, Route<? super T> route) {
        String free = definition.free(Check.notNull("name", name));
        return new FanOut<>(definition.with(StageDefinition.fork(free, Check.notNull("route", route))));
    }

    /**
     * Sets who is told of items that are discarded; see {@link DiscardHandler}. One for the whole pipeline: the last
     * that is set.
     *
     * @param handler is told
     * @return a builder
     */
    public PipelineBuilder<T> onDiscard(DiscardHandler handler) {
        return new PipelineBuilder<>(definition.onDiscard(Check.notNull("handler", handler)));
    }

    /**
     * Sets who is told how far a run is: about once in each period while it goes on, and once when it has ended, before
     * it gives its result. One for the whole pipeline: the last that is set.
     *
     * <p>The listener is called by a thread of its own of each run, {@code <name>-progress-1}; while it works there are no
     * further calls, and the end of the run waits for it. It must not wait for the run. What it throws is logged once.
     *
     * @param period longer than zero
     * @param listener is told
     * @return a builder
     */
    public PipelineBuilder<T> onProgress(Duration period, ProgressListener listener) {
        long nanos = Check.nanos("period", period);
        if (nanos == 0) {
            throw new IllegalArgumentException("period must be longer than zero but was " + period);
        }
        return new PipelineBuilder<>(
                definition.onProgress(new Progress.Choice(nanos, Check.notNull("listener", listener))));
    }

    /**
     * Ends the pipeline with a sink with a queue and one worker.
     *
     * @param name not blank, used once in a pipeline; {@code source}, {@code collect} and {@code iterator} are
     *     taken
     * @param sink takes each item
     * @return the pipeline
     */
    public Pipeline<@Nullable Void> forEach(String name, StageConsumer<? super T> sink) {
        return forEach(name, sink, options -> {});
    }

    /**
     * Ends the pipeline with a sink with a queue and workers of its own.
     *
     * @param name not blank, used once in a pipeline; {@code source}, {@code collect} and {@code iterator} are
     *     taken
     * @param sink takes each item; called by several threads at once when there are several workers
     * @param options sets the sink's options, once, here
     * @return the pipeline
     * @throws IllegalArgumentException when the sink is to be ordered and have several workers: what several workers do
     *     at once has no order
     */
    public Pipeline<@Nullable Void> forEach(
            String name, StageConsumer<? super T> sink, Consumer<? super StageOptions<T>> options) {
        String free = definition.free(Check.notNull("name", name));
        Op op = Op.ownSink(consumer("sink", sink));
        Settings settings = asked(options).sinkSettings(name);
        return new Pipeline<>(
                definition.with(StageDefinition.of(free, settings, op)), (execution, inputs) -> RunEnd.nothing());
    }

    /**
     * Ends the pipeline by collecting its items, in a stage of its own called {@code collect}, with one worker.
     *
     * @param <R> what a run gives
     * @param collector makes it; its functions are called by that worker's thread alone
     * @return the pipeline
     */
    public <R> Pipeline<R> collect(Collector<? super T, ?, R> collector) {
        Check.notNull("collector", collector);
        return new Pipeline<>(
                definition.with(StageDefinition.numbered(Definition.COLLECT, LinkIntake::new)),
                (execution, inputs) -> new Collecting(execution, collector));
    }

    /**
     * Ends the pipeline with an iterator, which a run gives at once and which has to be closed.
     *
     * @return the pipeline
     */
    public Pipeline<ItemIterator<T>> iterator() {
        return reading(reader -> reader);
    }

    /**
     * Ends the pipeline with a stream, which a run gives at once and which has to be closed: that closes the run as {@link
     * ItemIterator#close} does. It is sequential, and its methods throw what those of {@link ItemIterator} do.
     *
     * @return the pipeline
     */
    public Pipeline<Stream<T>> stream() {
        return reading(reader -> StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(reader, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .onClose(reader::close));
    }

    private <V> Pipeline<V> reading(Function<? super LinkIterator, Object> view) {
        return new Pipeline<>(
                definition,
                (execution, inputs) ->
                        new LinkIterator(execution, execution.readersLink(Definition.ITERATOR, inputs), view));
    }

    /**
     * Ends the pipeline with a publisher for one subscriber, which a run gives at once; a second one is refused with {@code
     * onError}. The items are published by a stage of its own, called {@code publisher}, as fast as the subscriber asks
     * for them; until then the run works ahead as far as its queues reach, and waits. {@code onNext} is called by that
     * stage's worker.
     *
     * <p>A failure of the run reaches the subscriber as {@link PipelineException}, after the items from before it; a cancelled
     * run as {@link java.util.concurrent.CancellationException}. A subscriber that cancels cancels the run. When it may be
     * that nobody subscribes, use {@link Pipeline#start()} and close the run.
     *
     * @return the pipeline
     */
    public Pipeline<Flow.Publisher<T>> toPublisher() {
        return new Pipeline<>(
                definition.with(StageDefinition.numbered(Definition.PUBLISHER, LinkIntake::new)),
                (execution, inputs) -> new Publishing(execution));
    }

    /**
     * Ends the pipeline by putting its items into a queue, in a stage of its own called {@code queue}; behind the last of
     * them it puts {@code end}. It waits when the queue has no room.
     *
     * <p>{@code end} is put whatever the end of the run, so that who reads the queue comes to an end, too; {@link
     * PipelineRun#await()} says whether the run has failed. Only when the run is cancelled, or fails by {@link
     * OnError#failNow()}, and the queue has no room just then, it is not put.
     *
     * @param queue takes the items
     * @param end says that there are no more items
     * @return the pipeline
     */
    // The queue takes what is of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    public Pipeline<@Nullable Void> toQueue(BlockingQueue<? super T> queue, T end) {
        BlockingQueue<Object> into = (BlockingQueue<Object>) Check.notNull("queue", queue);
        Check.notNull("end", end);
        return new Pipeline<>(
                definition.with(StageDefinition.numbered(Definition.QUEUE, LinkIntake::new, Op.peek(into::put))),
                (execution, inputs) -> new QueueEnd(into, end));
    }

    /**
     * Adds a piece of pipeline.
     *
     * @param <R> what comes out of it
     * @param fragment the piece
     * @return a builder
     * @throws IllegalArgumentException when one of its stages has a name that is taken
     */
    public <R> PipelineBuilder<R> then(Fragment<? super T, R> fragment) {
        return Check.notNull("fragment", fragment).onto(definition);
    }

    /** Says the stages. */
    @Override
    public String toString() {
        return "PipelineBuilder[" + definition.outline(definition.names()) + "]";
    }

    private <R> PipelineBuilder<R> with(Op op) {
        return new PipelineBuilder<>(definition.with(op));
    }

    private <R> PipelineBuilder<R> with(StageDefinition stage) {
        return new PipelineBuilder<>(definition.with(stage));
    }

    private StageOptions<T> asked(Consumer<? super StageOptions<T>> options) {
        StageOptions<T> asked = new StageOptions<>();
        Check.notNull("options", options).accept(asked);
        return asked;
    }

    // Items at this place are of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    private static <R> StageFunction<Object, R> function(String parameter, StageFunction<?, ? extends R> function) {
        return (StageFunction<Object, R>) Check.notNull(parameter, function);
    }

    @SuppressWarnings("unchecked")
    private static StageConsumer<Object> consumer(String parameter, StageConsumer<?> action) {
        return (StageConsumer<Object>) Check.notNull(parameter, action);
    }
}
