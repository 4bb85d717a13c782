package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.util.function.Function;

/**
 * A piece of a pipeline, with a beginning and an end that are open: a value that can be tested alone and put into many
 * pipelines, or into one several times under different names.
 *
 * <pre>{@code
 * Fragment<String, Row> parsing = Fragment.of("parsing", lines -> lines.stage("split", Row::split).filter(Row::isWhole));
 * List<Row> rows = Pipeline.from(List.of("a;b", "c")).then(parsing).collect(toList()).run();
 * }</pre>
 *
 * <p>Its stages are called {@code <fragment>.<stage>}. It never changes and is safe for use by several threads, when its
 * function is.
 *
 * @param <T> what goes in
 * @param <R> what comes out
 */
public final class Fragment<T, R> {
    private final String text;
    /** What the names of its stages begin with. */
    private final String scope;

    private final Function<PipelineBuilder<T>, PipelineBuilder<R>> steps;

    private Fragment(String text, String scope, Function<PipelineBuilder<T>, PipelineBuilder<R>> steps) {
        this.text = text;
        this.scope = scope;
        this.steps = steps;
    }

    /**
     * A piece.
     *
     * @param <T> what goes in
     * @param <R> what comes out
     * @param name not blank
     * @param steps adds the steps to what it is given; called each time that the piece is put somewhere
     * @return the piece
     */
    public static <T, R> Fragment<T, R> of(String name, Function<PipelineBuilder<T>, PipelineBuilder<R>> steps) {
        return new Fragment<>(Definition.notBlank(name), name + ".", Check.notNull("steps", steps));
    }

    /**
     * The same piece under another name.
     *
     * @param name not blank
     * @return a piece
     */
    public Fragment<T, R> named(String name) {
        return of(name, steps);
    }

    /**
     * Joins two pieces; each keeps the names of its stages, until the whole is {@link #named}.
     *
     * @param <V> what comes out of the next
     * @param next goes on with what this gives
     * @return a piece that does both
     */
    public <V> Fragment<T, V> then(Fragment<? super R, V> next) {
        Check.notNull("next", next);
        return new Fragment<>(
                text + " -> " + next.text,
                "",
                beginning -> onto(beginning.definition()).then(next));
    }

    /** Adds this piece to a definition. */
    PipelineBuilder<R> onto(Definition before) {
        PipelineBuilder<T> beginning = new PipelineBuilder<>(before.inScope(before.scope() + scope));
        Definition after = Check.notNull("what the steps of '" + text + "' gave", steps.apply(beginning))
                .definition();
        if (!after.stages().containsAll(before.stages())) {
            throw new IllegalArgumentException("the steps of '" + text + "' must go on from what they are given");
        }
        return new PipelineBuilder<>(after.inScope(before.scope()));
    }

    /** Says the name. */
    @Override
    public String toString() {
        return "Fragment[" + text + "]";
    }
}
