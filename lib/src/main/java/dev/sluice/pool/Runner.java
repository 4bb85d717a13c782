package dev.sluice.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;

/**
 * Delivers interrupts to one task only: to the thread that runs it, while that thread runs it and nothing nested in it.
 *
 * <p>States: {@code AWAY} (not begun, or a nested task has the thread), the thread itself, {@code BUSY} (an interrupt is
 * being delivered), {@code PENDING} (interrupted while away), {@code GONE}. Invariant: an interrupter calls
 * {@code Thread.interrupt} only in {@code BUSY}, and the running thread leaves the task only by a CAS from its own
 * thread, so it never passes on to other work while an interrupt is on its way.
 */
final class Runner {
    private static final Object AWAY = new Object();
    private static final Object BUSY = new Object();
    private static final Object PENDING = new Object();
    private static final Object GONE = new Object();

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Runner.class, "state", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile Object state = AWAY;
    /** Written in BUSY, read by the running thread after it has left BUSY behind. */
    private boolean delivered;

    /** Interrupts the task's thread now, or as soon as the thread is back at the task; does nothing once it has ended. */
    void interrupt() {
        while (true) {
            Object seen = state;
            if (seen instanceof Thread thread && STATE.compareAndSet(this, seen, BUSY)) {
                delivered = true;
                thread.interrupt();
                state = thread;
                return;
            }
            if (seen == GONE || seen == PENDING || (seen == AWAY && STATE.compareAndSet(this, AWAY, PENDING))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    /**
     * Interrupts the thread if the condition holds, which is asked while the thread cannot get past {@link #letPass}; false when
     * the thread is away, or another interrupt is under way.
     */
    boolean interruptIf(BooleanSupplier condition) {
        Object seen = state;
        if (!(seen instanceof Thread thread)) {
            return seen == GONE;
        }
        if (!STATE.compareAndSet(this, seen, BUSY)) {
            return false;
        }
        if (condition.getAsBoolean()) {
            delivered = true;
            thread.interrupt();
        }
        state = thread;
        return true;
    }

    /** For the thread itself: waits until no interrupt is under way. */
    void letPass() {
        while (state == BUSY) {
            Thread.yield(); // as in leaveFor
        }
    }

    /** The current thread begins the task, or comes back to it. */
    void attach() {
        Thread thread = Thread.currentThread();
        if (STATE.compareAndSet(this, AWAY, thread) || state == GONE) {
            return;
        }
        delivered = true; // PENDING, which only this thread leaves
        thread.interrupt();
        state = thread;
    }

    /** The current thread turns to nested work. */
    void suspend() {
        leaveFor(AWAY);
    }

    /** The current thread has ended the task; returns whether an interrupt was ever delivered to it. */
    boolean detach() {
        leaveFor(GONE);
        return delivered;
    }

    private void leaveFor(Object next) {
        Thread thread = Thread.currentThread();
        // GONE: callbacks of a finished task may run nested work, too, but interrupts reach it no more.
        while (!STATE.compareAndSet(this, thread, next) && state != GONE) {
            // BUSY lasts for the length of one Thread.interrupt; yield for the case that the interrupter lost its core.
            Thread.yield();
        }
    }
}
