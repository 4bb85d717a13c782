package dev.sluice.gate;

import dev.sluice.gate.Waiter.Fate;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The line of a gate as others see it: how one waits in it, and what changes things for those who do. */
final class LockedLine {
    /*
     * The lock is held for a few instructions, never while foreign code runs and never while anybody waits (awaitAllBack
     * gives it up). Whose fate has been decided is told after the unlock.
     */
    static final long FOREVER = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();

    private final Condition allBack = lock.newCondition();

    private final Admission books;
    private final String name;
    private final int maxWaiters;
    private final Line line;

    LockedLine(Admission books, String name, int permits, int maxWaiters, Fairness fairness) {
        this.books = books;
        this.name = name;
        this.maxWaiters = maxWaiters;
        this.line = new Line(books, permits, fairness);
    }

    String name() {
        return name;
    }

    int permits() {
        return line.permits();
    }

    /** What is done with the lock held. */
    private interface Change {
        /** False when there was nothing to change. */
        boolean make(long now, Decisions decisions);
    }

    /** Makes a change, and then lets in whom it lets in; false when there was nothing to change. */
    private boolean change(Change change) {
        Decisions decisions = new Decisions();
        lock.lock();
        try {
            long now = System.nanoTime();
            if (!change.make(now, decisions)) {
                return false;
            }
            settle(now, decisions);
        } finally {
            lock.unlock();
        }
        dispatch(decisions);
        return true;
    }

    private void settle(long now, Decisions decisions) {
        if (books.isClosed() && line.open() == 0) {
            allBack.signalAll();
        }
        line.settle(now, decisions);
    }

    // ---- to come in ----------------------------------------------------------------------------------

