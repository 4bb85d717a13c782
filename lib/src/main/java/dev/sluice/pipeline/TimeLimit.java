package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.internal.SureLock;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts a worker whose function takes too long for an item, and has the item fail then. Belongs to one worker.
 *
 * <p>There is one alarm at a time, not one for each item: when it goes off it looks how much time the item has left that is
 * being worked on then, and is set again for that. One that cannot be set, for want of memory, is set with a later item.
 */
final class TimeLimit {
    private final String stage;
    private final long nanos;
    /** Guards what follows; the interrupt is sent under it, so none comes after {@link #end}. */
    private final SureLock lock = new SureLock();

    private @Nullable Thread runner;
    private long deadline;
    private boolean passed;
    private boolean closed;
    private Clock.@Nullable Alarm alarm;

    TimeLimit(String stage, long nanos) {
        this.stage = stage;
        this.nanos = nanos;
    }

    <T, R> R call(StageFunction<T, R> function, T item) throws Exception {
        begin();
        R result;
        try {
            result = function.apply(item);
        } catch (Exception e) {
            // What an interrupted function throws tells of the interrupt.
            throw end() ? exceeded(e) : e;
        } catch (Throwable e) {
            // An Error tells of something else.
            end();
            throw e;
        }
        if (end()) {
            throw exceeded(null);
        }
        return result;
    }

    private TimeoutException exceeded(@Nullable Throwable thrown) {
        TimeoutException exceeded =
                new TimeoutException("stage '" + stage + "': the item took longer than " + Duration.ofNanos(nanos));
        if (thrown != null) {
            exceeded.addSuppressed(thrown);
        }
        return exceeded;
    }

    private void begin() {
        lock.lock();
        try {
            runner = Thread.currentThread();
            deadline = System.nanoTime() + nanos;
            passed = false;
            if (alarm == null) {
                alarm = Clock.in(nanos, this::look);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the time had passed before. */
    private boolean end() {
        lock.lock();
        try {
            runner = null;
            if (!passed) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        Thread.interrupted();
        return true;
    }

    private void look() {
        lock.lock();
        try {
            alarm = null;
            if (runner == null || closed) {
                return;
            }
            long left = deadline - System.nanoTime();
            if (left > 0) {
                alarm = Clock.in(left, this::look);
            } else {
                passed = true;
                runner.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** No more items will come: nothing of it stays with the clock. */
    void close() {
        Clock.Alarm last;
        lock.lock();
        try {
            closed = true;
            last = alarm;
        } finally {
            lock.unlock();
        }
        if (last != null) {
            // Without the lock, for which the clock's thread may wait: this may have it sweep through its heap.
            last.cancel();
        }
    }
}
