package dev.sluice.gate;

import dev.sluice.gate.Waiter.Fate;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Those who wait at a gate, and who of them is next. Used with the lock of {@link LockedLine} held. */
final class Line {
    /*
     * That lock guards every field here, the flags of the word in Admission, and the fate and the links of the waiters.
     *
     * `first` is the head of `returning`, or else of `waiting`. It is overdue when it returns, has waited for the bound, or
     * the order is strict. Invariants at every unlock:
     *   nobody waits: no flags but CLOSED;
     *   first is overdue: LINE, BAR and CALL are up, and first does not fit. It is handed its permits, for nobody else can
     *     take them;
     *   it is not, and somebody has been called (`onItsWay`): LINE only, so that others come and go past the line at full
     *     speed. Whoever was called comes back here, with permits or without;
     *   it is not, and nobody has been called: LINE, BAR and CALL are up, and nobody in the line fits. A newcomer that does
     *     is let in here, where the clock is looked at.
     * What has been decided is told after the unlock, by whoever takes it from here (takeCalled, takeDecided) before.
     *
     * Nothing is allocated from when permits have been given back or taken until they have got to whom they belong, for
     * that must not fail: what a waiter may need is made when it lines up, and the chain of the decided is in their links.
     *
     * To let newcomers overtake until somebody has waited for 1 ms, and then to hand over, is what Go's sync.Mutex does; that
     * at most one sleeper is on its way at a time is known from there, too, and from the JDK's queued synchronizers. With
     * weights, a bound for the first in the line only and a bar that is raised in the word of the permits it is made here.
     *
     * There is no timer: every change that could let somebody in, or past somebody, comes by settle() while the bar is
     * up, and while it is not somebody is awake who will.
     */
    private static final long ALL_UP = Admission.LINE | Admission.BAR | Admission.CALL;

    /** Those who want a first permit. Empty once the gate is closed. */
    private final WaiterQueue waiting = new WaiterQueue();
    /** Those who want back what they lent. They go before all in {@code waiting}. */
    private final WaiterQueue returning = new WaiterQueue();

    /** Those who are out of the line and are to be told. */
    private final WaiterQueue decided = new WaiterQueue();
    /** One that is in the line, and is to be told to try for itself. */
    private @Nullable Waiter called;

    private final Durations.Recorder waits = new Durations.Recorder();

    private final Admission books;
    private final long bound;

    /** Read without the lock, too. */
    private volatile int permits;

    private @Nullable Waiter onItsWay;
    private int lent;
    private long overtakes;
    private long overtakesOfOverdue;
    private long abandoned;

    Line(Admission books, int permits, Fairness fairness) {
        this.books = books;
        this.permits = permits;
        this.bound = fairness.nanos();
    }

    int permits() {
        return permits;
    }

    // ---- changes, each followed by settle ------------------------------------------------------------

    /** For a newcomer: takes what is free, if nobody waits who may not be overtaken. */
    boolean takeAtOnce(int weight, long now) {
        Waiter first = first();
        if ((first != null && isOverdue(first, now)) || !books.take(weight)) {
            return false;
        }
        // Not in the word: behind a bar nobody counts off what is there, and it has room for so many only.
        overtakes += first != null ? 1 : 0;
        return true;
    }

    void add(Waiter waiter) {
        boolean returns = waiter.returns();
        if (!returns) {
            waits.ready();
        }
        WaiterQueue queue = returns ? returning : waiting;
        waiter.linedUp(queue.size(), bound == 0);
        queue.add(waiter);
    }

    /** Whoever was called is here, with its permits or without. */
    void arrive(Waiter waiter, boolean taken, long now) {
        if (waiter.fate == Fate.CALLED) {
            onItsWay = null;
            waiter.fate = Fate.WAITING;
            if (taken) {
                serve(waiter, books.word(), now);
            }
        } else if (taken) {
            books.add(waiter.weight); // decided while it tried: that is one time too many
        }
    }

    /** The waiter gives up; false when it is not in the line, or not any more. */
    boolean abandon(Waiter waiter) {
        if (!waiting.remove(waiter)) {
            return false;
        }
        forgetCall(waiter);
        waiter.fate = Fate.GONE;
        abandoned++;
        return true;
    }

    void refuseAll(Function<Waiter, RuntimeException> reason) {
        refuseAbove(0, reason);
    }

    private void refuseAbove(int weight, Function<Waiter, RuntimeException> reason) {
        for (Waiter waiter = waiting.first(); waiter != null; ) {
            Waiter after = waiter.next;
            if (waiter.weight > weight) {
                waiting.remove(waiter);
                forgetCall(waiter);
                waiter.refuse(reason);
                decided.add(waiter);
            }
            waiter = after;
        }
    }

    /** Those who never fit any more are refused. */
    void resize(int newPermits, Function<Waiter, RuntimeException> reason) {
        books.add(newPermits - permits);
        permits = newPermits;
        refuseAbove(newPermits, reason);
    }

    void lend(int weight) {
        lent += weight;
        books.add(weight);
    }

