package dev.sluice.checks.soak;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The interrupts of one thread, none of which may be lost: at most one is on its way, and the thread says when it has seen it.
 */
final class Interrupts {
    private enum State {
        NONE,
        BEING_SENT,
        SENT
    }

    private final Tally tally;
    private final AtomicReference<State> state = new AtomicReference<>(State.NONE);

    Interrupts(Tally tally) {
        this.tally = tally;
    }

    /** From any thread; not when the last one has not been seen yet. */
    void send(Thread to) {
        if (state.compareAndSet(State.NONE, State.BEING_SENT)) {
            to.interrupt();
            state.set(State.SENT);
            tally.fault("interrupt of a caller");
        }
    }

    /**
     * By the thread itself between two calls, none of which clears the flag but by throwing.
     *
     * @param thrown whether an InterruptedException came since the last time
     */
    void check(boolean thrown) {
        State before = state.get();
        boolean seen = Thread.interrupted() | thrown;
        if (seen) {
            while (state.get() == State.BEING_SENT) {
                Thread.yield();
            }
            if (state.getAndSet(State.NONE) != State.SENT) {
                throw new AssertionError("an interrupt that nobody has sent");
            }
        } else if (before == State.SENT) {
            throw new AssertionError("an interrupt was lost");
        }
    }
}
