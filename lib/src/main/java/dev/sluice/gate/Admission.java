package dev.sluice.gate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Decides who is inside a gate: its one lock, its books and its waiters. */
final class Admission {
    /*
     * `lock` guards every field below it, Permit.state and the links of the waiters. It is held for a few instructions,
     * never while foreign code runs and never while anybody waits (awaitAllBack gives it up).
     *
     * Invariants at every unlock:
     *   inUse  = weight of the permits that are HELD, lent = weight of those that are LENT;
     *   inUse <= permits, but for debt: after a shrink, or when a lender came back to a gate that was shrunk meanwhile;
     *   the one whose turn it is, next(), does not fit.
     * The last is what makes a lost wake-up impossible: whatever may let somebody fit (release, lend, a waiter that gives
     * up, resize) calls admit() before it unlocks, and dispatches after the unlock whom that let in.
     */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition allBack = lock.newCondition();
    /** Those who want a first permit. Empty once the gate is closed. */
    private final WaiterQueue waiting = new WaiterQueue();
    /** Those who want back what they lent. They go before all in `waiting`. */
    private final WaiterQueue returning = new WaiterQueue();

    private final String name;
    private final int maxWaiters;
    private int permits;
    private int inUse;
    private int lent;
    private boolean closed;
    private long acquired;
    private long released;
    private long abandoned;

    Admission(String name, int permits, int maxWaiters) {
        this.name = name;
        this.permits = permits;
        this.maxWaiters = maxWaiters;
    }

