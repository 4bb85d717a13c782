package dev.sluice.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * One end of a ring: how far it has got, how far it may go before it has to look at the other end, and a lock for those
 * who share it. All of it lies on cache lines that nothing else is on, so an end moves between cores only when another
 * thread takes it over, or looks.
 *
 * <p>The lock is held for some tens of instructions, never while waiting for anything and never round foreign code. Who
 * finds it held spins, then yields, then sleeps for moments: nobody has to be woken, so releasing it is one store. It is
 * not reentrant. What was written before {@link #unlock} is seen after the next {@link #lock}; {@code unlock} is no fence
 * between what was written before it and what is read after it.
 */
public final class RingEnd extends RingEndFields {
    private static final int SPINS = 16;
    private static final int YIELDS = 64;
    private static final long PAUSE_NANOS = 50_000;
    private static final VarHandle INDEX;
    private static final VarHandle HELD;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            INDEX = lookup.findVarHandle(RingEndFields.class, "index", long.class);
            HELD = lookup.findVarHandle(RingEndFields.class, "held", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // Keeps what the heap has next to this object off its lines.
    @SuppressWarnings("unused")
    private long q01, q02, q03, q04, q05, q06, q07, q08, q09, q10, q11, q12, q13, q14, q15;

    /** Makes an end at index 0. */
    public RingEnd() {}

    /** The index, as this end's own side reads it. */
    public long index() {
        return index;
    }

    /** The index, as the other end reads it: what was written before it was published is seen. */
    public long seenIndex() {
        return (long) INDEX.getAcquire(this);
    }

    /** Moves the index; what was written before is seen by who reads it with {@link #seenIndex}. */
    public void publish(long next) {
        INDEX.setRelease(this, next);
    }

    /** The index up to which this end may go without looking at the other. Used by this end's side alone. */
    public long limit() {
        return limit;
    }

    /** Notes how far this end may go. */
    public void limit(long upTo) {
        limit = upTo;
    }

    /** Takes the lock. */
    public void lock() {
        if (!HELD.compareAndSet(this, 0L, 1L)) {
            lockWhenFree();
        }
    }

    private void lockWhenFree() {
        int tries = 0;
        boolean interrupted = false;
        do {
            interrupted |= pause(tries);
            tries++;
        } while ((long) HELD.getOpaque(this) != 0 || !HELD.compareAndSet(this, 0L, 1L));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives whether it has taken an interrupt off the thread. */
    private static boolean pause(int tries) {
        if (tries < SPINS) {
            Thread.onSpinWait();
            return false;
        }
        Thread.yield();
        if (tries < SPINS + YIELDS) {
            return false;
        }
        // The holder may have lost its core to us, whatever the priorities; or its carrier, which virtual threads that
        // yield to each other never leave to one that comes from elsewhere. An interrupted thread would not sleep.
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(PAUSE_NANOS);
        return interrupted;
    }

    /** Releases the lock, which the calling thread holds. */
    public void unlock() {
        HELD.setRelease(this, 0L);
    }
}

/** The fields between the paddings: those of a superclass come first in an object's layout. */
abstract class RingEndFields extends RingEndPadding {
    long index;
    long limit;
    /** 1 while the lock is held. A {@code long}, because anything smaller is put into the gap behind the object's header. */
    long held;
}

/** Keeps the object's header, and what lies before the object, off the lines of the fields. */
abstract class RingEndPadding {
    @SuppressWarnings("unused")
    private long p01, p02, p03, p04, p05, p06, p07, p08, p09, p10, p11, p12, p13, p14, p15;
}
