package dev.sluice.pipeline;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins two stages: a bounded buffer, and beside it the state that says whether more will come.
 *
 * <p>OPEN becomes ENDED or FAILED once, after the last put; both are drained before takers see them. Any state becomes
 * ABORTED: everybody leaves, and what is in the buffer is discarded. The state is written before those whom it concerns
 * are woken; how they wait is the matter of the subclass. Interrupts play no part, but for a reader that asks.
 */
abstract class Link implements Downstream {
    static final long NEVER = Long.MAX_VALUE;

    /** What may still come. */
    enum State {
        OPEN,
        ENDED,
        FAILED,
        ABORTED
    }

    /** Who answers for a link. Called without a lock held. */
    interface Owner {
        /**
         * The buffer itself has failed. Records the failure and then aborts this link: who is woken finds the failure
         * there.
         */
        void broken(Throwable cause);

        /** The item has been put, and nobody will take it. */
        void discarded(Object item, @Nullable Throwable reason);
    }

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Link.class, "state", State.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String stage;
    private final Owner owner;
    private final Marks marks = new Marks(System.nanoTime());
    private final AtomicLong discarded = new AtomicLong();
    /** Whether a taker may be one too many. Written before there are takers. */
    private BooleanSupplier mayDismiss = () -> false;

    private volatile State state = State.OPEN;
    private volatile @Nullable Throwable abortReason;

    Link(String stage, Owner owner) {
        this.stage = stage;
        this.owner = owner;
    }

    /** Who is on one side of a link. */
    enum Side {
        /** One thread at a time. */
        ONE,
        /** Several threads that put, or that take or look at what there is to take. */
        MANY,
        /** Steps, which do not wait but are called, and perhaps threads too. A step takes no naps: no call may be missed. */
        STEPS;

        /** Both on one side. */
        Side and(Side other) {
            return this == STEPS || other == STEPS ? STEPS : MANY;
        }
    }

    static Link of(String stage, Settings settings, Side putters, Side takers, Owner owner) {
        if (settings.queue() != null) {
            return new LockedLink(LinkQueue.of(stage, settings, settings.queue()), stage, owner);
        }
        return new RingLink(stage, settings.capacityOrDefault(), putters, takers, owner, Waiters.FIRST_NAP_NANOS);
    }

    /**
     * Has {@link #await} return while {@code mayDismiss} is true, so that takers can leave early. Who makes it true, and who
     * leaves for it, {@linkplain #wakeTakers wakes the takers}: he may have been called for an item.
     */
    final void dismissesTakers(BooleanSupplier when) {
        mayDismiss = when;
    }

    final boolean mayDismiss() {
        return mayDismiss.getAsBoolean();
    }

    /** Takes the next item and notes its number in the meter; null when there is none at the moment. */
    abstract @Nullable Object poll(Meter meter);

    /**
     * Waits until there may be an item to take; false when the link has no more or {@code System.nanoTime()} passes
     * {@code deadline}.
     */
    abstract boolean await(Meter meter, long deadline);

    /**
     * Has {@code call} run once, without a lock, when there may be an item to take, or when there will be no more; false
     * when that is now, and then it is not run.
     */
    abstract boolean watchItems(Runnable call);

    /** Waits until there is an item to take; false when the link has no more. */
    abstract boolean awaitItem(Meter meter) throws InterruptedException;

    /** Takes the next item, or gives null when the link has no more. */
    final @Nullable Object take(Meter meter) {
        Object item = poll(meter);
        while (item == null && await(meter, NEVER)) {
            item = poll(meter);
        }
        return item;
    }

    @Override
    public final void end() {
        close(State.ENDED);
    }

    @Override
    public final void fail() {
        close(State.FAILED);
    }

    private void close(State end) {
        if (STATE.compareAndSet(this, State.OPEN, end)) {
            wakeTakers();
        }
        puttersLeave();
    }

    /** Frees everybody who waits here, for good, and discards what nobody will take. */
    final void abort(Throwable reason) {
        if (abortReason == null) {
            abortReason = reason;
        }
        state = State.ABORTED;
        try {
            discardAtOnce();
        } finally {
            try {
                wakePutters();
            } finally {
                wakeTakers();
            }
        }
    }

    /** The takers will not come again. */
    abstract void takersLeave();

    /** The putters will not come again; called once. */
    abstract void puttersLeave();

    abstract void wakePutters();

    abstract void wakeTakers();

    /** Discards what can be discarded while takers may still come. */
    abstract void discardAtOnce();

    abstract int capacity();

    /** How many items have been taken by who was to get them. */
    abstract long taken();

    /** How many items wait. */
    abstract int waiting();

    /** No more items, and there were none lost: everything that was put has been taken. */
    final boolean hasEnded() {
        return state() == State.ENDED && waiting() == 0;
    }

    /** Nobody will get anything here any more. The state is read first: what was put before the end is seen after it. */
    final boolean isOver() {
        State seen = state();
        return seen == State.ABORTED || (seen != State.OPEN && waiting() == 0);
    }

    final State state() {
        return state;
    }

    /** The consumer of this link. */
    final String stage() {
        return stage;
    }

    final long discarded() {
        return discarded.get();
    }

    final void discard(Object item) {
        discarded.getAndIncrement();
        owner.discarded(item, abortReason);
    }

    /** Notes how many items have been put up to this moment, which is {@code System.nanoTime()}. */
    final void mark(long now) {
        marks.add(received(), now);
    }

    /** About when item number {@code position} was put. */
    final long putTime(long position) {
        return marks.timeOf(position);
    }

    /** How long the item that will be taken next has waited, about; 0 when there is none. */
    final long oldest(long now) {
        mark(now);
        int waiting = waiting();
        return waiting == 0 ? 0 : Math.max(0, now - putTime(received() - waiting));
    }

    /** Counts items that the buffer does not give back. */
    final void lost(int items) {
        discarded.getAndAdd(items);
    }

    final void broken(Throwable cause) {
        owner.broken(cause);
    }
}
