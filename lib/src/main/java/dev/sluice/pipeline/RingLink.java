package dev.sluice.pipeline;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A link whose buffer is a {@link Ring}: the one between stages whose queue is not the user's.
 *
 * <p><b>Sides.</b> A side that is one thread at a time works on its end of the ring without a lock; one that is several
 * takes the end's lock for the moment of the transfer.
 *
 * <p><b>Publication and wake-ups.</b> An item is published with a release store, and can be taken from then on. After
 * it the putter looks, without a fence, whether the taker says that it sleeps, and wakes it: see {@link Waiters} for what
 * that look can miss, and what it costs. Where there are several takers the fence is there for each item: one of them
 * may be busy for long with what it was called for, and another sleep in its longest nap. Otherwise it looks with it
 * when it has nothing else to do: when it waits for input ({@link #handOver}) or for room, and when it ends. Nothing can
 * be missed of who is away: while nobody attends, the taker sleeps without looking. The same
 * holds for room and a sleeping putter, but that one is woken when half of the ring is free, unless it has slept for a
 * while already. Of several sleepers one is called, and calls the next when there is more for him; should a putter so miss
 * that there is room, the taker has items before it, and calls him for the next that it takes. Where there are steps on
 * one side, the other looks with the fence each time, and for one item or place: a step takes no naps.
 *
 * <p><b>Abort.</b> No end of the ring is touched by anybody but its side. So what an abort leaves behind is discarded by
 * the takers, when they leave; and by the putters, if they leave after them, for what they have put in between. {@code
 * sides} says who is the last. Several takers have a lock: under it the abort does it at once.
 */
final class RingLink extends Link {
    private final Ring ring;
    private final boolean manyPutters;
    private final boolean manyTakers;
    private final boolean steppedPutters;
    private final Waiters putters;
    private final Waiters takers;
    private final AtomicInteger sides = new AtomicInteger(2);

    private final BooleanSupplier mayPut = this::mayPut;
    private final BooleanSupplier hasWorthwhileRoom = this::hasWorthwhileRoom;
    private final BooleanSupplier mayTake = this::mayTake;
    private final BooleanSupplier mayTakeOrLeave = this::mayTakeOrLeave;

    RingLink(String stage, int capacity, Side putters, Side takers, Owner owner, long firstNapNanos) {
        super(stage, owner);
        this.ring = new Ring(capacity);
        this.manyPutters = putters != Side.ONE;
        this.manyTakers = takers != Side.ONE;
        this.steppedPutters = putters == Side.STEPS;
        this.putters = new Waiters(firstNapNanos);
        this.takers = new Waiters(firstNapNanos);
        this.putters.callerComes(); // takers never say that they are away
    }

    @Override
    public boolean put(Object item, Meter meter) {
        if (!offer(item) && !offerWhenThereIsRoom(item, meter)) {
            return false;
        }
        callTakers();
        return true;
    }

    private void callTakers() {
        if (manyTakers || steppedPutters) {
            takers.call();
        } else {
            takers.callIfSeen();
        }
    }

    @Override
    public Put tryPut(Object item, Meter meter) {
        if (state() != State.OPEN) {
            return Put.REFUSED;
        }
        if (!offer(item)) {
            return Put.FULL;
        }
        callTakers();
        return Put.DONE;
    }

    @Override
    public boolean watchRoom(Runnable call) {
        // The putter has nothing else to do, and the taker of a single putter may be in a nap.
        takers.call();
        return putters.watch(call, mayPut);
    }

    @Override
    public void passOnRoom() {
        if (mayPut()) {
            putters.call();
        }
    }

    private boolean offer(Object item) {
        if (!manyPutters) {
            return ring.offer(item);
        }
        ring.in.lock();
        try {
            return ring.offer(item);
        } finally {
            ring.in.unlock();
        }
    }

    private boolean offerWhenThereIsRoom(Object item, Meter meter) {
        takers.call();
        meter.waits(Meter.Wait.BLOCKED);
        try {
            while (state() == State.OPEN) {
                if (offer(item)) {
                    callNextPutter();
                    return true;
                }
                putters.await(hasWorthwhileRoom, mayPut, NEVER);
            }
            return false;
        } finally {
            meter.goesOn();
        }
    }

    /** One call may have stood for many places, and the taker be busy for long: who was called calls the next. */
    private void callNextPutter() {
        if (manyPutters && putters.areSeen() && mayPut()) {
            putters.callIfSeen();
        }
    }

    @Override
    public long received() {
        return ring.in.seenIndex();
    }

    @Override
    public void attend() {
        takers.callerComes();
    }

    @Override
    public void handOver() {
        takers.callerGoes();
    }

    @Override
    @Nullable
    Object poll(Meter meter) {
        if (manyTakers) {
            return pollShared(meter);
        }
        Object item = ring.poll();
        if (item != null) {
            meter.position = ring.out.index() - 1;
            callPutters();
        }
        return item;
    }

    private @Nullable Object pollShared(Meter meter) {
        Object item;
        ring.out.lock();
        try {
            item = state() == State.ABORTED ? null : ring.poll();
            if (item != null) {
                meter.position = ring.out.index() - 1;
            }
        } finally {
            ring.out.unlock();
        }
        if (item != null) {
            callPutters();
            // Who was woken passes it on: one call may have stood for several items.
            if (takers.areSeen() && ring.size() > 0) {
                takers.callIfSeen();
            }
        }
        return item;
    }

    /** Whether each side is one thread at a time, which may use its end of the {@link #ring} without a lock. */
    boolean isSingle() {
        return !manyPutters && !manyTakers && !steppedPutters;
    }

    Ring ring() {
        return ring;
    }

    /** Those who wait for an item: after each that a single thread puts into the ring it calls them, if they are seen. */
    Waiters takers() {
        return takers;
    }

    /** Those who wait for room: after each item taken from the ring, {@link #callPutters}, if they are seen. */
    Waiters putters() {
        return putters;
    }

    void callPutters() {
        if (steppedPutters) {
            putters.call();
        } else if (putters.areSeen() && (putters.areUrgent() || hasWorthwhileRoom())) {
            putters.callIfSeen();
        }
    }

    @Override
    boolean await(Meter meter, long deadline) {
        if (isOver()) {
            return false;
        }
        putters.call();
        meter.waits(Meter.Wait.STARVED);
        try {
            return takers.await(mayTakeOrLeave, mayTakeOrLeave, deadline) && !isOver();
        } finally {
            meter.goesOn();
        }
    }

    @Override
    boolean watchItems(Runnable call) {
        putters.call();
        return takers.watch(call, mayTake);
    }

    @Override
    boolean awaitItem(Meter meter) throws InterruptedException {
        while (ring.size() == 0 && !isOver()) {
            putters.call();
            meter.waits(Meter.Wait.STARVED);
            try {
                takers.awaitInterruptibly(mayTake, mayTake, NEVER);
            } finally {
                meter.goesOn();
            }
        }
        return !isOver();
    }

    private boolean mayPut() {
        return ring.size() < ring.capacity() || state() != State.OPEN;
    }

    private boolean hasWorthwhileRoom() {
        return ring.size() <= ring.capacity() / 2 || state() != State.OPEN;
    }

    private boolean mayTake() {
        return ring.size() > 0 || state() != State.OPEN;
    }

    private boolean mayTakeOrLeave() {
        return mayTake() || mayDismiss();
    }

    @Override
    void takersLeave() {
        discardRest();
        sideLeaves();
    }

    @Override
    void puttersLeave() {
        sideLeaves();
    }

    private void sideLeaves() {
        if (sides.decrementAndGet() == 0) {
            discardRest();
        }
    }

    @Override
    void discardAtOnce() {
        if (manyTakers) {
            discardRest();
        }
    }

    /** By who owns the takers' end, or shares it. */
    private void discardRest() {
        Object item = pollRest();
        while (item != null) {
            discard(item);
            item = pollRest();
        }
    }

    private @Nullable Object pollRest() {
        ring.out.lock();
        try {
            return ring.poll();
        } finally {
            ring.out.unlock();
        }
    }

    @Override
    void wakePutters() {
        putters.callAll();
    }

    @Override
    void wakeTakers() {
        takers.callAll();
    }

    @Override
    int capacity() {
        return ring.capacity();
    }

    @Override
    long taken() {
        // First what has been discarded: all of it has left the ring before. So the difference is never too small.
        long lost = discarded();
        return ring.out.seenIndex() - lost;
    }

    @Override
    int waiting() {
        return ring.size();
    }
}
