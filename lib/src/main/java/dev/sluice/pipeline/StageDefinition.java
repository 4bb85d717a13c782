package dev.sluice.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stage as it was defined: a node of the graph, which knows the ways that lead to it. Compared by identity, so that
 * two pipelines that go on from the same beginning have it in common.
 */
final class StageDefinition {
    /** How a stage takes its inputs from its link. */
    @FunctionalInterface
    interface Inlet {
        Intake from(Link link);
    }

    private final String name;
    private final boolean isNamed;
    private final Settings settings;
    private final List<Op> ops;
    private final Inlet inlet;
    private final @Nullable Origin origin;
    private final @Nullable Route<?> route;
    private final List<Way> inputs;

    private StageDefinition(
            String name,
            boolean isNamed,
            Settings settings,
            List<Op> ops,
            Inlet inlet,
            @Nullable Origin origin,
            @Nullable Route<?> route,
            List<Way> inputs) {
        this.name = name;
        this.isNamed = isNamed;
        this.settings = settings;
        this.ops = ops;
        this.inlet = inlet;
        this.origin = origin;
        this.route = route;
        this.inputs = inputs;
    }

    static StageDefinition source(String name, Origin origin) {
        return new StageDefinition(name, false, Settings.DEFAULT, List.of(), LinkIntake::new, origin, null, List.of());
    }

    /** A stage that the user has named. */
    static StageDefinition of(String name, Settings settings, Op... ops) {
        return new StageDefinition(name, true, settings, List.of(ops), LinkIntake::new, null, null, List.of());
    }

    /** A stage that is called {@code name}, or {@code name-2} and so on. */
    static StageDefinition numbered(String name, Inlet inlet, Op... ops) {
        return new StageDefinition(name, false, Settings.DEFAULT, List.of(ops), inlet, null, null, List.of());
    }

    /** A stage that shares its items among several ways. */
    static StageDefinition fork(String name, Route<?> route) {
        return new StageDefinition(name, true, Settings.DEFAULT, List.of(), LinkIntake::new, null, route, List.of());
    }

    /** This stage at a place in a graph. */
    StageDefinition behind(List<Way> ways) {
        return new StageDefinition(name, isNamed, settings, ops, inlet, origin, route, ways);
    }

    /** What it was named, or the beginning of what it will be called. */
    String name() {
        return name;
    }

    boolean isNamed() {
        return isNamed;
    }

    Settings settings() {
        return settings;
    }

    /** What its workers do with each input, before they hand it on. */
    List<Op> ops() {
        return ops;
    }

    Inlet inlet() {
        return inlet;
    }

    /** Where the items come from, if this is a source. */
    @Nullable
    Origin origin() {
        return origin;
    }

    /** Which way an item goes, if there are several. */
    @Nullable
    Route<?> route() {
        return route;
    }

    /** The ways that lead into its queue; none for a source. */
    List<Way> inputs() {
        return inputs;
    }
}
