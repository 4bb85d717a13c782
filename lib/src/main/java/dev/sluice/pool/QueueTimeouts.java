package dev.sluice.pool;

import dev.sluice.internal.Clock;
import java.lang.ref.WeakReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Drops what has been queued for longer than it may be, while no worker comes upon it. One alarm at a time: set when a task
 * is queued and there is none, and again for the oldest that is left. While it cannot be set, for want of a thread, workers
 * drop what is late when they come upon it.
 *
 * <p>A submitter queues its task and then looks at {@code set}; the alarm takes {@code set} back and then looks at the
 * queue. So one of them sees the other. The alarm knows the pool only weakly and is called off with the end of the pool.
 */
final class QueueTimeouts {
    private final QueuedPool pool;
    private final long limit;
    private final Setter clock;
    /** Written under the pool's lock, as {@code alarm} is. */
    private volatile boolean set;

    private Clock.@Nullable Alarm alarm;

    /** What sets alarms, as {@link Clock#in} does. */
    interface Setter {
        Clock.Alarm in(long nanos, Runnable action);
    }

    QueueTimeouts(QueuedPool pool, long limit) {
        this(pool, limit, Clock::in);
    }

    /** With another clock; for tests. */
    QueueTimeouts(QueuedPool pool, long limit, Setter clock) {
        this.pool = pool;
        this.limit = limit;
        this.clock = clock;
    }

    /** A task has been queued. */
    void start() {
        if (!set) {
            pool.look(() -> set(limit));
        }
    }

    /** The pool has ended. The pool's lock is held. */
    void stop() {
        if (alarm != null) {
            alarm.cancel();
            alarm = null;
        }
    }

    private boolean set(long nanos) {
        if (!set) {
            WeakReference<QueueTimeouts> weak = new WeakReference<>(this);
            try {
                alarm = clock.in(nanos, () -> {
                    QueueTimeouts timeouts = weak.get();
                    if (timeouts != null) {
                        timeouts.look();
                    }
                });
                set = true;
            } catch (Throwable e) {
                // The system has no more threads, and the task is in all the same: who is queued next tries again.
            }
        }
        return set;
    }

    private void look() {
        set = false;
        List<Task<?>> late = pool.look(() -> {
            List<Task<?>> dropped = pool.dropLate();
            long oldest = pool.backlog.oldestQueued();
            if (oldest != 0) {
                set(Math.max(0, limit - (System.nanoTime() - oldest)));
            }
            return dropped;
        });
        if (!late.isEmpty()) {
            Alarms.run(() -> pool.publishLate(late));
        }
    }
}