    /** Grants the permit, after a wait if necessary. */
    Permit acquire(Permit permit) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (tryEnter(permit)) {
            return permit;
        }
        Waiter waiter = new Waiter(permit, this, Waiter.ON_THE_SPOT);
        return enter(waiter) ? permit : waiter.await();
    }

    /** Grants the permit, after a wait if necessary; null when the time has passed. */
    @Nullable
    Permit acquire(Permit permit, long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (tryEnter(permit)) {
            return permit;
        }
        if (nanos == 0) {
            return null;
        }
        Waiter waiter = new Waiter(permit, this, Waiter.ON_THE_SPOT);
        return enter(waiter) ? permit : waiter.await(nanos);
    }

    /** Grants or refuses the permit by way of the future. */
    CompletableFuture<Permit> acquireAsync(Permit permit, Executor continuations) {
        Waiter waiter = new Waiter(permit, this, continuations);
        try {
            if (enter(waiter)) {
                dispatch(List.of(waiter));
            }
        } catch (GateClosedException | TooManyWaitersException refusal) {
            waiter.refuse(() -> refusal);
            dispatch(List.of(waiter));
        }
        return waiter;
    }

    /** Grants the permit when that can be done at once. */
    boolean tryEnter(Permit permit) {
        lock.lock();
        try {
            return grantAtOnce(permit);
        } finally {
            lock.unlock();
        }
    }

    /** Grants the waiter its permit at once, or queues it and returns false. */
    private boolean enter(Waiter waiter) {
        lock.lock();
        try {
            if (grantAtOnce(waiter.permit)) {
                return true;
            }
            if (waiting.size() >= maxWaiters) {
                throw new TooManyWaitersException(name, maxWaiters);
            }
            waiting.add(waiter);
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a waiter that gives up out of the queue; false when it has been decided already. */
    boolean abandon(Waiter waiter) {
        List<Waiter> ready;
        lock.lock();
        try {
            if (!waiting.remove(waiter)) {
                return false;
            }
            abandoned++;
            ready = admit(new ArrayList<>());
        } finally {
            lock.unlock();
        }
        dispatch(ready);
        return true;
    }

    void release(Permit permit) {
        dispatch(free(permit));
    }

    /** Releases without telling anybody; the caller has to dispatch those who have been let in. */
    private List<Waiter> free(Permit permit) {
        lock.lock();
        try {
            List<Waiter> ready = new ArrayList<>();
            switch (permit.state) {
                case HELD -> inUse -= permit.weight();
                case LENT -> {
                    lent -= permit.weight();
                    // The holder may be on its way back; it must not wait for what it will not be given.
                    ready.addAll(returning.removeAll(waiter -> waiter.permit == permit));
                }
                case PENDING, CLOSED -> {
                    return ready;
                }
            }
            permit.state = Permit.State.CLOSED;
            released++;
            if (closed && inUse + lent == 0) {
                allBack.signalAll();
            }
            return admit(ready);
        } finally {
            lock.unlock();
        }
    }

    void lend(Permit permit) {
        List<Waiter> ready;
        lock.lock();
        try {
            if (permit.state != Permit.State.HELD) {
                throw new IllegalStateException("only a permit that is held can be lent, not one that is "
                        + (permit.state == Permit.State.LENT ? "lent already" : "closed"));
            }
            permit.state = Permit.State.LENT;
            inUse -= permit.weight();
            lent += permit.weight();
            ready = admit(new ArrayList<>());
        } finally {
            lock.unlock();
        }
        dispatch(ready);
    }

    /** Waits, whatever happens to the gate or the thread, until the lent permit is held again or has been closed. */
    void takeBack(Permit permit) {
        Waiter waiter = new Waiter(permit, this, Waiter.ON_THE_SPOT);
        lock.lock();
        try {
            if (permit.state != Permit.State.LENT) {
                return;
            }
            if (returning.isEmpty() && mayReturn(permit)) {
                grant(permit);
                return;
            }
            returning.add(waiter);
        } finally {
            lock.unlock();
        }
        waiter.join();
    }

    void resize(int newPermits) {
        List<Waiter> ready;
        lock.lock();
        try {
            permits = newPermits;
            ready = waiting.removeAll(waiter -> waiter.weight() > newPermits);
            ready.forEach(waiter -> waiter.refuse(() -> new RejectedExecutionException("a weight of " + waiter.weight()
                    + " never fits: gate '" + name + "' has been resized to " + newPermits + " permits")));
            admit(ready);
        } finally {
            lock.unlock();
        }
        dispatch(ready);
    }

    void close() {
        List<Waiter> refused;
        lock.lock();
        try {
            closed = true;
            refused = waiting.removeAll(waiter -> true);
            refused.forEach(waiter -> waiter.refuse(() -> new GateClosedException(name)));
        } finally {
            lock.unlock();
        }
        dispatch(refused);
    }

    /** Waits, on a closed gate, until every permit is closed or the time is over; returns the weight still held. */
    int awaitAllBack(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (inUse + lent > 0 && left > 0) {
                left = allBack.awaitNanos(left);
            }
            return inUse + lent;
        } finally {
            lock.unlock();
        }
    }

    String describe() {
        lock.lock();
        try {
            return "Gate[" + name + ": " + inUse + " of " + permits + " in use, " + (lent > 0 ? lent + " lent, " : "")
                    + (waiting.size() + returning.size()) + " waiting" + (closed ? ", closed]" : "]");
        } finally {
            lock.unlock();
        }
    }

    String describe(Permit permit) {
        lock.lock();
        try {
            String state = permit.state.name().toLowerCase(Locale.ROOT);
            return "Permit[" + permit.weight() + " of gate '" + name + "', " + state + "]";
        } finally {
            lock.unlock();
        }
    }

    GateStats stats() {
        lock.lock();
        try {
            int waiters = waiting.size() + returning.size();
            return new GateStats(permits, permits - inUse, inUse, lent, waiters, acquired, released, abandoned);
        } finally {
            lock.unlock();
        }
    }

    // All below: lock held, except dispatch.

    private boolean grantAtOnce(Permit permit) {
        if (permit.weight() > permits) {
            throw new IllegalArgumentException("weight must be <= " + permits + ", the permits of gate '" + name
                    + "', but was " + permit.weight());
        }
        if (closed) {
            throw new GateClosedException(name);
        }
        boolean granted = returning.isEmpty() && waiting.isEmpty() && fits(permit);
        if (granted) {
            grant(permit);
        }
        return granted;
    }

    /** Written so that no sum can overflow. */
    private boolean fits(Permit permit) {
        return permit.weight() <= permits - inUse;
    }

    private boolean mayReturn(Permit permit) {
        return fits(permit) || inUse == 0;
    }

    private void grant(Permit permit) {
        if (permit.state == Permit.State.LENT) {
            lent -= permit.weight();
        } else {
            acquired++;
        }
        inUse += permit.weight();
        permit.state = Permit.State.HELD;
    }

    /** Grants to all whose turn it is and who fit, and adds them to {@code ready}. */
    private List<Waiter> admit(List<Waiter> ready) {
        for (Waiter waiter = next(); waiter != null; waiter = next()) {
            grant(waiter.permit);
            ready.add(waiter);
        }
        return ready;
    }

    /** Unlinks the one whose turn it is, if it fits; a small one never passes a big one that is before it. */
    private @Nullable Waiter next() {
        Waiter back = returning.first();
        if (back != null) {
            return mayReturn(back.permit) && returning.remove(back) ? back : null;
        }
        Waiter first = waiting.first();
        return first != null && fits(first.permit) && waiting.remove(first) ? first : null;
    }

    /** Tells each its fate, in their order. A loop, because a permit that cannot be delivered lets the next one in. */
    private void dispatch(List<Waiter> decided) {
        if (decided.isEmpty()) {
            return;
        }
        Queue<Waiter> left = new ArrayDeque<>(decided);
        for (Waiter waiter = left.poll(); waiter != null; waiter = left.poll()) {
            if (!waiter.dispatch()) {
                left.addAll(free(waiter.permit));
            }
        }
    }
}
