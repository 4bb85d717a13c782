package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.List;

/**
 * A stage as it was defined.
 *
 * @param ops what its workers do with each input, the stage's own function first, then what runs inline behind it
 */
record StageDefinition(String name, Settings settings, Inlet inlet, List<Op> ops) {
    /** How a stage takes its inputs from its link. */
    @FunctionalInterface
    interface Inlet {
        Intake from(Link link);
    }

    static StageDefinition of(String name, Settings settings, Op... ops) {
        return new StageDefinition(name, settings, LinkIntake::new, List.of(ops));
    }

    StageDefinition with(Op op) {
        List<Op> more = new ArrayList<>(ops);
        more.add(op);
        return new StageDefinition(name, settings, inlet, List.copyOf(more));
    }
}
