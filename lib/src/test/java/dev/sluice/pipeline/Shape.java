package dev.sluice.pipeline;

import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.util.List;
import java.util.function.Consumer;

/** The kinds of stage over which a test runs. */
record Shape(ThreadKind kind, int workers, boolean ordered) {
    static List<Shape> all() {
        return ThreadKinds.all().stream()
                .flatMap(kind ->
                        List.of(new Shape(kind, 1, false), new Shape(kind, 4, false), new Shape(kind, 4, true))
                                .stream())
                .toList();
    }

    /** Those whose results come in the order of their inputs. */
    static List<Shape> inOrder() {
        return all().stream().filter(Shape::keepsOrder).toList();
    }

    boolean keepsOrder() {
        return ordered || workers == 1;
    }

    <T> PipelineBuilder<T> threads(PipelineBuilder<T> builder) {
        return threads(kind, builder);
    }

    static <T> PipelineBuilder<T> threads(ThreadKind kind, PipelineBuilder<T> builder) {
        return kind.isVirtual() ? builder.virtualThreads() : builder;
    }

    <T> Consumer<StageOptions<T>> options() {
        return options(s -> {});
    }

    <T> Consumer<StageOptions<T>> options(Consumer<StageOptions<T>> more) {
        return s -> {
            s.workers(workers);
            if (ordered) {
                s.ordered();
            }
            more.accept(s);
        };
    }
}
