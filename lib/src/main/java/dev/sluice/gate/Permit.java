package dev.sluice.gate;

import dev.sluice.internal.Check;
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
    /** PENDING until granted; HELD and LENT alternate; CLOSED is final. */
    enum State {
        PENDING,
        HELD,
        LENT,
        CLOSED
    }

    private final Gate gate;
    private final Admission admission;
    private final int weight;

    /** Guarded by the lock of the admission, which alone reads and writes it. */
    State state = State.PENDING;

    Permit(Gate gate, Admission admission, int weight) {
        this.gate = gate;
        this.admission = admission;
        this.weight = weight;
    }

    /**
     * Gives the permit back; those who wait and fit are let in. Never blocks. Only the first call has an effect, from
     * whichever thread it comes. A permit that is being lent is given up for good: it is not taken back, and the call of
     * {@link #lend} returns when its work is done, without it.
     */
    @Override
    public void close() {
        admission.release(this);
    }

    /** {@return the share of the gate that this permit stands for, at least 1} */
    public int weight() {
        return weight;
    }

    /** {@return the gate that granted this permit} */
    public Gate gate() {
        return gate;
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
        admission.lend(this);
        try {
            return work.call();
        } finally {
            admission.takeBack(this);
        }
    }

    @Override
    public String toString() {
        return admission.describe(this);
    }
}