    /** Lets in whoever fits and is not in anybody's way, at once or not at all. */
    boolean tryEnter(int weight) {
        lock.lock();
        try {
            return takeAtOnce(weight, System.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the permits have been taken; false when the time has passed. */
    boolean enter(int weight, long nanos) throws InterruptedException {
        ThreadWaiter waiter = new ThreadWaiter(weight);
        // Before it stands in the line: whatever fails after that would leave it there without a thread.
        Object event = FlightRecorder.beginWait(name, weight);
        if (!lineUp(waiter)) {
            return true;
        }
        try {
            return await(waiter, nanos);
        } finally {
            FlightRecorder.endWait(event, waiter.fate);
        }
    }

    void enterAsync(PermitFuture future) {
        Waiter waiter = future.waiter();
        try {
            if (!lineUp(waiter)) {
                future.grantedAtOnce();
            }
        } catch (GateClosedException | TooManyWaitersException refusal) {
            waiter.refuse(() -> refusal);
            dispatch(waiter);
        }
    }

    /** Lets the waiter in at once, or lines it up and returns true. */
    boolean lineUp(Waiter waiter) {
        return change((now, decisions) -> {
            if (takeAtOnce(waiter.weight, now)) {
                return false;
            }
            if (line.size() >= maxWaiters) {
                throw new TooManyWaitersException(name, maxWaiters);
            }
            line.add(waiter);
            return true;
        });
    }

    private boolean takeAtOnce(int weight, long now) {
        int permits = line.permits();
        if (weight > permits) {
            throw new IllegalArgumentException(
                    "weight must be <= " + permits + ", the permits of gate '" + name + "', but was " + weight);
        }
        if (books.isClosed()) {
            throw new GateClosedException(name);
        }
        return line.takeAtOnce(weight, now);
    }

    // ---- to wait -------------------------------------------------------------------------------------

    private boolean await(ThreadWaiter waiter, long nanos) throws InterruptedException {
        while (true) {
            switch (waiter.fate) {
                case GRANTED -> {
                    return true;
                }
                case REFUSED -> throw waiter.refusal();
                case CALLED -> tryAfterCall(waiter);
                default -> {
                    if (!sleep(waiter, nanos)) {
                        return false;
                    }
                }
            }
        }
    }

    /** Sleeps until something has happened; false when the time has passed and the waiter is out of the line. */
    private boolean sleep(ThreadWaiter waiter, long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            if (abandon(waiter)) {
                throw new InterruptedException();
            }
            Thread.currentThread().interrupt(); // decided before: the caller of await sees how
            return true;
        }
        if (waiter.yields()) {
            Thread.yield();
            return true;
        }
        if (nanos == FOREVER) {
            LockSupport.park(this);
            return true;
        }
        long left = waiter.arrived + nanos - System.nanoTime();
        if (left <= 0) {
            return !abandon(waiter);
        }
        LockSupport.parkNanos(this, left);
        return true;
    }

    /** It has been called: takes what is free, against newcomers who may do the same. */
    private void tryAfterCall(ThreadWaiter waiter) {
        boolean taken = books.takeCalled(waiter.weight);
        for (int spins = waiter.nextSpins(); !taken && spins > 0; spins--) {
            Thread.onSpinWait();
            taken = books.takeCalled(waiter.weight);
        }
        boolean success = taken;
        change((now, decisions) -> {
            line.arrive(waiter, success, now);
            return true;
        });
    }

    /** Takes a waiter that gives up out of the line; false when it has been decided already. */
    boolean abandon(Waiter waiter) {
        return change((now, decisions) -> line.abandon(waiter));
    }

    // ---- what changes things for those in the line ---------------------------------------------------

    /** Something has become free while nobody was on his way. */
    void look() {
        change((now, decisions) -> true);
    }

    /** Many have come past the line without a look at it. */
    void checkpoint() {
        change((now, decisions) -> {
            line.collectOvertakes();
            return true;
        });
    }

    void resize(int permits) {
        change((now, decisions) -> {
            line.resize(permits);
            line.refuseIf(
                    each -> each.weight > permits,
                    waiter -> new RejectedExecutionException("a weight of " + waiter.weight + " never fits: gate '"
                            + name + "' has been resized to " + permits + " permits"),
                    decisions);
            return true;
        });
    }

    void close() {
        change((now, decisions) -> {
            books.flag(Admission.CLOSED, 0);
            line.refuseIf(all -> true, waiter -> new GateClosedException(name), decisions);
            return true;
        });
    }

    // ---- permits that are lent -----------------------------------------------------------------------

    /** Gives back what the permit holds, for a time. The result is the one who will want it back. */
    ThreadWaiter lend(Permit permit) {
        ThreadWaiter back = new ThreadWaiter(permit);
        change((now, decisions) -> {
            permit.lendOut();
            line.lend(permit.weight());
            return true;
        });
        return back;
    }

    /** Waits, whatever happens to the gate or the thread, until the lent permit is held again or has been closed. */
    void takeBack(ThreadWaiter back, Permit permit) {
        boolean waits = change((now, decisions) -> {
            if (permit.isLent()) {
                line.add(back);
            }
            return permit.isLent();
        });
        boolean interrupted = false;
        while (waits && back.fate == Fate.WAITING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes a permit that is lent, for good; false when it is not lent any more. */
    boolean closeLent(Permit permit) {
        return change((now, decisions) -> {
            boolean closed = permit.closeWhileLent();
            if (closed) {
                line.writeOff(permit, decisions);
            }
            return closed;
        });
    }

    // ---- to look -------------------------------------------------------------------------------------

    /** Waits, on a closed gate, until every permit is closed or the time is over; returns the weight still held. */
    int awaitAllBack(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (line.open() > 0 && left > 0) {
                left = allBack.awaitNanos(left);
            }
            return line.open();
        } finally {
            lock.unlock();
        }
    }

    String describe() {
        return locked(() -> "Gate[" + name + ": " + line.describe() + (books.isClosed() ? ", closed]" : "]"));
    }

    GateStats stats(Durations holds) {
        return locked(() -> line.stats(holds));
    }

    long overtakesOfOverdue() {
        return locked(line::overtakesOfOverdue);
    }

    private <T> T locked(Supplier<T> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }

    // ---- without the lock ----------------------------------------------------------------------------

    void dispatch(Waiter decided) {
        Decisions decisions = new Decisions();
        decisions.add(decided);
        dispatch(decisions);
    }

    /** Tells each its fate, in their order. A loop, because a permit that cannot be delivered lets the next one in. */
    private void dispatch(Decisions decisions) {
        for (Waiter waiter = decisions.poll(); waiter != null; waiter = decisions.poll()) {
            if (!waiter.tell()) {
                lock.lock();
                try {
                    books.add(waiter.weight);
                    settle(System.nanoTime(), decisions);
                } finally {
                    lock.unlock();
                }
            }
        }
    }
}
