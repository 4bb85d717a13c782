package dev.sluice.pool;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** {@code invokeAll} and {@code invokeAny}, with this library's handles; {@code Long.MAX_VALUE} is no time limit. */
final class Bulk {
    private Bulk() {}

    static <T extends @Nullable Object> List<Future<T>> invokeAll(
            BasePool pool, Collection<? extends Callable<T>> tasks, long nanos) throws InterruptedException {
        List<Task<T>> all = new ArrayList<>();
        for (Callable<T> task : Check.notNull("tasks", tasks)) {
            all.add(Task.of(pool, task, TaskListener.NONE));
        }
        long start = System.nanoTime();
        boolean ended = false;
        try {
            ended = admitAll(pool, all, start, nanos) && awaitAll(all, start, nanos);
        } finally {
            if (!ended) {
                all.forEach(task -> task.cancel(true));
            }
        }
        return List.copyOf(all);
    }

    /** Returns false when the time was up first; the tasks not admitted are then cancelled. */
    private static <T extends @Nullable Object> boolean admitAll(
            BasePool pool, List<Task<T>> tasks, long start, long nanos) throws InterruptedException {
        boolean inTime = true;
        for (Task<T> task : tasks) {
            inTime = inTime && pool.admitWithin(task, left(start, nanos));
            if (!inTime) {
                pool.admitCancelled(task);
            }
        }
        return inTime;
    }

    private static <T extends @Nullable Object> boolean awaitAll(List<Task<T>> tasks, long start, long nanos)
            throws InterruptedException {
        for (Task<T> task : tasks) {
            try {
                if (nanos == Long.MAX_VALUE) {
                    task.get();
                } else {
                    task.get(left(start, nanos), TimeUnit.NANOSECONDS);
                }
            } catch (ExecutionException | CancellationException e) {
                // The caller finds it in the future.
            } catch (TimeoutException e) {
                return false;
            }
        }
        return true;
    }

    static <T extends @Nullable Object> T invokeAny(BasePool pool, Collection<? extends Callable<T>> tasks, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (Check.notNull("tasks", tasks).isEmpty()) {
            throw new IllegalArgumentException("tasks must not be empty");
        }
        tasks.forEach(task -> Check.notNull("task", task));
        long start = System.nanoTime();
        Group<T> group = new Group<>(pool, OnFailure.COLLECT);
        try {
            for (Callable<T> task : tasks) {
                Task<T> member = Task.of(pool, task, group);
                if (!group.add(member, any -> pool.admitWithin(any, left(start, nanos)))) {
                    break;
                }
            }
            return firstSuccess(group, start, nanos);
        } finally {
            group.cancel();
        }
    }

    @SuppressWarnings("NullAway") // a Callable may return null, and invokeAny passes it on
    private static <T extends @Nullable Object> T firstSuccess(Group<T> group, long start, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        ExecutionException failure = null;
        while (group.awaitOutcome(left(start, nanos))) {
            Outcome<T> outcome = group.take();
            if (outcome instanceof Outcome.Success<T> success) {
                return success.value();
            }
            failure = asFailure(outcome);
        }
        if (failure == null || group.hasPending()) {
            throw new TimeoutException("no task succeeded within " + Duration.ofNanos(nanos));
        }
        throw failure;
    }

    private static ExecutionException asFailure(Outcome<?> outcome) {
        if (outcome instanceof Outcome.Failure<?> failed) {
            return new ExecutionException(failed.job() + " failed: " + failed.cause(), failed.cause());
        }
        return new ExecutionException(
                outcome instanceof Outcome.Dropped<?> dropped
                        ? dropped.cause()
                        : new CancellationException(outcome.job() + " was cancelled"));
    }

    private static long left(long start, long nanos) {
        if (nanos <= 0 || nanos == Long.MAX_VALUE) {
            return Math.max(0, nanos);
        }
        return Math.max(0, nanos - (System.nanoTime() - start));
    }
}
