package dev.sluice.pipeline;

import dev.sluice.testing.ThreadKind;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The kinds of stage over which a test runs. */
record Shape(Kind kind, int workers, Order order) implements AutoCloseable {
    enum Order {
        NONE,
        OF_INPUTS,
        OF_KEYS
    }

    private static final int KEYS = 3;

    /** Those whose workers wait. */
    static List<Shape> all() {
        return Kind.own().stream().flatMap(Shape::unkeyed).toList();
    }

    /** And those whose workers are steps. */
    static List<Shape> everywhere() {
        return Kind.all().stream()
                .flatMap(kind -> kind.isStepped()
                        ? Stream.concat(unkeyed(kind), Stream.of(new Shape(kind, 4, Order.OF_KEYS)))
                        : unkeyed(kind))
                .toList();
    }

    private static Stream<Shape> unkeyed(Kind kind) {
        return Stream.of(
                new Shape(kind, 1, Order.NONE), new Shape(kind, 4, Order.NONE), new Shape(kind, 4, Order.OF_INPUTS));
    }

    /** But those in which the second attempt at an item waits for a worker, which may wait for that item. */
    static List<Shape> tryingOnce() {
        return everywhere().stream().filter(shape -> !shape.kind.tries()).toList();
    }

    /** But those in which an item that fails holds up others. */
    static List<Shape> withoutKeys() {
        return everywhere().stream()
                .filter(shape -> shape.order != Order.OF_KEYS)
                .toList();
    }

    /** Those whose results come in the order of their inputs. */
    static List<Shape> inOrder() {
        return everywhere().stream().filter(Shape::keepsOrder).toList();
    }

    boolean keepsOrder() {
        return ordered() || workers == 1;
    }

    boolean ordered() {
        return order == Order.OF_INPUTS;
    }

    <T> PipelineBuilder<T> threads(PipelineBuilder<T> builder) {
        return kind.threads(builder);
    }

    static <T> PipelineBuilder<T> threads(ThreadKind kind, PipelineBuilder<T> builder) {
        return kind.isVirtual() ? builder.virtualThreads() : builder;
    }

    <T> Consumer<StageOptions<T>> options() {
        return options(s -> {});
    }

    <T> Consumer<StageOptions<T>> options(Consumer<StageOptions<T>> more) {
        Consumer<StageOptions<T>> ofKind = kind.options();
        return s -> {
            ofKind.accept(s);
            s.workers(workers);
            switch (order) {
                case NONE -> {}
                case OF_INPUTS -> s.ordered();
                case OF_KEYS -> s.orderedBy(item -> Math.floorMod(item.hashCode(), KEYS));
            }
            more.accept(s);
        };
    }

    @Override
    public void close() {
        kind.close();
    }

    @Override
    public String toString() {
        return kind + ", " + workers + (order == Order.NONE ? "" : ", " + order);
    }
}
