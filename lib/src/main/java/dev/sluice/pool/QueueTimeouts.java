package dev.sluice.pool;

import dev.sluice.internal.Clock;
import java.lang.ref.WeakReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Drops what has been queued for longer than it may be, while no worker comes upon it. One alarm at a time: set when a task
 * is queued and there is none, and again for the oldest that is left.
 *
 * <p>A submitter queues its task and then looks at {@code set}; the alarm takes {@code set} back and then looks at the
 * queue. So one of them sees the other. The alarm knows the pool only weakly and is called off with the end of the pool.
 */
final class QueueTimeouts {
    private final QueuedPool pool;
    private final long limit;
    /** Written under the pool's lock, as {@code alarm} is. */
    private volatile boolean set;

    private Clock.@Nullable Alarm alarm;

    QueueTimeouts(QueuedPool pool, long limit) {
        this.pool = pool;
        this.limit = limit;
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
            alarm = Clock.in(nanos, () -> {
                QueueTimeouts timeouts = weak.get();
                if (timeouts != null) {
                    timeouts.look();
                }
            });
            set = true;
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