    /** What was lent will not come back. The holder may be on its way; it must not wait for what it will not be given. */
    void writeOff(Permit permit) {
        lent -= permit.weight();
        Waiter holder = returning.first();
        while (holder != null && !((ThreadWaiter) holder).wantsBack(permit)) {
            holder = holder.next;
        }
        if (holder != null) {
            returning.remove(holder);
            holder.fate = Fate.GONE;
            decided.add(holder);
        }
    }

    /** One that could not be told its fate; whoever makes the next change tries again. */
    void tellLater(Waiter waiter) {
        decided.add(waiter);
    }

    // ---- whom to tell --------------------------------------------------------------------------------

    @Nullable
    Waiter takeCalled() {
        Waiter waiter = called;
        called = null;
        return waiter;
    }

    /** A chain; in their order. */
    @Nullable
    Waiter takeDecided() {
        return decided.takeAll();
    }

    void collectOvertakes() {
        overtakes += books.collectOvertakes();
    }

    // ---- to look -------------------------------------------------------------------------------------

    int size() {
        return waiting.size();
    }

    /** The weight of the permits that are held or lent. */
    int open() {
        return permits - books.free() + lent;
    }

    String describe() {
        return (permits - books.free()) + " of " + permits + " in use, " + (lent > 0 ? lent + " lent, " : "")
                + (waiting.size() + returning.size()) + " waiting";
    }

    GateStats stats(Durations holds) {
        long word = books.word();
        int free = Admission.free(word);
        Waiter oldest = waiting.first();
        return new GateStats(
                permits,
                free,
                permits - free,
                lent,
                waiting.size() + returning.size(),
                Duration.ofNanos(oldest == null ? 0 : System.nanoTime() - oldest.arrived),
                abandoned,
                overtakes + Admission.overtakes(word),
                waits.snapshot(),
                holds);
    }

    /** How often somebody was let in while the bar was up for one who was overdue. Counted to be seen to be 0. */
    long overtakesOfOverdue() {
        return overtakesOfOverdue;
    }

    // ---- who is next ---------------------------------------------------------------------------------

    private @Nullable Waiter first() {
        Waiter back = returning.first();
        return back != null ? back : waiting.first();
    }

    private boolean isOverdue(Waiter first, long now) {
        return bound == 0 || first.returns() || now - first.arrived >= bound;
    }

    /** Restores the invariants: serves or calls those whose turn it is and who fit, and raises and lowers the flags. */
    void settle(long now) {
        boolean goOn = true;
        for (Waiter first = first(); first != null && goOn; first = first()) {
            if (isOverdue(first, now)) {
                goOn = serveOrBar(first, now);
            } else if (onItsWay != null) {
                books.flag(Admission.LINE, Admission.BAR | Admission.CALL);
                goOn = false;
            } else {
                goOn = callOrBar(now);
            }
        }
        if (goOn) {
            books.flag(0, ALL_UP);
        }
    }

    /** Takes the permits for the first; or, in the step in which they are seen not to be there, raises the bar for it. */
    private boolean serveOrBar(Waiter first, long now) {
        while (true) {
            long seen = books.word();
            int free = Admission.free(seen);
            if (first.weight <= free || (first.returns() && free == permits)) {
                if (books.change(seen, seen - Admission.units(first.weight))) {
                    grant(first, seen, now);
                    return true;
                }
            } else if (books.change(seen, seen | ALL_UP)) {
                if (first.overtakesAtBar < 0) {
                    first.overtakesAtBar = overtakes + Admission.overtakes(seen);
                }
                return false;
            }
        }
    }

    /**
     * Calls the oldest that fits; or, in the step in which nobody is seen to fit, raises the bar. One that cannot be called
     * is served, and the search goes on: true.
     */
    private boolean callOrBar(long now) {
        while (true) {
            long seen = books.word();
            Waiter fit = waiting.firstUpTo(Admission.free(seen));
            if (fit == null) {
                if (books.change(seen, seen | ALL_UP)) {
                    return false;
                }
            } else if (fit.canTake()) {
                books.flag(Admission.LINE, Admission.BAR | Admission.CALL);
                fit.fate = Fate.CALLED;
                onItsWay = fit;
                called = fit;
                return false;
            } else if (books.change(seen, seen - Admission.units(fit.weight))) {
                grant(fit, seen, now);
                return true;
            }
        }
    }

    /** The permits have been taken for it; somebody who was called is awake and need not be told. */
    private void grant(Waiter waiter, long seen, long now) {
        boolean awake = waiter.fate == Fate.CALLED;
        serve(waiter, seen, now);
        if (!awake) {
            decided.add(waiter);
        }
    }

    private void serve(Waiter waiter, long seen, long now) {
        forgetCall(waiter);
        if (waiter.overtakesAtBar >= 0) {
            overtakesOfOverdue += overtakes + Admission.overtakes(seen) - waiter.overtakesAtBar;
        }
        if (waiter.returns()) {
            returning.remove(waiter);
            lent -= waiter.weight;
        } else {
            waiting.remove(waiter);
            waits.record(now - waiter.arrived);
        }
        waiter.granted();
    }

    private void forgetCall(Waiter waiter) {
        if (onItsWay == waiter) {
            onItsWay = null;
        }
    }
}
