package dev.sluice.gate;

import dev.sluice.internal.Check;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The right to be inside a {@link Gate}: a weight that is given back by {@link #close()}.
 *
 * <pre>{@code
 * try (Permit permit = gate.acquire()) {
 *     query();
 * }
 * }</pre>
 *
 * <p>A permit may be passed on and closed by any thread. What was done before {@code close()} is visible to whoever gets
 * the freed permit afterwards. A permit that is never closed is held for ever.
 */
public final class Permit implements AutoCloseable {
    // PENDING until granted; HELD and LENT alternate, under the lock of the line; CLOSED is final.
    private static final int HELD = 0;
    private static final int PENDING = 1;
    private static final int LENT = 2;
    private static final int CLOSED = 3;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Permit.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Source source;
    private final int weight;
    private volatile int state;

    /** One that is held, or will be before anybody else sees it. */
    Permit(Source source, int weight) {
        this.source = source;
        this.weight = weight;
    }

    /** One that others may see before it is granted. */
    Permit pending() {
        state = PENDING;
        return this;
    }

    /**
     * Gives the permit back; those who wait and fit are let in. Never blocks. Only the first call has an effect, from
     * whichever thread it comes. A permit that is being lent is given up for good: it is not taken back, and the call of
     * {@link #lend} returns when its work is done, without it.
     */
    @Override
    public void close() {
        if (markClosed()) {
            source.release(this);
        } else {
            closeUnlessClosed();
        }
    }

    /** It was not held a moment ago; it may be closed, or lent, or by now taken back. */
    private void closeUnlessClosed() {
        for (int seen = state; seen == HELD || seen == LENT; seen = state) {
            if (seen == LENT && source.closeLent(this)) {
                return;
            }
            if (markClosed()) {
                source.release(this);
                return;
            }
        }
    }

    /** {@return the share of the gate that this permit stands for, at least 1; of several gates, the sum} */
    public int weight() {
        return weight;
    }

    /**
     * Runs {@code work} in the calling thread with the permit given back, and takes it again before it returns or throws.
     * It is meant for a holder that has to wait for others who need the same gate, and who would else wait for itself.
     *
     * <p>Taking the permit again may block, and always succeeds in the end, for the holder has been admitted before: it
     * goes before all who wait for a first permit, an interrupt does not end the wait (the thread's interrupt flag
     * stays set), {@code maxWaiters} does not apply, and a closed gate lets it in. When the gate has been shrunk below the
     * weight, it waits until nobody else is inside and enters as debt. Several who come back do so in their order.
     *
     * @param work what to do without the permit
     * @param <T> the type of the result
     * @param <X> the exception that the work may throw
     * @return what the work returned
     * @throws X what the work threw
     * @throws IllegalStateException if the permit is closed, or is being lent already
     */
    public <T extends @Nullable Object, X extends Exception> T lend(Gate.Work<T, X> work) throws X {
        Check.notNull("work", work);
        return source.lend(this, work);
    }

    @Override
    public String toString() {
        return "Permit[" + weight + " of " + source.describe() + ", " + stateName() + "]";
    }

    private String stateName() {
        return switch (state) {
            case HELD -> "held";
            case PENDING -> "pending";
            case LENT -> "lent";
            default -> "closed";
        };
    }

    // ---- for the source ------------------------------------------------------------------------------

    void granted() {
        state = HELD;
        source.granted(this);
    }

    /** Closes a permit that is held without giving it back, which is then for the caller to do; false when it is not held. */
    boolean revoke() {
        boolean revoked = markClosed();
        if (revoked) {
            source.revoked();
        }
        return revoked;
    }

    /** From held to closed; true for the one call that has done it. */
    private boolean markClosed() {
        return STATE.compareAndSet(this, HELD, CLOSED);
    }

    boolean closeWhileLent() {
        return STATE.compareAndSet(this, LENT, CLOSED);
    }

    void lendOut() {
        if (!STATE.compareAndSet(this, HELD, LENT)) {
            throw new IllegalStateException("only a permit that is held can be lent, not one that is "
                    + (state == LENT ? "lent already" : "closed"));
        }
    }

    void takenBack() {
        state = HELD;
    }

    boolean isLent() {
        return state == LENT;
    }
}
