package dev.sluice.gate;

import dev.sluice.gate.Waiter.Fate;
import dev.sluice.internal.SureLock;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The line of a gate as others see it: how one waits in it, and what changes things for those who do. */
final class LockedLine {
    /*
     * The lock is held for a few instructions, never while foreign code runs and never while anybody waits (awaitAllBack
     * gives it up). Each change has the same form: lock, change, settle, unlock, and tell those whose fate that has decided.
     * It allocates nothing between lock and unlock but where it lines somebody up, so that no change stops half-way when
     * memory runs out.
     */
    static final long FOREVER = Long.MAX_VALUE;

    private final SureLock lock = new SureLock();

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

    private void settle(long now) {
        if (books.isClosed() && line.open() == 0) {
            allBack.signalAll();
        }
        line.settle(now);
    }

    /** A loop, because permits that cannot be delivered let others in. */
    private void unlockAndTell() {
        int undelivered;
        do {
            Waiter called = line.takeCalled();
            Waiter decided = line.takeDecided();
            lock.unlock();
            if (called != null) {
                called.tell();
            }
            undelivered = tell(decided);
            if (undelivered > 0) {
                lock.lock();
                books.add(undelivered);
                settle(System.nanoTime());
            }
        } while (undelivered > 0);
    }

    /** Tells each of a chain its fate; how much has been granted to those who did not want it. */
    private int tell(@Nullable Waiter decided) {
        int undelivered = 0;
        for (Waiter waiter = decided; waiter != null; ) {
            Waiter after = waiter.next;
            waiter.next = null;
            try {
                undelivered += waiter.tell() ? 0 : waiter.weight;
            } catch (VirtualMachineError noMemory) {
                tellLater(waiter);
            }
            waiter = after;
        }
        return undelivered;
    }

    private void tellLater(Waiter waiter) {
        lock.lock();
        try {
            line.tellLater(waiter);
        } finally {
            lock.unlock();
        }
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
        Object event = FlightRecorder.beginWait(name, weight);
        if (!lineUp(waiter)) {
            return true;
        }
        try {
            try {
                return await(waiter, nanos);
            } finally {
                FlightRecorder.endWait(event, waiter.fate);
            }
        } catch (VirtualMachineError failure) { // to park a virtual thread takes memory, and so does an event
            leave(waiter);
            throw failure;
        }
    }

    void enterAsync(PermitFuture future) {
        Waiter waiter = future.waiter();
        try {
            if (!lineUp(waiter)) {
                future.grantedAtOnce();
            }
        } catch (GateClosedException | TooManyWaitersException refusal) {
            waiter.refuse(any -> refusal);
            waiter.tell();
        }
    }

    /** Lets the waiter in at once, or lines it up and returns true. */
    boolean lineUp(Waiter waiter) {
        lock.lock();
        try {
            long now = System.nanoTime();
            if (takeAtOnce(waiter.weight, now)) {
                return false;
            }
            if (line.size() >= maxWaiters) {
                throw new TooManyWaitersException(name, maxWaiters);
            }
            line.add(waiter);
            settle(now);
            return true;
        } finally {
            unlockAndTell();
        }
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
        lock.lock();
        try {
            long now = System.nanoTime();
            line.arrive(waiter, taken, now);
            settle(now);
        } finally {
            unlockAndTell();
        }
    }

    /** Takes a waiter that gives up out of the line; false when it has been decided already. */
    boolean abandon(Waiter waiter) {
        lock.lock();
        try {
            boolean gone = line.abandon(waiter);
            settle(System.nanoTime());
            return gone;
        } finally {
            unlockAndTell();
        }
    }

    /** It cannot go on: what it has got or would get goes to others. */
    private void leave(Waiter waiter) {
        if (!abandon(waiter) && waiter.fate == Fate.GRANTED) {
            books.leave(waiter.weight);
        }
    }

    // ---- what changes things for those in the line ---------------------------------------------------

    /** Something has become free while nobody was on his way. */
    void look() {
        lock.lock();
        try {
            settle(System.nanoTime());
        } finally {
            unlockAndTell();
        }
    }

    /** Many have come past the line without a look at it. */
    void checkpoint() {
        lock.lock();
        try {
            line.collectOvertakes();
            settle(System.nanoTime());
        } finally {
            unlockAndTell();
        }
    }

    void resize(int permits) {
        Function<Waiter, RuntimeException> reason = waiter -> new RejectedExecutionException("a weight of "
                + waiter.weight + " never fits: gate '" + name + "' has been resized to " + permits + " permits");
        lock.lock();
        try {
            line.resize(permits, reason);
            settle(System.nanoTime());
        } finally {
            unlockAndTell();
        }
    }

    void close() {
        Function<Waiter, RuntimeException> reason = waiter -> new GateClosedException(name);
        lock.lock();
        try {
            books.flag(Admission.CLOSED, 0);
            line.refuseAll(reason);
            settle(System.nanoTime());
        } finally {
            unlockAndTell();
        }
    }

    // ---- permits that are lent -----------------------------------------------------------------------

    /** Gives back what the permit holds, for a time. The result is the one who will want it back. */
    ThreadWaiter lend(Permit permit) {
        ThreadWaiter back = new ThreadWaiter(permit);
        lock.lock();
        try {
            permit.lendOut();
            line.lend(permit.weight());
            settle(System.nanoTime());
        } finally {
            unlockAndTell();
        }
        return back;
    }

    /** Waits, whatever happens to the gate or the thread, until the lent permit is held again or has been closed. */
    void takeBack(ThreadWaiter back, Permit permit) {
        boolean waits = lineUpToTakeBack(back, permit);
        boolean interrupted = false;
        while (waits && back.fate == Fate.WAITING) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** False when the permit has been closed. */
    private boolean lineUpToTakeBack(ThreadWaiter back, Permit permit) {
        lock.lock();
        try {
            if (!permit.isLent()) {
                return false;
            }
            line.add(back);
            settle(System.nanoTime());
            return true;
        } finally {
            unlockAndTell();
        }
    }

    /** Closes a permit that is lent, for good; false when it is not lent any more. */
    boolean closeLent(Permit permit) {
        lock.lock();
        try {
            boolean closed = permit.closeWhileLent();
            if (closed) {
                line.writeOff(permit);
            }
            settle(System.nanoTime());
            return closed;
        } finally {
            unlockAndTell();
        }
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
}
