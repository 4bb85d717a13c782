package dev.sluice.pipeline;

import dev.sluice.internal.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline as far as it has been defined. It is never changed, so that a prefix can be continued in several ways and
 * run several times at once.
 *
 * @param name what it was named, or null
 * @param threads makes the threads whose names begin with a prefix
 * @param stages the first is the source's
 */
record Definition(
        @Nullable String name,
        Function<String, ThreadFactory> threads,
        Origin source,
        List<StageDefinition> stages,
        DiscardHandler onDiscard) {
    static final String SOURCE = "source";
    static final String COLLECT = "collect";
    static final String ITERATOR = "iterator";

    private static final Set<String> TAKEN = Set.of(SOURCE, COLLECT, ITERATOR);

    static Definition from(Origin source) {
        StageDefinition stage = StageDefinition.of(SOURCE, Settings.DEFAULT);
        return new Definition(
                null, prefix -> Threads.platform(prefix, false), source, List.of(stage), (item, at, reason) -> {});
    }

    Definition named(String newName) {
        return new Definition(newName, threads, source, stages, onDiscard);
    }

    Definition threads(Function<String, ThreadFactory> factories) {
        return new Definition(name, factories, source, stages, onDiscard);
    }

    Definition onDiscard(DiscardHandler handler) {
        return new Definition(name, threads, source, stages, handler);
    }

    /** Adds a step to the last stage. */
    Definition with(Op op) {
        List<StageDefinition> changed = new ArrayList<>(stages);
        changed.set(stages.size() - 1, changed.get(stages.size() - 1).with(op));
        return new Definition(name, threads, source, List.copyOf(changed), onDiscard);
    }

    Definition with(StageDefinition stage) {
        List<StageDefinition> more = new ArrayList<>(stages);
        more.add(stage);
        return new Definition(name, threads, source, List.copyOf(more), onDiscard);
    }

    /** A name for a stage of the user's. */
    String free(String stage) {
        if (stage.isBlank()) {
            throw new IllegalArgumentException("name must not be blank but was '" + stage + "'");
        }
        if (TAKEN.contains(stage)) {
            throw new IllegalArgumentException(
                    "name must not be one of source, collect and iterator but was '" + stage + "'");
        }
        if (isUsed(stage)) {
            throw new IllegalArgumentException("name is used twice in one pipeline: '" + stage + "'");
        }
        return stage;
    }

    /** {@code prefix}, or {@code prefix-2} and so on. */
    String numbered(String prefix) {
        String candidate = prefix;
        for (int i = 2; isUsed(candidate); i++) {
            candidate = prefix + "-" + i;
        }
        return candidate;
    }

    String outline() {
        return stages.stream().map(StageDefinition::name).collect(Collectors.joining(" -> "));
    }

    private boolean isUsed(String stage) {
        return stages.stream().anyMatch(s -> s.name().equals(stage));
    }
}
