package dev.sluice.pipeline;

import dev.sluice.internal.RingEnd;
import dev.sluice.internal.Sleepers;
import dev.sluice.pipeline.Meter.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A link whose queue is a ring.
 *
 * <p><b>Ends.</b> Items lie from {@code front.index} up to {@code back.index}; the cells outside are null. An end that
 * several threads use is locked for each item; one that belongs to one thread is not.
 *
 * <p><b>Visibility.</b> A cell is written, then {@code back} is published behind it with a release store; a taker reads
 * that with acquire, when it has come to the last index that it read. Likewise the other way round for the cells that
 * became free. So a put item can be taken at once, and cache lines travel once for many items.
 *
 * <p><b>Wake-ups.</b> Between a put and the look whether a taker wants to be called stands a full fence, as {@link
 * Sleepers} asks, when there are several takers. For a single one that is spared: the putter's store may then still be on
 * its way to memory when it looks, and a taker that was just falling asleep neither sees the item nor is called. So it
 * looks again by itself after {@code LOOK_AGAIN_NANOS}, once more after as much, and only then sleeps without limit: by
 * then every putter has seen for a long time that it wants to be called, and a store takes far less than a microsecond to
 * become visible. Of several takers one may be asleep for long while another, who was called, goes on his way; what is
 * wanted then changes all the time, and this argument does not hold. What ends or aborts the link changes {@code state},
 * which is a full fence, and wakes all.
 *
 * <p>A putter sleeps until half of the ring is free, so that both sides move many items between two wake-ups, and looks
 * by itself after {@code LOOK_AGAIN_NANOS}, and then after ever longer times, whether there is any room: it never waits
 * for more than that while there is some.
 */
final class RingLink extends Link {
    private static final int YIELDS = 16;
    private static final long LOOK_AGAIN_NANOS = 1_000_000;
    private static final long LOOK_AGAIN_AT_LEAST_NANOS = 16_000_000;

    private final @Nullable Object[] cells;
    private final int mask;
    private final int capacity;
    private final boolean sharedBack;
    private final boolean sharedFront;
    private final RingEnd back = new RingEnd();
    private final RingEnd front = new RingEnd();
    private final Sleepers putters = new Sleepers();
    private final Sleepers takers = new Sleepers();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    /**
     * Makes an open link.
     *
     * @param sharedBack whether several threads put
     * @param sharedFront whether several threads take
     */
    RingLink(String stage, int capacity, boolean sharedBack, boolean sharedFront) {
        super(stage);
        this.capacity = capacity;
        this.sharedBack = sharedBack;
        this.sharedFront = sharedFront;
        int length = Integer.highestOneBit(capacity);
        cells = new Object[length < capacity ? 2 * length : length];
        mask = cells.length - 1;
        back.limit(capacity);
    }

    // ---- putting -----------------------------------------------------------------------------------

    @Override
    public boolean put(Object item, Meter meter) {
        boolean slept = false;
        while (state.get() == State.OPEN) {
            if (sharedBack ? addLocked(item) : add(item)) {
                meter.add(Count.OUT, 1);
                callTaker();
                if (slept) {
                    passOnRoom();
                }
                return true;
            }
            slept |= awaitRoom(meter);
        }
        return false;
    }

    private void callTaker() {
        if (sharedFront) {
            takers.callOne();
        } else {
            takers.callOneUnfenced();
        }
    }

    private boolean addLocked(Object item) {
        back.lock();
        try {
            return add(item);
        } finally {
            back.unlock();
        }
    }

    private boolean add(Object item) {
        long index = back.index();
        if (index >= back.limit() && index >= newLimit()) {
            return false;
        }
        cells[(int) index & mask] = item;
        back.publish(index + 1);
        return true;
    }

    private long newLimit() {
        long limit = front.seenIndex() + capacity;
        back.limit(limit);
        return limit;
    }

    /** Whether the thread has slept: calls may have been left to it. */
    private boolean awaitRoom(Meter meter) {
        if (yieldUntil(this::mayPut)) {
            return false;
        }
        meter.waits(Count.BLOCKED_NANOS);
        long nanos = LOOK_AGAIN_NANOS;
        while (sleep(putters, this::mayPut, nanos) <= 0) {
            nanos = Math.min(2 * nanos, LOOK_AGAIN_AT_LEAST_NANOS);
        }
        meter.goesOn();
        return true;
    }

    private boolean mayPut() {
        return waiting() < capacity || state.get() != State.OPEN;
    }

