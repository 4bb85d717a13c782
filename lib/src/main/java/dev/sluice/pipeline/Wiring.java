package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The parts of one run of a plan, joined: its stages, the links before them, and what it leads to. */
final class Wiring {
    /** What a way leads to, and what that is called. */
    private record Target(@Nullable String name, Downstream downstream) {}

    private final Execution execution;
    private final Plan plan;
    private final StageRun[] stages;
    /** For each stage the link into it, or null for most sources. Then those into what is not a stage. */
    private final List<@Nullable Link> links = new ArrayList<>();

    private final List<RunEnd> ends = new ArrayList<>();
    private final Map<Way, Target> targets = new HashMap<>();

    Wiring(Execution execution, Plan plan) {
        this.execution = execution;
        this.plan = plan;
        this.stages = new StageRun[plan.size()];
        for (int i = 0; i < plan.size(); i++) {
            links.add(linkInto(i));
        }
        for (Plan.Terminal terminal : plan.terminals()) {
            RunEnd end = terminal.end().create(execution, terminal.inputs());
            ends.add(end);
            links.add(end.link());
            lead(terminal.inputs(), end.name(), end.downstream());
        }
        for (int i = 0; i < plan.size(); i++) {
            Origin origin = plan.stages().get(i).origin();
            if (origin == null) {
                Link link = Objects.requireNonNull(links.get(i));
                stages[i] = stage(i, link, plan.stages().get(i).inlet().from(link));
            }
        }
        openSources();
    }

    private @Nullable Link linkInto(int index) {
        StageDefinition stage = plan.stages().get(index);
        if (stage.inputs().isEmpty()) {
            return null;
        }
        String name = plan.names().get(index);
        Link link = execution.link(
                index, name, stage.settings(), stage.inputs(), stage.settings().takers());
        lead(stage.inputs(), name, link);
        return link;
    }

    private void lead(List<Way> ways, @Nullable String name, Downstream downstream) {
        List<Downstream> inflows = Inflow.into(downstream, ways.size());
        for (int i = 0; i < ways.size(); i++) {
            targets.put(ways.get(i), new Target(name, inflows.get(i)));
        }
    }

    /** Last: when something is wrong with the rest, one that can be read once only has not been claimed. */
    private void openSources() {
        List<Origin> opened = new ArrayList<>();
        try {
            for (int i = 0; i < plan.size(); i++) {
                Origin origin = plan.stages().get(i).origin();
                if (origin != null) {
                    Intake intake = origin.open(execution, i, plan.names().get(i));
                    opened.add(origin);
                    links.set(i, intake.ownLink());
                    stages[i] = stage(i, intake.ownLink(), intake);
                }
            }
        } catch (RuntimeException e) {
            opened.forEach(Origin::giveBack);
            throw e;
        }
    }

    private StageRun stage(int index, @Nullable Link input, Intake intake) {
        List<Way> ways = plan.waysOutOf(index);
        return new StageRun(
                execution,
                index,
                plan.names().get(index),
                plan.stages().get(index),
                input,
                intake,
                ways,
                ways.stream().map(way -> target(way).downstream()).toList());
    }

    private Target target(Way way) {
        return Objects.requireNonNull(targets.get(way), "a way leads nowhere");
    }

    /** In the order of the plan. */
    List<StageRun> stages() {
        return List.of(stages);
    }

    /** What the run leads to; the first gives its value. */
    List<RunEnd> ends() {
        return ends;
    }

    /** The links that are emptied when number {@code failed} fails and {@code stopped} are stopped for it. */
    List<Link> linksInto(BitSet stopped, int failed) {
        List<Link> into = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
            Link link = links.get(i);
            if (link != null && (failed >= plan.size() || i == failed || stopped.get(i))) {
                into.add(link);
            }
        }
        return into;
    }

    List<LinkStats> stats() {
        List<LinkStats> rows = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            for (Way way : plan.waysOutOf(i)) {
                Target target = target(way);
                if (target.name() != null) {
                    rows.add(new LinkStats(
                            plan.names().get(i),
                            target.name(),
                            target.downstream().received()));
                }
            }
        }
        return rows;
    }
}
