package dev.sluice.benchmarks;

import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Scheduler;
import io.reactivex.rxjava3.schedulers.Schedulers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * An {@code observeOn} for each hop, with its own single thread. The parallel stage is {@code concatMapEager} or {@code flatMap} with four
 * subscriptions at a time on threads of its own.
 */
final class RxJavaPipeline implements PipelinePeer {
    @Override
    public void chain(Iterable<Integer> source, List<UnaryOperator<Integer>> stages, Consumer<Integer> sink) {
        List<ExecutorService> threads = new ArrayList<>();
        try {
            Flowable<Integer> flow = Flowable.fromIterable(source).subscribeOn(threads(1, threads));
            for (UnaryOperator<Integer> stage : stages) {
                flow = flow.observeOn(threads(1, threads), false, CAPACITY).map(stage::apply);
            }
            flow.observeOn(threads(1, threads), false, CAPACITY)
                    .doOnNext(sink::accept)
                    .ignoreElements()
                    .blockingAwait();
        } finally {
            threads.forEach(ExecutorService::shutdown);
        }
    }

    @Override
    public void spread(Iterable<Integer> source, UnaryOperator<Integer> work, boolean ordered, Consumer<Integer> sink) {
        List<ExecutorService> threads = new ArrayList<>();
        try {
            Scheduler workers = threads(WORKERS, threads);
            Flowable<Integer> items = Flowable.fromIterable(source);
            Flowable<Integer> results = ordered
                    ? items.concatMapEager(item -> one(item, work, workers), WORKERS, 1)
                    : items.flatMap(item -> one(item, work, workers), WORKERS);
            results.doOnNext(sink::accept).ignoreElements().blockingAwait();
        } finally {
            threads.forEach(ExecutorService::shutdown);
        }
    }

    private static Flowable<Integer> one(Integer item, UnaryOperator<Integer> work, Scheduler workers) {
        return Flowable.fromCallable(() -> work.apply(item)).subscribeOn(workers);
    }

    private static Scheduler threads(int count, List<ExecutorService> made) {
        ExecutorService threads = Executors.newFixedThreadPool(count, Crew::daemon);
        made.add(threads);
        return Schedulers.from(threads);
    }
}
