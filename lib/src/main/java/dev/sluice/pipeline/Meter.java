package dev.sluice.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The counts and times of one worker.
 *
 * <p>Each count is kept on its own. Any thread may add: what a worker of an ordered stage has begun is finished by
 * whoever emits it, and a canceller discards for all; so only the sum over a stage's workers has a meaning. What the
 * worker itself adds goes into {@code own}, which only it writes, with ordered stores; what others add, which is rare, into
 * {@code others}. The times are written by the worker alone. The clock is read only when it is about to wait and when it
 * has waited.
 */
final class Meter {
    enum Count {
        IN(0),
        COMPLETED(1),
        FILTERED(2),
        SKIPPED(3),
        DISCARDED(4),
        IN_FLIGHT(5),
        OUT(6),
        STARVED_NANOS(7),
        BLOCKED_NANOS(8);

        private final int index;

        Count(int index) {
            this.index = index;
        }
    }

    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(long[].class);
    /** In front of the counts and behind them, so that no two meters share a cache line. */
    private static final int PADDING = 16;

    private static final int SIZE = Count.values().length;

    private final long[] own = new long[PADDING + SIZE + PADDING];
    private final AtomicLongArray others = new AtomicLongArray(SIZE);
    private volatile @Nullable Thread owner;
    // Written by the worker, read by whoever asks for statistics: an approximation is enough there.
    private volatile long begun;
    private volatile long ended;
    private volatile boolean running;
    private volatile long waitingSince;
    private volatile @Nullable Count waitingFor;

    void add(Count count, long n) {
        if (Thread.currentThread() == owner) {
            addOwn(count, n);
        } else {
            others.getAndAdd(count.index, n);
        }
    }

    private void addOwn(Count count, long n) {
        int at = PADDING + count.index;
        COUNTS.setRelease(own, at, own[at] + n);
    }

    long get(Count count) {
        return (long) COUNTS.getAcquire(own, PADDING + count.index) + others.get(count.index);
    }

    /** Counts an input that was taken. */
    void took() {
        if (Thread.currentThread() == owner) {
            addOwn(Count.IN, 1);
            addOwn(Count.IN_FLIGHT, 1);
        } else {
            add(Count.IN, 1);
            add(Count.IN_FLIGHT, 1);
        }
    }

    /** Counts what became of {@code n} inputs. */
    void settled(Count fate, long n) {
        if (Thread.currentThread() == owner) {
            addOwn(fate, n);
            addOwn(Count.IN_FLIGHT, -n);
        } else {
            add(fate, n);
            add(Count.IN_FLIGHT, -n);
        }
    }

    void begin() {
        owner = Thread.currentThread();
        begun = System.nanoTime();
        running = true;
    }

    void end() {
        ended = System.nanoTime();
        running = false;
    }

    /** The worker is about to wait: {@code STARVED_NANOS} for input, {@code BLOCKED_NANOS} for room. */
    void waits(Count what) {
        waitingSince = System.nanoTime();
        waitingFor = what;
    }

    /** The worker has waited. */
    void goesOn() {
        Count what = waitingFor;
        if (what != null) {
            waitingFor = null;
            add(what, System.nanoTime() - waitingSince);
        }
    }

    /** The time that the worker has waited so far, a wait that goes on included. */
    long waited(Count what, long now) {
        long past = get(what);
        return waitingFor == what ? past + Math.max(0, now - waitingSince) : past;
    }

    /** The time since the worker began, until it ended. */
    long life(long now) {
        if (running) {
            return now - begun;
        }
        return ended - begun;
    }
}
