package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline as far as it has been defined: a graph of stages, and the ends at which it goes on. It is never changed, so
 * that a beginning can be continued in several ways and run several times at once.
 *
 * @param name what it was named, or null
 * @param threads makes the threads whose names begin with a prefix; null when nothing was asked for
 * @param onDiscard is told of discarded items; null when nobody is
 * @param onProgress is told how far a run is; null when nobody is
 * @param stages each behind those that lead to it
 * @param scope what the names of the stages that are added begin with
 * @param ends the ways that lead on from here: one, or several that are merged by what follows
 */
record Definition(
        @Nullable String name,
        @Nullable Function<String, ThreadFactory> threads,
        @Nullable DiscardHandler onDiscard,
        Progress.@Nullable Choice onProgress,
        List<StageDefinition> stages,
        List<Way> ends,
        String scope) {
    static final String SOURCE = "source";
    static final String BATCH = "batch";
    static final String COLLECT = "collect";
    static final String ITERATOR = "iterator";
    static final String PUBLISHER = "publisher";
    static final String QUEUE = "queue";

    private static final Set<String> TAKEN = Set.of(SOURCE, COLLECT, ITERATOR);

    static Definition from(Origin origin) {
        StageDefinition stage = StageDefinition.source(SOURCE, origin);
        return new Definition(null, null, null, null, List.of(stage), List.of(Way.outOf(stage)), "");
    }

    /** All of these as one; what several of them have in common is in it once. Of what can be set once, the first counts. */
    static Definition merge(List<Definition> parts) {
        Set<StageDefinition> stages = new LinkedHashSet<>();
        parts.forEach(part -> stages.addAll(part.stages));
        List<Way> ends = parts.stream().flatMap(part -> part.ends.stream()).toList();
        requireNamesOnce(stages);
        return new Definition(
                first(parts, Definition::name),
                first(parts, Definition::threads),
                first(parts, Definition::onDiscard),
                first(parts, Definition::onProgress),
                List.copyOf(stages),
                ends,
                parts.get(0).scope);
    }

    private static <V> @Nullable V first(List<Definition> parts, Function<Definition, @Nullable V> setting) {
        for (Definition part : parts) {
            V value = setting.apply(part);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    Definition named(String newName) {
        return new Definition(newName, threads, onDiscard, onProgress, stages, ends, scope);
    }

    Definition threads(Function<String, ThreadFactory> factories) {
        return new Definition(name, factories, onDiscard, onProgress, stages, ends, scope);
    }

    Definition onDiscard(DiscardHandler handler) {
        return new Definition(name, threads, handler, onProgress, stages, ends, scope);
    }

    Definition onProgress(Progress.Choice choice) {
        return new Definition(name, threads, onDiscard, choice, stages, ends, scope);
    }

    /** Adds an inline step at each end. */
    Definition with(Op op) {
        return endingIn(ends.stream().map(end -> end.with(op)).toList());
    }

    /** Adds a stage with a queue, into which all ends lead. */
    Definition with(StageDefinition stage) {
        StageDefinition placed = stage.behind(ends);
        List<StageDefinition> more = new ArrayList<>(stages);
        more.add(placed);
        return new Definition(
                name, threads, onDiscard, onProgress, List.copyOf(more), List.of(Way.outOf(placed)), scope);
    }

    Definition inScope(String newScope) {
        return new Definition(name, threads, onDiscard, onProgress, stages, ends, newScope);
    }

    Definition endingIn(List<Way> newEnds) {
        return new Definition(name, threads, onDiscard, onProgress, stages, newEnds, scope);
    }

    /** The chains of stages, each begun with what it continues. */
    String outline(List<String> names) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < stages.size(); i++) {
            List<StageDefinition> before =
                    stages.get(i).inputs().stream().map(Way::from).distinct().toList();
            if (i > 0 && !before.equals(List.of(stages.get(i - 1)))) {
                text.append("; ");
                text.append(before.stream()
                        .map(from -> names.get(stages.indexOf(from)))
                        .collect(Collectors.joining(", ")));
            }
            text.append(text.isEmpty() || before.isEmpty() ? "" : " -> ").append(names.get(i));
        }
        return text.toString();
    }

    /** What the stages are called: what they were named; the others {@code batch}, {@code batch-2} and so on. */
    List<String> names() {
        Set<String> taken = new HashSet<>();
        stages.stream()
                .filter(StageDefinition::isNamed)
                .map(StageDefinition::name)
                .forEach(taken::add);
        List<String> names = new ArrayList<>();
        for (StageDefinition stage : stages) {
            String each = stage.name();
            for (int i = 2; !stage.isNamed() && !taken.add(each); i++) {
                each = stage.name() + "-" + i;
            }
            names.add(each);
        }
        return List.copyOf(names);
    }

    /** The stage that was added last. */
    StageDefinition last() {
        return stages.get(stages.size() - 1);
    }

    /** A name for a stage of the user's. */
    String free(String given) {
        String stage = scope + notBlank(given);
        if (TAKEN.contains(stage)) {
            throw new IllegalArgumentException(
                    "name must not be one of source, collect and iterator but was '" + stage + "'");
        }
        if (stages.stream().anyMatch(each -> each.isNamed() && each.name().equals(stage))) {
            throw usedTwice(stage);
        }
        return stage;
    }

    static String notBlank(String name) {
        if (Check.notNull("name", name).isBlank()) {
            throw new IllegalArgumentException("name must not be blank but was '" + name + "'");
        }
        return name;
    }

    private static void requireNamesOnce(Set<StageDefinition> stages) {
        Set<String> names = new HashSet<>();
        for (StageDefinition stage : stages) {
            if (stage.isNamed() && !names.add(stage.name())) {
                throw usedTwice(stage.name());
            }
        }
    }

    private static IllegalArgumentException usedTwice(String stage) {
        return new IllegalArgumentException("name is used twice in one pipeline: '" + stage + "'");
    }
}
