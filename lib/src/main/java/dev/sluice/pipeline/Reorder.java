package dev.sluice.pipeline;

import dev.sluice.internal.RingEnd;
import dev.sluice.pipeline.Meter.Wait;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the results of several workers in the order of their inputs.
 *
 * <p>Inputs have a slot each, in a ring; {@code head} is the oldest whose results have not all gone out. {@code lock}
 * guards every field, and is held for moments: it is one that spins. Putting into the next link, which may block, is done
 * without it, and so are calls of who waits: what is to be called is noted under it. Nothing under it parks or runs code
 * of the user's, so a virtual thread keeps its carrier until it has given the lock back. A holder that has lost its core to those
 * who want the lock gets it back, for they yield and then sleep ({@link RingEnd}). Only who fails or aborts the stage holds it for
 * longer, once: he looks through the window.
 *
 * <p>A slot is put into its place by its owner without the lock: the place is his by the reservation. Whoever fails the stage
 * writes {@code failedAt} and then looks through the ring; the owner puts the slot there and then looks at {@code
 * failedAt} ({@link #wants}): so one of them sees the other. The same holds for {@code abortReason}.
 *
 * <p><b>Bound.</b> A reservation is taken before an input is and given back when its slot has left, so there are never
 * more slots than the window, and no two share a place: positions are given without gaps, and the head is the oldest that has
 * been given and has not left. A slot that is discarded keeps its reservation; that happens only when the stage takes no
 * more, so nobody gets its place. A result may be kept when fewer than {@code window} are, or
 * when it is the first of its slot; so at most twice the window are.
 *
 * <p><b>Emission.</b> There is work when the head has a result or is done. That becomes true only by {@code emit},
 * {@code finish} or {@code fail} of the head's owner, or by {@code head} moving on. Each is done under the lock. Who
 * makes it true by the former, and finds {@code emitting} false, sets it and emits; if it is true, the one who emits
 * has yet to take the lock before he leaves, and leaves only when there is no work. {@code head} is moved by him alone.
 * So there is one emitter at a time, and none leaves work behind. What is refused by the next link goes back to the head,
 * if that has not been discarded since, and is discarded with it: by the emitter, who sweeps before he leaves, or by the
 * owner, who finds that it is not wanted when he ends it.
 *
 * <p><b>Fates.</b> Each input meets one. What is completed meets it when its slot leaves, for its results may not go out; what is
 * filtered, skipped, dead-lettered or has failed the stage, at that moment, whatever becomes of the slot.
 *
 * <p><b>Failure.</b> {@code failedAt} is the lowest position that has failed. What is before it goes out, with the
 * results that the failed input gave before it failed, and nothing after it: such slots are discarded if they are done,
 * and their owners interrupted and refused if not.
 *
 * <p><b>Waits.</b> For {@code windowRoom}: ended by the head leaving, failure, abort. For {@code bufferRoom}: ended by
 * a result going out, failure, abort. An owner waits there only when he is not at the head or somebody is emitting his
 * results: so somebody else is at work. No call is missed, so no sleeper has to look by himself: each comes after the lock
 * was given back, and with the fence of {@link Waiters#call}; {@code callAll} takes the lock under which a sleeper looks
 * for the last time. That an owner waits for the buffer is counted under the same hold of the lock in which he found no
 * room, so who makes some sees the count. One call may stand for several places: who gets one calls the next.
 */
// What is volatile is written with the lock.
@SuppressWarnings("NonAtomicVolatileUpdate")
final class Reorder implements Delivery {
    private final StageRun stage;
    private final AtomicReferenceArray<@Nullable Slot> ring;
    private final RingEnd lock = new RingEnd();
    private final Waiters windowRoom = new Waiters(Waiters.FIRST_NAP_NANOS);
    private final Waiters bufferRoom = new Waiters(Waiters.FIRST_NAP_NANOS);
    private final BooleanSupplier mayReserve = this::mayReserve;
    private long head;
    // These two are read without the lock, too, by who looks whether to go on waiting.
    private volatile int reserved;
    private volatile int kept;
    private int waitingForBuffer;
    private boolean emitting;
    // Who is to be called after the lock has been given back: one of the former, all of the latter, all.
    private boolean callsForWindow;
    private boolean callsForBuffer;
    private boolean callsAll;
    private @Nullable PipelineException failure;
    // Written under the lock; read without it only to spare work that will be refused under it.
    private volatile long failedAt = Long.MAX_VALUE;
    private volatile @Nullable Throwable abortReason;

    Reorder(StageRun stage, int window) {
        this.stage = stage;
        this.ring = new AtomicReferenceArray<>(window);
    }

    @Override
    public Outlet outlet(Worker worker) {
        return new OrderedOutlet(this, worker);
    }

    @Override
    public void abort(Throwable reason) {
        lock.lock();
        try {
            if (abortReason == null) {
                abortReason = reason;
                callsAll = true;
                if (!emitting) {
                    sweep();
                }
            }
        } finally {
            unlock();
        }
    }

    boolean reserve(Meter meter) {
        while (!tryReserve()) {
            if (!isOpen()) {
                return false;
            }
            await(windowRoom, mayReserve, meter);
        }
        // One call may have stood for several places.
        if (windowRoom.areSeen() && mayReserve()) {
            windowRoom.callIfSeen();
        }
        return true;
    }

    private boolean tryReserve() {
        lock.lock();
        try {
            boolean reserves = mayReserve() && isOpen();
            if (reserves) {
                reserved++;
            }
            return reserves;
        } finally {
            unlock();
        }
    }

    private boolean mayReserve() {
        return reserved < ring.length() || !isOpen();
    }

    private void unlock() {
        boolean all = callsAll;
        boolean forWindow = callsForWindow;
        boolean forBuffer = callsForBuffer;
        callsAll = false;
        callsForWindow = false;
        callsForBuffer = false;
        lock.unlock();
        if (all || forBuffer) {
            bufferRoom.callAll();
        }
        if (all) {
            windowRoom.callAll();
        } else if (forWindow) {
            windowRoom.call();
        }
    }

    void release() {
        lock.lock();
        try {
            reserved--;
            callsForWindow = true;
        } finally {
            unlock();
        }
    }

    void begin(Slot slot) {
        ring.set(place(slot.position), slot);
    }

    boolean wants(Slot slot) {
        return abortReason == null && slot.position <= failedAt;
    }

    boolean emit(Slot slot, Object result) {
        while (true) {
            boolean wanted;
            boolean fits;
            Object next;
            lock.lock();
            try {
                wanted = wants(slot);
                fits = slot.isEmpty() || kept < ring.length();
                if (wanted && !fits) {
                    waitingForBuffer++;
                }
                next = wanted && fits ? add(slot, result) : null;
            } finally {
                unlock();
            }
            if (!wanted || fits) {
                emitAll(next, slot.worker.meter());
                return wanted;
            }
            awaitBufferRoom(slot);
        }
    }

    /** With the lock: gives what its owner is to emit. */
    private @Nullable Object add(Slot slot, Object result) {
        slot.add(result);
        kept++;
        return becomeEmitter(slot) ? next(slot.worker.meter()) : null;
    }

    private void awaitBufferRoom(Slot slot) {
        // That a result of the slot's own has gone out is seen at the call that follows it.
        try {
            await(bufferRoom, () -> kept < ring.length() || slot.isEmpty() || !wants(slot), slot.worker.meter());
        } finally {
            lock.lock();
            waitingForBuffer--;
            unlock();
        }
    }

    /**
     * The input is done, with one more result if there is one; gives whether a place is reserved for the owner's next input. It
     * is discarded when that result is not wanted.
     */
    boolean finish(Slot slot, Fate fate, @Nullable Object last) {
        Meter meter = slot.worker.meter();
        Object next = null;
        boolean reserves;
        lock.lock();
        try {
            if (last == null || wants(slot)) {
                next = end(slot, fate, last, meter);
            } else {
                discard(slot);
            }
            reserves = isOpen() && reserved < ring.length();
            if (reserves) {
                reserved++;
            }
        } finally {
            unlock();
        }
        emitAll(next, meter);
        return reserves;
    }

    /** Gives what its owner is to emit. */
    private @Nullable Object end(Slot slot, Fate fate, @Nullable Object last, Meter meter) {
        if (last != null) {
            slot.add(last);
            kept++;
        }
        slot.fate = fate;
        if (fate != Fate.COMPLETED) {
            slot.settled = true;
            stage.settle(slot.input, fate, meter);
        }
        if (becomeEmitter(slot)) {
            return next(meter);
        }
        // Who emits when the stage is aborted sweeps; without him nobody would see this slot again.
        if (!wants(slot) && (slot.position > failedAt || !emitting)) {
            discard(slot);
        }
        return null;
    }

    void drop(Slot slot, @Nullable Throwable reason) {
        lock.lock();
        try {
            remove(slot);
            stage.discard(slot.input, reasonOr(reason));
        } finally {
            unlock();
        }
    }

    void fail(Slot slot, PipelineException cause, Throwable reason) {
        @Nullable List<Worker> calledOff = null;
        boolean recorded = false;
        boolean emit = false;
        lock.lock();
        try {
            if (wants(slot)) {
                // Here, so that of two failures the one that is taken over has been recorded.
                recorded = stage.execution().recordBefore(failure, cause);
                calledOff = failAt(slot, cause, reason);
                emit = becomeEmitter(slot);
            } else {
                discard(slot);
            }
        } finally {
            unlock();
        }
        if (!recorded) {
            stage.execution().suppress(calledOff == null ? reason : cause);
        }
        if (calledOff == null) {
            return;
        }
        stage.execution().abortUpstream(stage.index(), cause);
        calledOff.forEach(worker -> worker.interrupts().interrupt());
        if (emit) {
            emitAll(nextResult(slot.worker.meter()), slot.worker.meter());
        }
    }

    /** With the lock: gives those who work on what comes after the failed input, to be interrupted without the lock. */
    private List<Worker> failAt(Slot failed, PipelineException cause, Throwable reason) {
        failure = cause;
        failedAt = failed.position;
        failed.settled = true;
        stage.discard(failed.input, reason);
        List<Worker> calledOff = new ArrayList<>();
        for (int i = 0; i < ring.length(); i++) {
            Slot slot = ring.get(i);
            if (slot != null && slot.position > failed.position) {
                if (slot.settled || slot.fate != null) {
                    discard(slot);
                } else {
                    calledOff.add(slot.worker);
                }
            }
        }
        callsAll = true;
        return calledOff;
    }

    private boolean becomeEmitter(Slot slot) {
        if (emitting || slot.position != head) {
            return false;
        }
        emitting = true;
        return true;
    }

    private void emitAll(@Nullable Object first, Meter meter) {
        try {
            Object result = first;
            while (result != null) {
                if (!stage.downstream().put(result, meter)) {
                    refused(result);
                }
                result = nextResult(meter);
            }
        } catch (Throwable e) {
            // Here, for what is thrown may come to the owner of a slot, which nobody wants any more. And first: it is
            // the reason why others are discarded, and has to be known when there is no memory to tell of one.
            try {
                stage.breakDown(e);
            } finally {
                stopEmitting(e);
            }
            throw e;
        }
    }

    /**
     * An error has hit the emitter in the middle of a result, which is lost: what comes after it must not go out, and the
     * input that it was made from is not delivered.
     */
    private void stopEmitting(Throwable error) {
        lock.lock();
        try {
            emitting = false;
            Slot slot = ring.get(place(head));
            if (slot != null) {
                slot.gap = true;
            }
            if (abortReason == null) {
                abortReason = error;
                callsAll = true;
            }
            sweep();
        } finally {
            unlock();
        }
    }

    @Override
    public void discardRest() {
        lock.lock();
        try {
            for (int i = 0; i < ring.length(); i++) {
                Slot slot = ring.get(i);
                if (slot != null) {
                    discard(slot);
                }
            }
        } finally {
            unlock();
        }
    }

    /** The next link is aborted: nothing goes out any more, and the input that this was made from is not delivered. */
    private void refused(Object result) {
        lock.lock();
        try {
            Slot slot = ring.get(place(head));
            if (slot != null) {
                slot.addFirst(result);
                kept++;
            }
        } finally {
            unlock();
        }
        abort(stage.reasonOr(null));
    }

    private @Nullable Object nextResult(Meter meter) {
        lock.lock();
        try {
            return next(meter);
        } finally {
            unlock();
        }
    }

    /** With the lock: moves the head as far as it goes; gives its next result, or stops emitting and gives null. */
    private @Nullable Object next(Meter meter) {
        Slot slot = leaveDone(meter);
        if (abortReason == null && slot != null && !slot.isEmpty()) {
            kept--;
            if (waitingForBuffer > 0) {
                callsForBuffer = true;
            }
            return slot.poll();
        }
        if (abortReason != null) {
            sweep();
        }
        emitting = false;
        return null;
    }

    /** Lets all slots leave whose results have gone out; gives the new head, null when nobody has begun it. */
    private @Nullable Slot leaveDone(Meter meter) {
        Slot slot = ring.get(place(head));
        while (slot != null && slot.fate != null && slot.isEmpty() && !slot.gap) {
            leave(slot, slot.fate, meter);
            slot = ring.get(place(head));
        }
        return slot;
    }

    private void leave(Slot slot, Fate fate, Meter meter) {
        ring.set(place(head), null);
        head++;
        reserved--;
        callsForWindow = true;
        if (!slot.settled) {
            stage.settle(slot.input, fate, meter);
        }
    }

    /** Discards what is done and has not gone out; the rest is refused when it is done. */
    private void sweep() {
        for (int i = 0; i < ring.length(); i++) {
            Slot slot = ring.get(i);
            if (slot != null && slot.fate != null) {
                discard(slot);
            }
        }
    }

    private void discard(Slot slot) {
        boolean losesResults = slot.gap || !slot.isEmpty();
        remove(slot);
        if (!slot.settled) {
            stage.discard(slot.input, reasonOr(null));
        } else if (losesResults) {
            stage.refuse(slot.input, reasonOr(null));
        }
    }

    private void remove(Slot slot) {
        kept -= slot.size();
        slot.clear();
        callsForBuffer = true;
        ring.set(place(slot.position), null);
    }

    private Throwable reasonOr(@Nullable Throwable other) {
        if (abortReason == null && failure != null && other == null) {
            return failure;
        }
        return stage.reasonOr(other);
    }

    boolean isOpen() {
        return abortReason == null && failedAt == Long.MAX_VALUE;
    }

    private int place(long position) {
        return (int) (position % ring.length());
    }

    /** What ends the wait may be over again when this returns: who waited looks under the lock. */
    private static void await(Waiters waiters, BooleanSupplier ready, Meter meter) {
        meter.waits(Wait.BLOCKED);
        try {
            waiters.await(ready, ready, Link.NEVER);
        } finally {
            meter.goesOn();
        }
    }
}
