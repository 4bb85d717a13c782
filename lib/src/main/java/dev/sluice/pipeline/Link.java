package dev.sluice.pipeline;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Joins two stages: a queue, and beside it the state that says whether more will come.
 *
 * <p>OPEN becomes ENDED or FAILED once, after the last put; both are drained before takers see them. Any state becomes
 * ABORTED: everybody leaves, and what is in the queue stays there until the run has no thread left that could use the
 * link; then it is discarded. Interrupts play no part, but for a reader that asks.
 */
abstract sealed class Link implements Downstream permits RingLink, QueueLink {
    static final long NEVER = Long.MAX_VALUE;

    enum State {
        OPEN,
        ENDED,
        FAILED,
        ABORTED
    }

    private final String stage;
    private volatile @Nullable Throwable abortReason;
    private volatile long discarded;

    Link(String stage) {
        this.stage = stage;
    }

    /**
     * Takes the next item into {@code claim}, or gives false when the link has no more or {@code System.nanoTime()}
     * passes {@code deadline}. A stray interrupt is swallowed: one that has a meaning comes with an abort.
     */
    abstract boolean take(Claim claim, Meter meter, long deadline);

    /** Takes the next item into {@code claim}, or gives false when the link has no more. */
    final boolean take(Claim claim, Meter meter) {
        return take(claim, meter, NEVER);
    }

    /** Waits until there is an item to take; false when the link has no more. */
    abstract boolean awaitItem(Meter meter) throws InterruptedException;

    /** No more items, and there were none lost: everything that was put has been taken. */
    abstract boolean hasEnded();

    /** Frees everybody who waits here, for good. */
    final void abort(Throwable reason) {
        if (abortReason == null) { // of two at the same time either may give it
            abortReason = reason;
        }
        close(State.ABORTED);
    }

    @Override
    public final void end() {
        close(State.ENDED);
    }

    @Override
    public final void fail() {
        close(State.FAILED);
    }

    /** OPEN takes any state, and all but ABORTED take that; wakes everybody whom it concerns. */
    abstract void close(State end);

    /** Empties the link after the end of the run; gives what was in it. */
    final List<Object> drain() {
        discarded = waiting(); // a user's queue may give less than was put into it
        return removeAll();
    }

    abstract List<Object> removeAll();

    /** Why the link was aborted; null if it was not. */
    final @Nullable Throwable abortReason() {
        return abortReason;
    }

    /** The consumer of this link. */
    final String stage() {
        return stage;
    }

    final long discarded() {
        return discarded;
    }

    abstract int capacity();

    abstract int waiting();
}
