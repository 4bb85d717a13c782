package dev.sluice.benchmarks;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A {@code publishOn} for each hop, with its own single thread. The parallel stage is {@code flatMapSequential} or {@code flatMap} with four
 * subscriptions at a time on threads of its own.
 */
final class ReactorPipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink) {
        List<Scheduler> threads = IntStream.rangeClosed(0, stages.size() + 1)
                .mapToObj(i -> Schedulers.newSingle("reactor-" + i))
                .toList();
        try {
            Flux<Integer> flux = Flux.fromIterable(source).subscribeOn(threads.get(0));
            for (int i = 0; i < stages.size(); i++) {
                UnaryOperator<Integer> stage = stages.get(i);
                flux = flux.publishOn(threads.get(i + 1), CAPACITY).map(stage::apply);
            }
            flux.publishOn(threads.get(stages.size() + 1), CAPACITY)
                    .doOnNext(sink)
                    .then()
                    .block();
        } finally {
            threads.forEach(Scheduler::dispose);
        }
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink) {
        Scheduler workers = Schedulers.newParallel("reactor", WORKERS);
        try {
            Flux<Integer> items = Flux.fromIterable(source);
            Flux<Integer> results = ordered
                    ? items.flatMapSequential(item -> one(item, work, workers), WORKERS)
                    : items.flatMap(item -> one(item, work, workers), WORKERS);
            results.doOnNext(sink).then().block();
        } finally {
            workers.dispose();
        }
    }

    private static Mono<Integer> one(Integer item, UnaryOperator<Integer> work, Scheduler workers) {
        return Mono.fromSupplier(() -> work.apply(item)).subscribeOn(workers);
    }
}
