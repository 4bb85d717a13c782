package dev.sluice.pipeline;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The counts and times of one worker.
 *
 * <p>Each count is kept on its own. Any thread may add: what a worker of an ordered stage has begun is finished by
 * whoever emits it, and a canceller discards for all; so only the sum over a stage's workers has a meaning. The times
 * are written by the worker alone. The clock is read only when it is about to wait and when it has waited.
 */
final class Meter {
    enum Count {
        IN,
        COMPLETED,
        FILTERED,
        SKIPPED,
        DISCARDED,
        IN_FLIGHT,
        OUT,
        STARVED_NANOS,
        BLOCKED_NANOS
    }

    private final Map<Count, AtomicLong> counts = new EnumMap<>(Count.class);
    // Written by the worker, read by whoever asks for statistics: an approximation is enough there.
    private volatile long begun;
    private volatile long ended;
    private volatile boolean running;
    private volatile long waitingSince;
    private volatile @Nullable Count waitingFor;

    Meter() {
        for (Count count : Count.values()) {
            counts.put(count, new AtomicLong());
        }
    }

    void add(Count count, long n) {
        counter(count).getAndAdd(n);
    }

    long get(Count count) {
        return counter(count).get();
    }

    private AtomicLong counter(Count count) {
        return Objects.requireNonNull(counts.get(count));
    }

    /** Counts an input that was taken. */
    void took() {
        add(Count.IN, 1);
        add(Count.IN_FLIGHT, 1);
    }

    /** Counts what became of {@code n} inputs. */
    void settled(Count fate, long n) {
        add(fate, n);
        add(Count.IN_FLIGHT, -n);
    }

    void begin() {
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
