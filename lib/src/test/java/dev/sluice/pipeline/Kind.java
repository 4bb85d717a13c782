package dev.sluice.pipeline;

import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which threads a test's stages run in, and how their workers get to. The pool, if one is asked for, is the test's own:
 * {@link Runs} closes it.
 */
final class Kind implements AutoCloseable {
    /** So many that each stage of a test finds a thread for each of its workers. */
    private static final int THREADS = 8;

    private enum Turns {
        /** Workers that wait, but for those that have to be steps. */
        OWN,
        /** Workers that are steps, in threads of their own. */
        STEPS,
        /** Workers that are steps, in a pool that all stages share. */
        POOL
    }

    private final ThreadKind threads;
    private final Turns turns;
    private @Nullable WorkerPool pool;

    private Kind(ThreadKind threads, Turns turns) {
        this.threads = threads;
        this.turns = turns;
    }

    static List<Kind> all() {
        return all(Turns.values());
    }

    /** For stages whose workers are steps by their other options. */
    static List<Kind> ofSteps() {
        return all(Turns.OWN, Turns.POOL);
    }

    /** For workers that wait, or would. */
    static List<Kind> own() {
        return all(Turns.OWN);
    }

    private static List<Kind> all(Turns... turns) {
        return ThreadKinds.all().stream()
                .flatMap(threads -> Stream.of(turns).map(each -> new Kind(threads, each)))
                .toList();
    }

    ThreadKind threads() {
        return threads;
    }

    boolean isStepped() {
        return turns != Turns.OWN;
    }

    /** Whether what has failed is tried once more. */
    boolean tries() {
        return turns == Turns.STEPS;
    }

    <T> PipelineBuilder<T> threads(PipelineBuilder<T> builder) {
        return Shape.threads(threads, builder);
    }

    <T> Consumer<StageOptions<T>> options() {
        return options(s -> {});
    }

    <T> Consumer<StageOptions<T>> options(Consumer<StageOptions<T>> more) {
        return s -> {
            switch (turns) {
                case OWN -> {}
                case STEPS -> s.retry(Retry.times(1));
                case POOL -> s.pool(pool());
            }
            more.accept(s);
        };
    }

    private WorkerPool pool() {
        WorkerPool made = pool;
        if (made == null) {
            WorkerPool.Builder builder = WorkerPool.builder().workers(THREADS);
            made = threads.isVirtual() ? builder.virtualThreads().build() : builder.build();
            pool = made;
        }
        return made;
    }

    @Override
    public void close() {
        WorkerPool made = pool;
        // Shapes share their kinds: the next test gets a pool of its own.
        pool = null;
        if (made != null) {
            made.close();
        }
    }

    @Override
    public String toString() {
        return threads + " " + turns;
    }
}
