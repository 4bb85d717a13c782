package dev.sluice.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a task is about to wait for ever for tasks that wait for it, in one pool or across several.
 *
 * <p>Every task writes what it waits for ({@link Task#waitsFor}, volatile) before it looks, and only then waits. So of
 * the tasks that close a cycle at the same time at least one sees the whole of it. A queued task and one that waits with
 * a time limit can always go on: waiting tasks lend their workers. The answer can be wrong only when somebody outside
 * cancels or interrupts one of the tasks at that very moment.
 */
final class Deadlock {
    private Deadlock() {}

    /**
     * Checks the wait that {@code me} has announced.
     *
     * @throws IllegalStateException when it can never end; the message names the cycle
     */
    static void check(Task<?> me) {
        Set<Task<?>> stuck = stuck(reachable(me));
        while (stuck.contains(me)) {
            String cycle = cycle(me, stuck);
            if (cycle != null) {
                throw new IllegalStateException("waiting here would never end: " + cycle);
            }
            stuck = stuck(reachable(me)); // another task of it has been told at the same time, and has gone
        }
    }

    /** Checks again the wait that the current thread's task has announced, if it has. */
    static void checkCurrent() {
        Task<?> me = Task.current();
        if (me != null && me.waitingFor() != null) {
            check(me);
        }
    }

    private static Set<Task<?>> reachable(Task<?> me) {
        Set<Task<?>> seen = new LinkedHashSet<>(List.of(me));
        Deque<Task<?>> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Awaited wait = open.pop().waitingFor();
            if (wait != null) {
                for (Task<?> target : wait.unfinished()) {
                    if (seen.add(target)) {
                        open.push(target);
                    }
                }
            }
        }
        return seen;
    }

    /** What is left when everything that can go on, and all that waits only for such, has been taken away. */
    private static Set<Task<?>> stuck(Set<Task<?>> tasks) {
        Set<Task<?>> stuck = new HashSet<>(tasks);
        boolean changed = true;
        while (changed) {
            changed = stuck.removeIf(task -> {
                Awaited wait = task.waitingFor();
                return wait == null || wait.endsWhen(target -> !stuck.contains(target));
            });
        }
        return stuck;
    }

    /** The names of the tasks along the cycle; null when it is one no more. */
    private static @Nullable String cycle(Task<?> me, Set<Task<?>> stuck) {
        List<String> names = new ArrayList<>();
        Set<Task<?>> seen = new HashSet<>();
        Task<?> at = me;
        while (at != null && seen.add(at)) {
            names.add(at.toString());
            Awaited wait = at.waitingFor();
            at = wait == null
                    ? null
                    : wait.unfinished().stream()
                            .filter(stuck::contains)
                            .findFirst()
                            .orElse(null);
        }
        if (at == null) {
            return null;
        }
        names.add(at.toString());
        return String.join(" waits for ", names);
    }
}
