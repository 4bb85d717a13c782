package dev.sluice.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The counts and times of one worker; only the sum over a stage's workers has a meaning.
 *
 * <p>What is counted for each item, {@code completed}, is a plain addition by the worker alone, published with a release
 * store; the padding keeps other workers' counts off its cache line. The rest is rare. The clock is read only when the
 * worker is about to wait and when it has waited.
 */
final class Meter extends MeterFields {
    enum Wait {
        STARVED,
        BLOCKED
    }

    /** After this the next item is worth a sample. */
    private static final long LONG_WAIT_NANOS = 1_000_000;

    private static final long ALWAYS = Long.MIN_VALUE;

    private static final VarHandle COMPLETED;

    static {
        try {
            COMPLETED = MethodHandles.lookup().findVarHandle(MeterFields.class, "completed", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Keeps what the heap has next to this object off its lines.
    @SuppressWarnings("unused")
    private long q01, q02, q03, q04, q05, q06, q07, q08;

    private final AtomicLong filtered = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong deadLettered = new AtomicLong();
    private final AtomicLong retried = new AtomicLong();
    // Written by the worker, read by whoever asks for statistics: an approximation is enough there.
    private final AtomicLong starved = new AtomicLong();
    private final AtomicLong blocked = new AtomicLong();
    private final CpuTime cpu = new CpuTime();
    private final Tracing tracing;
    /** What the Flight Recorder is to be told of the wait that goes on. The worker's own. */
    private @Nullable Object traced;

    /** Since when the stage has had the worker; {@link #ALWAYS} when from the start. Written before there are readers. */
    private long since = ALWAYS;
    /** How long the stage has had those who have left; negative when it is one that has not. */
    private long presence = -1;

    private volatile long begun;
    private volatile long ended;
    private volatile boolean running;
    private volatile long waitingSince;
    private volatile @Nullable Wait waitingFor;

    Meter() {
        this(Tracing.NONE);
    }

    Meter(Tracing tracing) {
        this.tracing = tracing;
    }

    /** The numbers of those who have left, {@code sum}, with those of one more, {@code elapsed} after the beginning of the run. */
    static Meter sum(@Nullable Meter sum, Meter one, long elapsed) {
        Meter both = new Meter();
        long now = System.nanoTime();
        long lives = 0;
        long presence = 0;
        for (Meter part : sum == null ? List.of(one) : List.of(sum, one)) {
            both.completed += part.get(Fate.COMPLETED);
            both.filtered.getAndAdd(part.get(Fate.FILTERED));
            both.skipped.getAndAdd(part.get(Fate.SKIPPED));
            both.deadLettered.getAndAdd(part.get(Fate.DEAD_LETTERED));
            both.retried.getAndAdd(part.retries());
            both.starved.getAndAdd(part.waited(Wait.STARVED, now));
            both.blocked.getAndAdd(part.waited(Wait.BLOCKED, now));
            lives += part.life(now);
            presence += part.presence(now, elapsed);
        }
        both.ended = lives;
        both.presence = presence;
        both.cpu.sum(sum == null ? null : sum.cpu, one.cpu);
        return both;
    }

    /** The worker is hired while the run goes on. By who hires it. */
    void comesLate() {
        since = System.nanoTime();
    }

    /** How long the stage has had the worker, {@code elapsed} after the beginning of the run, which is {@code now}. */
    long presence(long now, long elapsed) {
        if (presence >= 0) {
            return presence;
        }
        return since == ALWAYS ? elapsed : Math.max(0, now - since);
    }

    /** Whether the worker is to look at the clock; asked between items. By the worker. */
    boolean isSampleDue() {
        return position >= sampleAt;
    }

    /** Before which item, from number {@code next} on, the worker is to look at the clock; at least one later. By the worker. */
    long nextSample(long next) {
        return Math.max(next, sampleAt) + 1;
    }

    /** The next look at the clock comes when the stage has taken so many more, and one of them here. By the worker. */
    void sampleAfter(int items) {
        sampleAt = position + 1 + items;
    }

    /** Makes a sample due, most likely: what used to be fast may have become slow. By any thread. */
    void sampleSoon() {
        sampleAt = -1;
    }

    /** How many inputs have been completed. By the worker, who may count on from here by {@link #completed(long)}. */
    long completedSoFar() {
        return completed;
    }

    /** There are {@code count} completed inputs in all. By the worker. */
    void completed(long count) {
        COMPLETED.setRelease(this, count);
    }

    /** Counts an input that has been completed. By the worker. */
    void completed() {
        COMPLETED.setRelease(this, completed + 1);
    }

    /** Counts what became of {@code n} inputs. By the worker. */
    void settled(Fate fate, int n) {
        switch (fate) {
            case COMPLETED -> COMPLETED.setRelease(this, completed + n);
            case FILTERED -> filtered.getAndAdd(n);
            case SKIPPED -> skipped.getAndAdd(n);
            case DEAD_LETTERED -> deadLettered.getAndAdd(n);
            case LOST -> {}
        }
    }

    /** Counts an attempt that follows one that failed. */
    void retried() {
        retried.getAndIncrement();
    }

    long retries() {
        return retried.get();
    }

    long get(Fate fate) {
        return switch (fate) {
            case COMPLETED -> (long) COMPLETED.getAcquire(this);
            case FILTERED -> filtered.get();
            case SKIPPED -> skipped.get();
            case DEAD_LETTERED -> deadLettered.get();
            case LOST -> 0;
        };
    }

    void begin() {
        begun = System.nanoTime();
        running = true;
    }

    void end() {
        ended = System.nanoTime();
        running = false;
    }

    /** Whether the worker works on an item, as far as is known. */
    boolean isAtWork() {
        return running && waitingFor == null;
    }

    /** How long the worker was on a processor; begun and ended by whoever knows that it is one thread. */
    CpuTime cpu() {
        return cpu;
    }

    /** The worker is about to wait: starved of input, or blocked for want of room. */
    void waits(Wait what) {
        waitingSince = System.nanoTime();
        waitingFor = what;
        traced = tracing.waits(what);
    }

    /** The worker has waited. */
    void goesOn() {
        Wait what = waitingFor;
        if (what != null) {
            waitingFor = null;
            long waited = System.nanoTime() - waitingSince;
            past(what).getAndAdd(waited);
            if (waited > LONG_WAIT_NANOS) {
                sampleAt = -1;
            }
            if (traced != null) {
                Tracing.goesOn(traced);
                traced = null;
            }
        }
    }

    /** The time that the worker has waited so far, a wait that goes on included. */
    long waited(Wait what, long now) {
        long past = past(what).get();
        return waitingFor == what ? past + Math.max(0, now - waitingSince) : past;
    }

    private AtomicLong past(Wait what) {
        return what == Wait.STARVED ? starved : blocked;
    }

    /** The time since the worker began, until it ended. */
    long life(long now) {
        if (running) {
            return now - begun;
        }
        return ended - begun;
    }
}

/** The fields between the paddings: those of a superclass come first in an object's layout. */
abstract class MeterFields extends MeterPadding {
    long completed;
    /** The number of the input that the worker has taken last, in the order in which its stage took them, from 0. */
    long position = -1;
    /** From which number on the clock is to be looked at. The worker's own; others may write -1, and need not succeed. */
    long sampleAt = -1;
}

/** Keeps the object's header, and what lies before the object, off the lines of the fields. */
abstract class MeterPadding {
    @SuppressWarnings("unused")
    private long p01, p02, p03, p04, p05, p06, p07, p08;
}
