package dev.sluice.pool;

import dev.sluice.internal.Clock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Looks twice in the time that is allowed what a pool runs, and logs once for each task that it has seen for so long. Nothing
 * is noted when a task begins or ends.
 *
 * <p>It looks only while something runs: whoever sets a thread to work says so ({@link #start}), and a look that finds the
 * pool at rest is the last one. Both under the pool's lock, which guards all fields. The alarm knows the pool only weakly,
 * and is called off with the end of the pool.
 */
final class StuckWatch {
    private final BasePool pool;
    private final @Nullable Duration limit;
    private Clock.@Nullable Alarm alarm;
    private Map<Object, Since> seen = new HashMap<>();

    /** A task that runs. {@code who} runs it, or is the task itself; {@code number} is another one for who's next task. */
    record Sight(Object who, long number, Task<?> task) {}

    private record Since(long number, long nanos, boolean told) {}

    StuckWatch(BasePool pool, @Nullable Duration limit) {
        this.pool = pool;
        this.limit = limit;
    }

    /** Somebody is set to work. The pool's lock is held. */
    void start() {
        if (alarm == null && limit != null) {
            setAlarm(limit);
        }
    }

    /** The pool has ended. The pool's lock is held. */
    void stop() {
        if (alarm != null) {
            alarm.cancel();
            alarm = null;
        }
    }

    private void setAlarm(Duration every) {
        try {
            WeakReference<StuckWatch> weak = new WeakReference<>(this);
            alarm = Clock.in(Math.max(1, every.dividedBy(2).toNanos()), () -> {
                StuckWatch watch = weak.get();
                if (watch != null) {
                    watch.look(every);
                }
            });
        } catch (Throwable t) { // no thread for the clock: there is no watch, and the task that was to be watched runs
            alarm = null;
        }
    }

    private void look(Duration longest) {
        List<Task<?>> stuck = pool.look(() -> {
            alarm = null;
            if (pool.idle()) {
                seen = new HashMap<>();
                return List.of();
            }
            setAlarm(longest);
            return update(longest.toNanos(), System.nanoTime());
        });
        if (!stuck.isEmpty()) {
            // A task's name, and where the log goes, are the user's code.
            Alarms.run(() -> stuck.forEach(task -> tell(task, longest)));
        }
    }

    private List<Task<?>> update(long longest, long now) {
        Map<Object, Since> before = seen;
        List<Task<?>> stuck = new ArrayList<>();
        seen = new HashMap<>();
        for (Sight sight : pool.sights()) {
            Since since = before.get(sight.who());
            if (since == null || since.number() != sight.number()) {
                since = new Since(sight.number(), now, false);
            } else if (!since.told() && now - since.nanos() >= longest) {
                since = new Since(sight.number(), since.nanos(), true);
                stuck.add(sight.task());
            }
            seen.put(sight.who(), since);
        }
        return stuck;
    }

    private void tell(Task<?> task, Duration longest) {
        Thread thread = task.thread();
        Throwable stack = new Throwable("what it is doing");
        stack.setStackTrace(task.stack().toArray(StackTraceElement[]::new));
        LoggerFactory.getLogger(WorkerPool.class)
                .warn(
                        "{}: {} has been running for more than {}, on {}",
                        pool.name,
                        task,
                        longest,
                        thread == null ? "no thread" : thread.getName(),
                        stack);
    }
}
