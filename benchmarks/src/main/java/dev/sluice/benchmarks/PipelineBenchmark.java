package dev.sluice.benchmarks;

import dev.sluice.pipeline.Pipeline;
import io.reactivex.rxjava3.core.Flowable;
import io.reactivex.rxjava3.core.Scheduler;
import io.reactivex.rxjava3.schedulers.Schedulers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Timeout;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Runs items through stages: {@link Pipeline}, and what one writes by hand with threads and {@link ArrayBlockingQueue}s (not
 * fair, the default). Every queue holds 1024 in both; both read the same iterator, and start new threads in each invocation.
 *
 * <p>{@link #identity}: a source, three stages that hand on what they get, and a sink; five threads and four hops.
 * By hand that is a loop of {@code take} and {@code put} for each stage, and an end marker that they pass on.
 *
 * <p>{@link #ordered}: a source, a stage of about 1 µs (see {@link Work}) with four workers whose results keep the order of
 * the input, at most 1024 of them on the way, and a sink. By hand that is the usual way: the source puts a future into
 * a queue of 1024 and gives it to four threads, {@code Executors.newFixedThreadPool}, and the sink takes the futures in turn
 * and waits for each.
 *
 * <p>Reactor, RxJava and rings of JCTools do the same, as said with each. Ours notes the thread of the source, of each function and
 * of the sink: they must be five different ones.
 *
 * <p>The sink checks that each item came once and in order.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Timeout(time = 2, timeUnit = TimeUnit.MINUTES)
public class PipelineBenchmark {
    private static final int ITEMS = 2_000_000;
    private static final int WORK_ITEMS = 1 << 15;
    private static final int STAGES = 3;
    private static final int WORKERS = 4;
    private static final int CAPACITY = 1024;

    /** What is compared. */
    public enum Kind {
        /** Ours. */
        SLUICE {
            @Override
            void identity(Sequence received) throws Exception {
                Thread[] seen = new Thread[STAGES + 2];
                Pipeline.from(items(ITEMS, seen))
                        .<Integer>stage("first", item -> pass(item, seen, 1), s -> s.capacity(CAPACITY))
                        .<Integer>stage("second", item -> pass(item, seen, 2), s -> s.capacity(CAPACITY))
                        .<Integer>stage("third", item -> pass(item, seen, 3), s -> s.capacity(CAPACITY))
                        .forEach("sink", item -> received.accept(pass(item, seen, 4)), s -> s.capacity(CAPACITY))
                        .run();
                if (Set.copyOf(Arrays.asList(seen)).size() != STAGES + 2) {
                    throw new IllegalStateException(
                            "threads must be five different ones but were " + Arrays.toString(seen));
                }
            }

            @Override
            void ordered(Sequence received) throws Exception {
                Pipeline.from(items(WORK_ITEMS))
                        .<Integer>stage(
                                "work",
                                PipelineBenchmark::work,
                                s -> s.workers(WORKERS)
                                        .ordered()
                                        .window(CAPACITY)
                                        .capacity(CAPACITY))
                        .forEach("sink", received::accept, s -> s.capacity(CAPACITY))
                        .run();
            }
        },
        /** Threads and queues of the JDK. */
        JDK_THREADS {
            @Override
            void identity(Sequence received) throws Exception {
                Crew crew = new Crew();
                BlockingQueue<Integer> first = new ArrayBlockingQueue<>(CAPACITY);
                crew.start(() -> readInto(first));
                BlockingQueue<Integer> last = first;
                for (int stage = 0; stage < STAGES; stage++) {
                    BlockingQueue<Integer> in = last;
                    BlockingQueue<Integer> out = new ArrayBlockingQueue<>(CAPACITY);
                    crew.start(() -> handOn(in, out));
                    last = out;
                }
                BlockingQueue<Integer> end = last;
                crew.start(() -> {
                    while (!received.ended()) {
                        received.accept(end.take());
                    }
                });
                crew.join();
            }

            @Override
            void ordered(Sequence received) throws Exception {
                ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
                try {
                    BlockingQueue<Future<Integer>> results = new ArrayBlockingQueue<>(CAPACITY);
                    Crew crew = new Crew();
                    crew.start(() -> scheduleInto(results, workers));
                    crew.start(() -> {
                        for (int i = 0; i < WORK_ITEMS; i++) {
                            received.accept(results.take().get());
                        }
                    });
                    crew.join();
                } finally {
                    workers.shutdownNow();
                }
                if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("workers must end but did not");
                }
            }
        },
        /** The same, taking all that is there with {@code drainTo}. */
        JDK_THREADS_DRAINING {
            @Override
            void identity(Sequence received) throws Exception {
                Crew crew = new Crew();
                BlockingQueue<Integer> first = new ArrayBlockingQueue<>(CAPACITY);
                crew.start(() -> readInto(first));
                BlockingQueue<Integer> last = first;
                for (int stage = 0; stage < STAGES; stage++) {
                    BlockingQueue<Integer> in = last;
                    BlockingQueue<Integer> out = new ArrayBlockingQueue<>(CAPACITY);
                    crew.start(() -> drain(in, out::put));
                    last = out;
                }
                BlockingQueue<Integer> end = last;
                crew.start(() -> drain(end, received::accept));
                crew.join();
            }

            @Override
            void ordered(Sequence received) {
                throw new UnsupportedOperationException("as JDK_THREADS");
            }
        },
        /** A {@code publishOn} for each hop, with its own single thread and room for as many items. */
        REACTOR {
            @Override
            void identity(Sequence received) {
                List<reactor.core.scheduler.Scheduler> threads = IntStream.rangeClosed(0, STAGES + 1)
                        .mapToObj(i -> reactor.core.scheduler.Schedulers.newSingle("reactor-" + i))
                        .toList();
                try {
                    Flux<Integer> flux = Flux.fromIterable(items(ITEMS)).subscribeOn(threads.get(0));
                    for (int stage = 1; stage <= STAGES; stage++) {
                        flux = flux.publishOn(threads.get(stage), CAPACITY).map(item -> item);
                    }
                    flux.publishOn(threads.get(STAGES + 1), CAPACITY)
                            .doOnNext(received::accept)
                            .blockLast();
                } finally {
                    threads.forEach(reactor.core.scheduler.Scheduler::dispose);
                }
            }

            @Override
            void ordered(Sequence received) {
                Flux.fromIterable(items(WORK_ITEMS))
                        .flatMapSequential(
                                item -> Mono.fromSupplier(() -> work(item))
                                        .subscribeOn(reactor.core.scheduler.Schedulers.parallel()),
                                WORKERS)
                        .doOnNext(received::accept)
                        .blockLast();
            }
        },
        /** An {@code observeOn} for each hop, with its own single thread and room for as many items. */
        RXJAVA {
            @Override
            void identity(Sequence received) {
                List<Scheduler> threads = IntStream.rangeClosed(0, STAGES + 1)
                        .mapToObj(i -> Schedulers.from(Executors.newSingleThreadExecutor(PipelineBenchmark::daemon)))
                        .toList();
                Flowable<Integer> flow = Flowable.fromIterable(items(ITEMS)).subscribeOn(threads.get(0));
                for (int stage = 1; stage <= STAGES; stage++) {
                    flow = flow.observeOn(threads.get(stage), false, CAPACITY).map(item -> item);
                }
                flow.observeOn(threads.get(STAGES + 1), false, CAPACITY).blockingForEach(received::accept);
                threads.forEach(Scheduler::shutdown);
            }

            @Override
            void ordered(Sequence received) {
                Flowable.fromIterable(items(WORK_ITEMS))
                        .concatMapEager(
                                item -> Flowable.fromCallable(() -> work(item)).subscribeOn(Schedulers.computation()),
                                WORKERS,
                                1)
                        .blockingForEach(received::accept);
            }
        },
        /** Rings for one producer and one consumer; who cannot go on yields, for ever: the limit for those that sleep. */
        JCTOOLS_YIELDING {
            @Override
            void identity(Sequence received) throws Exception {
                Crew crew = new Crew();
                QueueKind.Transfer first = QueueKind.JCTOOLS_YIELDING.transfer(CAPACITY, true);
                crew.start(() -> {
                    for (Integer item : items(ITEMS)) {
                        first.put(item);
                    }
                });
                QueueKind.Transfer last = first;
                for (int stage = 0; stage < STAGES; stage++) {
                    QueueKind.Transfer in = last;
                    QueueKind.Transfer out = QueueKind.JCTOOLS_YIELDING.transfer(CAPACITY, true);
                    crew.start(() -> {
                        for (int i = 0; i < ITEMS; i++) {
                            out.put(in.take());
                        }
                    });
                    last = out;
                }
                QueueKind.Transfer end = last;
                crew.start(() -> {
                    for (int i = 0; i < ITEMS; i++) {
                        received.accept(end.take());
                    }
                });
                crew.join();
            }

            @Override
            void ordered(Sequence received) {
                throw new UnsupportedOperationException("one producer and one consumer only");
            }
        };

        abstract void identity(Sequence received) throws Exception;

        abstract void ordered(Sequence received) throws Exception;
    }

    /** Which of them. */
    @Param
    public Kind pipeline;

    /**
     * Four hops and no work.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(ITEMS)
    public void identity() throws Exception {
        Sequence received = new Sequence();
        pipeline.identity(received);
        received.expect(ITEMS);
    }

    /**
     * Work for four threads, and results in order.
     *
     * @throws Exception when an item was lost
     */
    @Benchmark
    @OperationsPerInvocation(WORK_ITEMS)
    public void ordered() throws Exception {
        Sequence received = new Sequence();
        pipeline.ordered(received);
        received.expect(WORK_ITEMS);
    }

    /** What a function of ours does in {@link #identity}: nothing, but it notes its thread with its first item. */
    private static Integer pass(Integer item, Thread[] seen, int place) {
        if (seen[place] == null) {
            seen[place] = Thread.currentThread();
        }
        return item;
    }

    private static Iterable<Integer> items(int count, Thread[] seen) {
        return () -> {
            seen[0] = Thread.currentThread();
            return items(count).iterator();
        };
    }

    private static Iterable<Integer> items(int count) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public Integer next() {
                return Sequence.element(next++);
            }
        };
    }

    private static Integer work(Integer item) {
        Work.US_1.run();
        return item;
    }

    private static void readInto(BlockingQueue<Integer> out) throws InterruptedException {
        for (Integer item : items(ITEMS)) {
            out.put(item);
        }
        out.put(Sequence.END);
    }

    private static void handOn(BlockingQueue<Integer> in, BlockingQueue<Integer> out) throws InterruptedException {
        Integer item;
        do {
            item = in.take();
            out.put(item);
        } while (!item.equals(Sequence.END));
    }

    private interface Sink {
        void accept(Integer item) throws InterruptedException;
    }

    private static void drain(BlockingQueue<Integer> in, Sink out) throws InterruptedException {
        List<Integer> items = new ArrayList<>(CAPACITY);
        boolean ended = false;
        while (!ended) {
            items.add(in.take());
            in.drainTo(items, CAPACITY - 1);
            for (int i = 0; i < items.size(); i++) {
                out.accept(items.get(i));
                ended = items.get(i).equals(Sequence.END);
            }
            items.clear();
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "stage");
        thread.setDaemon(true);
        return thread;
    }

    private static void scheduleInto(BlockingQueue<Future<Integer>> results, ExecutorService workers)
            throws InterruptedException {
        for (Integer item : items(WORK_ITEMS)) {
            FutureTask<Integer> result = new FutureTask<>(() -> work(item));
            results.put(result);
            workers.execute(result);
        }
    }
}
