package dev.sluice.benchmarks;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/**
 * An asynchronous boundary at each hop, on the default dispatcher: an actor for each stage, but no thread of its own. The
 * parallel stage is {@code mapAsync} or {@code mapAsyncUnordered} with four futures at a time.
 */
final class PekkoPipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink)
            throws Exception {
        Source<Integer, ?> flow = Source.fromIterator(source::iterator).async();
        for (UnaryOperator<Integer> stage : stages) {
            flow = flow.map(stage::apply).async();
        }
        run(flow, sink);
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink)
            throws Exception {
        Source<Integer, ?> items = Source.fromIterator(source::iterator).async();
        Source<Integer, ?> results = ordered
                ? items.mapAsync(WORKERS, item -> one(item, work))
                : items.mapAsyncUnordered(WORKERS, item -> one(item, work));
        run(results.async(), sink);
    }

    private static CompletionStage<Integer> one(Integer item, UnaryOperator<Integer> work) {
        return CompletableFuture.supplyAsync(() -> work.apply(item), System.ACTORS.dispatcher());
    }

    private static void run(Source<Integer, ?> flow, Consumer<Integer> sink) throws Exception {
        CompletionStage<Done> end = flow.addAttributes(Attributes.inputBuffer(CAPACITY, CAPACITY))
                .runWith(Sink.foreach(sink::accept), System.ACTORS);
        end.toCompletableFuture().get(1, TimeUnit.MINUTES);
    }

    /** One for the whole fork, as its users have one for a program; its threads are daemons. */
    private static final class System {
        static final ActorSystem ACTORS = ActorSystem.create(
                "benchmarks",
                com.typesafe.config.ConfigFactory.parseString("pekko.daemonic = on, pekko.loglevel = WARNING")
                        .withFallback(com.typesafe.config.ConfigFactory.load()));
    }
}