    private void passOnRoom() {
        if (mayPut()) {
            putters.callOne();
        }
    }

    // ---- taking ------------------------------------------------------------------------------------

    @Override
    boolean take(Claim claim, Meter meter, long deadline) {
        boolean slept = false;
        while (true) {
            State seen = state.get(); // before the look into the ring: after the end nothing is put
            if (seen != State.ABORTED && (sharedFront ? pollLocked(claim) : poll(claim))) {
                meter.took();
                roomMade();
                if (slept) {
                    passOnItems();
                }
                return true;
            }
            if (seen != State.OPEN || (deadline != NEVER && deadline - System.nanoTime() <= 0)) {
                return false;
            }
            slept |= awaitItem(meter, deadline);
        }
    }

    private boolean pollLocked(Claim claim) {
        front.lock();
        try {
            return poll(claim);
        } finally {
            front.unlock();
        }
    }

    private boolean poll(Claim claim) {
        long index = front.index();
        if (index >= front.limit() && index >= newEnd()) {
            return false;
        }
        int at = (int) index & mask;
        claim.set(index, cells[at]);
        cells[at] = null;
        front.publish(index + 1);
        return true;
    }

    private long newEnd() {
        long end = back.seenIndex();
        front.limit(end);
        return end;
    }

    private void roomMade() {
        if (putters.areWanted() && 2 * waiting() <= capacity) {
            putters.callOne();
        }
    }

    /** Whether the thread has slept: calls may have been left to it. */
    private boolean awaitItem(Meter meter, long deadline) {
        if (yieldUntil(this::mayTake)) {
            return false;
        }
        meter.waits(Count.STARVED_NANOS);
        for (int looks = 0; looks < 2 && !mayTake(); looks++) {
            sleep(takers, this::mayTake, Math.min(LOOK_AGAIN_NANOS, left(deadline)));
        }
        sleep(takers, this::mayTake, left(deadline));
        meter.goesOn();
        return true;
    }

    private static long left(long deadline) {
        return deadline == NEVER ? NEVER : deadline - System.nanoTime();
    }

    private boolean mayTake() {
        return waiting() > 0 || state.get() != State.OPEN;
    }

    private void passOnItems() {
        if (mayTake()) {
            takers.callOne();
        }
    }

    @Override
    boolean awaitItem(Meter meter) throws InterruptedException {
        if (!mayTake()) {
            meter.waits(Count.STARVED_NANOS);
            try {
                for (int looks = 0; looks < 2 && !mayTake(); looks++) {
                    takers.sleep(this::mayTake, LOOK_AGAIN_NANOS);
                }
                takers.sleep(this::mayTake, NEVER);
            } finally {
                meter.goesOn();
                passOnItems(); // a reader that is interrupted may have been called
            }
        }
        return state.get() != State.ABORTED && waiting() > 0;
    }

    // ---- both ----------------------------------------------------------------------------------------

    /** Yields rather than spins: often it is the other side that waits for this core. */
    private static boolean yieldUntil(BooleanSupplier ready) {
        for (int i = 0; i < YIELDS; i++) {
            if (ready.getAsBoolean()) {
                return true;
            }
            Thread.yield();
        }
        return ready.getAsBoolean();
    }

    /** Swallows interrupts: those that have a meaning come with a change of the state. */
    private static long sleep(Sleepers place, BooleanSupplier ready, long nanos) {
        while (true) {
            try {
                return place.sleep(ready, nanos);
            } catch (InterruptedException e) {
                if (ready.getAsBoolean()) {
                    return 1;
                }
            }
        }
    }

    @Override
    boolean hasEnded() {
        return state.get() == State.ENDED && waiting() == 0;
    }

    @Override
    void close(State end) {
        State seen = state.getAndUpdate(old -> old == State.OPEN || end == State.ABORTED ? end : old);
        if (seen == State.OPEN || end == State.ABORTED) {
            putters.callAll();
            takers.callAll();
        }
    }

    @Override
    List<Object> removeAll() {
        List<Object> rest = new ArrayList<>();
        Claim claim = new Claim();
        while (pollLocked(claim)) {
            rest.add(claim.input());
        }
        return rest;
    }

    @Override
    int capacity() {
        return capacity;
    }

    @Override
    int waiting() {
        // The back first: the front may pass it meanwhile, and then the ring was empty.
        long end = back.seenIndex();
        return (int) Math.max(0, end - front.seenIndex());
    }
}
