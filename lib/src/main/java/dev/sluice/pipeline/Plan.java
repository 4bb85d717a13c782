package dev.sluice.pipeline;

import dev.sluice.internal.Threads;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole pipeline: the graph of its stages, checked, with their names and their order. It never changes and is shared
 * by all runs.
 */
final class Plan {
    /** What some ways lead to that is not a stage; the first of a plan gives the value of a run. */
    record Terminal(List<Way> inputs, RunEnd.Factory end) {}

    private final Definition definition;
    private final List<Terminal> terminals;
    private final List<String> names;
    /** The ways out of each stage, in the order of the branches. */
    private final List<List<Way>> ways = new ArrayList<>();
    /** For each stage, itself and what can be reached from it. */
    private final List<BitSet> reach = new ArrayList<>();

    Plan(Definition definition, List<Terminal> terminals) {
        this.definition = definition;
        this.terminals = List.copyOf(terminals);
        this.names = definition.names();
        List<Way> used = Stream.concat(
                        stages().stream().map(StageDefinition::inputs),
                        terminals.stream().map(Terminal::inputs))
                .flatMap(List::stream)
                .sorted(Comparator.comparingInt(Way::number))
                .toList();
        for (int i = 0; i < size(); i++) {
            StageDefinition stage = stages().get(i);
            ways.add(used.stream().filter(way -> way.from() == stage).toList());
            requireBranchesOnce(i);
        }
        requireQueuesOfOurOwn();
        stages().forEach(stage -> reach.add(new BitSet()));
        for (int i = size() - 1; i >= 0; i--) {
            // Those behind it have added what they reach.
            reach.get(i).set(i);
            for (Way input : stages().get(i).inputs()) {
                reach.get(stages().indexOf(input.from())).or(reach.get(i));
            }
        }
    }

    static Plan of(Definition definition, RunEnd.Factory end) {
        return new Plan(definition, List.of(new Terminal(definition.ends(), end)));
    }

    /** Both as one; this one's value is that of a run. */
    Plan with(Plan other) {
        List<Terminal> both = new ArrayList<>(terminals);
        both.addAll(other.terminals);
        return new Plan(Definition.merge(List.of(definition, other.definition)), both);
    }

    private void requireBranchesOnce(int stage) {
        Set<Integer> branches = new HashSet<>();
        for (Way way : ways.get(stage)) {
            if (!branches.add(way.number())) {
                String what = stages().get(stage).route() == null ? "stage '" : "a branch of '";
                throw new IllegalArgumentException(what + names.get(stage)
                        + "' is continued twice in one pipeline; fanOut() says how items are shared out");
            }
        }
    }

    /** A queue of the user's has an order for his items, and would not know ours, which have their tickets with them. */
    private void requireQueuesOfOurOwn() {
        for (int i = 0; i < size(); i++) {
            if (isTold() && stages().get(i).settings().queue() != null) {
                throw new IllegalArgumentException(
                        "queue of stage '" + names.get(i) + "' must not be set in a pipeline that reads a Source");
            }
        }
    }

    int size() {
        return stages().size();
    }

    /** Each behind those that lead to it. */
    List<StageDefinition> stages() {
        return definition.stages();
    }

    List<String> names() {
        return names;
    }

    List<Terminal> terminals() {
        return terminals;
    }

    List<Way> waysOutOf(int stage) {
        return ways.get(stage);
    }

    /**
     * The stages to be stopped when number {@code failed} fails: all from which something comes to where it leads, and
     * all sources. So what goes on delivers to stages that go on, and comes to an end. All stages when there is no such
     * number.
     */
    BitSet stoppedBy(int failed) {
        BitSet stopped = new BitSet();
        for (int i = 0; i < size(); i++) {
            if (failed >= size()
                    || (!reach.get(failed).get(i)
                            && (stages().get(i).origin() != null || reach.get(i).intersects(reach.get(failed))))) {
                stopped.set(i);
            }
        }
        return stopped;
    }

    /** Whether a source is told what became of its items. */
    boolean isTold() {
        return stages().stream().map(StageDefinition::origin).anyMatch(origin -> origin != null && origin.isTold());
    }

    @Nullable
    String name() {
        return definition.name();
    }

    Function<String, ThreadFactory> threads() {
        Function<String, ThreadFactory> given = definition.threads();
        return given != null ? given : prefix -> Threads.platform(prefix, false);
    }

    DiscardHandler onDiscard() {
        DiscardHandler given = definition.onDiscard();
        return given != null ? given : (item, stage, reason) -> {};
    }

    Progress.@Nullable Choice onProgress() {
        return definition.onProgress();
    }

    String outline() {
        return definition.outline(names);
    }
}
