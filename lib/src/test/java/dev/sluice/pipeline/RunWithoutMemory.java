package dev.sluice.pipeline;

import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.FullHeap;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Lets some items through pipelines while all memory is taken but for a little. Each kind is run with 0 bytes, 16 bytes and
 * so on, up to what it needs, so that each thing that it allocates, or nearly, is once the one that cannot be. When there is
 * memory again the run must come to its end: with all items, or with a failure that names a stage.
 */
final class RunWithoutMemory {
    private static final int MOST = 1 << 14;
    private static final int ROOM = 400_000;
    private static final int SECONDS = 10;
    private static final long LONGEST_NANOS = 20_000_000;
    private static final Integer[] ITEMS = {0, 1, 2, 3, 4, 5, 6, 7};
    private static final RuntimeException REFUSED = new IllegalStateException("not this one");

    private static final WorkerPool POOL =
            WorkerPool.builder().name("shared").workers(2).queueCapacity(4).build();

    private static volatile int next;
    private static volatile boolean gap;
    private static int failures;

    private RunWithoutMemory() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, Function<PipelineBuilder<Integer>, Pipeline<?>>> kinds = kinds();
        for (var kind : kinds.entrySet()) {
            rehearse(kind.getKey(), kind.getValue());
        }
        FullHeap.takeAllBut(ROOM);
        kinds.forEach((name, kind) -> {
            sweep(name, kind, false);
        });
        for (String name : List.of("straight", "ordered", "keyed", "in a pool")) {
            sweep(name + ", cancelled", kinds.get(name), true);
        }
        System.out.println(failures == 0 ? "all passed" : failures + " FAILED");
        System.exit(0);
    }

    private static Map<String, Function<PipelineBuilder<Integer>, Pipeline<?>>> kinds() {
        Map<String, Function<PipelineBuilder<Integer>, Pipeline<?>>> kinds = new LinkedHashMap<>();
        kinds.put("straight", source -> source.stage("one", x -> x).forEach("sink", x -> {}));
        kinds.put(
                "several workers",
                source -> source.stage("one", x -> x, s -> s.workers(2).capacity(2))
                        .forEach("sink", x -> {}));
        kinds.put(
                "ordered",
                source -> source.stage(
                                "one", x -> x, s -> s.workers(2).ordered().capacity(2))
                        .forEach("sink", RunWithoutMemory::isNext));
        List<Integer> twice = List.of(ITEMS[0], ITEMS[1]);
        kinds.put(
                "ordered, of which each gives two",
                source -> source.stage(
                                "one", x -> x, s -> s.workers(2).ordered().capacity(2))
                        .flatMap(x -> twice)
                        .forEach("sink", x -> {}));
        kinds.put(
                "keyed",
                source -> source.stage(
                                "one",
                                x -> x,
                                s -> s.workers(2).orderedBy(x -> x).capacity(2))
                        .forEach("sink", x -> {}));
        kinds.put(
                "tried again",
                source -> source.stage(
                                "one",
                                RunWithoutMemory::choosy,
                                s -> s.workers(2)
                                        .capacity(2)
                                        .retry(Retry.times(1).backoff(Duration.ofNanos(1)))
                                        .onError(OnError.skip()))
                        .forEach("sink", x -> {}));
        kinds.put(
                "tried again, ordered",
                source -> source.stage(
                                "one",
                                RunWithoutMemory::choosy,
                                s -> s.workers(2)
                                        .ordered()
                                        .capacity(2)
                                        .retry(Retry.times(1).backoff(Duration.ofNanos(1)))
                                        .onError(OnError.skip()))
                        .forEach("sink", x -> {}));
        kinds.put(
                "in a pool",
                source -> source.stage(
                                "one", x -> x, s -> s.workers(2).capacity(2).pool(POOL))
                        .forEach("sink", x -> {}));
        kinds.put(
                "in a pool, keyed, tried again",
                source -> source.stage(
                                "one",
                                RunWithoutMemory::choosy,
                                s -> s.workers(2)
                                        .orderedBy(x -> x)
                                        .capacity(2)
                                        .pool(POOL)
                                        .retry(Retry.times(1).backoff(Duration.ofNanos(1)))
                                        .onError(OnError.skip()))
                        .stage("two", x -> x, s -> s.pool(POOL))
                        .forEach("sink", x -> {}));
        kinds.put(
                "failing",
                source -> source.stage(
                                "one",
                                RunWithoutMemory::choosy,
                                s -> s.workers(2).ordered())
                        .forEach("sink", x -> {}));
        kinds.put("collected", source -> source.batch(2, Duration.ofDays(1)).collect(Collectors.counting()));
        return kinds;
    }

    /** By the sink's only thread: items come in their order, and none is left out before the last that comes. */
    private static void isNext(Integer item) {
        gap |= item != ITEMS[next];
        next++;
    }

    private static Integer choosy(Integer item) {
        if (item == ITEMS[5]) {
            throw REFUSED;
        }
        return item;
    }

    /** So that what is loaded and linked once is. */
    private static void rehearse(String name, Function<PipelineBuilder<Integer>, Pipeline<?>> kind) throws Exception {
        for (int i = 0; i < 4; i++) {
            next = 0;
            Run run = new Run(kind);
            if (i % 2 == 1) {
                run.run.cancel();
            }
            run.source.goes = true;
            run.awaitEnd();
            run.check(name);
        }
    }

    private static void sweep(String name, Function<PipelineBuilder<Integer>, Pipeline<?>> kind, boolean cancelled) {
        boolean enough = false;
        for (int budget = 0; budget <= MOST && !enough; budget += 2 * FullHeap.step(budget)) {
            try {
                enough = passes(name, kind, budget, cancelled);
            } catch (Throwable thrown) {
                failures++;
                System.out.println("FAILED " + name + " with " + budget + " bytes: " + thrown);
                thrown.printStackTrace(System.out);
            }
        }
    }

    /** Whether there was enough memory. */
    private static boolean passes(
            String name, Function<PipelineBuilder<Integer>, Pipeline<?>> kind, int budget, boolean cancelled)
            throws Exception {
        next = 0;
        Run run = new Run(kind);
        boolean told = true;
        FullHeap.fill(budget);
        try {
            run.source.goes = true;
            if (cancelled) {
                run.run.cancel();
            }
            run.letGoOn();
        } catch (OutOfMemoryError e) {
            told = false;
        } finally {
            FullHeap.free();
        }
        if (!told) {
            run.run.cancel();
        }
        Throwable failure = run.awaitEnd();
        run.check(name);
        return told && (failure == null || failure.getCause() == REFUSED || failure instanceof CancellationException);
    }

    /** Gives all items, when it is told to. */
    private static final class Source implements Iterator<Integer> {
        volatile boolean goes;
        volatile boolean waits;
        private int next;

        @Override
        public boolean hasNext() {
            while (!goes && !Thread.currentThread().isInterrupted()) {
                waits = true;
                Thread.yield();
            }
            return next < ITEMS.length;
        }

        @Override
        public Integer next() {
            return ITEMS[next++];
        }
    }

    private static final class Run {
        final Source source = new Source();
        final PipelineRun<?> run;
        private final CompletableFuture<?> result;

        Run(Function<PipelineBuilder<Integer>, Pipeline<?>> kind) {
            run = kind.apply(Pipeline.fromIterator(source).name("run")).start();
            result = run.result();
            while (!source.waits) {
                Thread.yield();
            }
        }

        /** While there is no memory; allocates nothing. */
        void letGoOn() {
            long begun = System.nanoTime();
            while (!result.isDone() && System.nanoTime() - begun < LONGEST_NANOS) {
                Thread.yield();
            }
        }

        /** Gives how it failed. */
        Throwable awaitEnd() throws Exception {
            try {
                result.get(SECONDS, TimeUnit.SECONDS);
                return null;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof PipelineException failure) {
                    return failure;
                }
                throw e;
            } catch (CancellationException e) {
                return e;
            } catch (TimeoutException e) {
                System.out.println("FAILED: the run never ends");
                Runtime.getRuntime().halt(1);
                throw e;
            }
        }

        void check(String name) {
            run.close();
            if (gap) {
                gap = false;
                throw new AssertionError(name + ": a result was left out");
            }
            for (StageStats stage : run.stats().stages()) {
                if (stage.inFlight() != 0) {
                    throw new AssertionError(name + ": something is in flight: " + stage.name());
                }
            }
        }
    }
}
