package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * A way out of a stage, up to the next queue: an edge of the graph. A stage has one; one that fans out has several.
 * Compared by identity.
 */
final class Way {
    private final StageDefinition from;
    private final int number;
    private final StagePredicate<Object> accepts;
    private final List<Op> ops;

    private Way(StageDefinition from, int number, StagePredicate<Object> accepts, List<Op> ops) {
        this.from = from;
        this.number = number;
        this.accepts = accepts;
        this.ops = ops;
    }

    /** The one way out of a stage that does not fan out. */
    static Way outOf(StageDefinition from) {
        return branch(from, 0, item -> true);
    }

    /** @param number its place among the branches of a stage that fans out */
    static Way branch(StageDefinition from, int number, StagePredicate<Object> accepts) {
        return new Way(from, number, accepts, List.of());
    }

    Way with(Op op) {
        List<Op> more = new ArrayList<>(ops);
        more.add(op);
        return new Way(from, number, accepts, List.copyOf(more));
    }

    StageDefinition from() {
        return from;
    }

    int number() {
        return number;
    }

    StagePredicate<Object> accepts() {
        return accepts;
    }

    /** What runs inline on this way, in the thread of the stage. */
    List<Op> ops() {
        return ops;
    }
}
