package dev.sluice.gate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The books of a gate: what is free, and whether somebody waits. Who finds no obstacle passes here by one CAS. */
final class Admission implements Source {
    /*
     * One word holds all that a newcomer and a releaser have to know:
     *
     *   bits 32..63  what is free, signed: below zero is debt
     *   bits  8..31  overtakes that have not been counted off yet
     *   CLOSED       nobody is let in, and whoever releases looks whether it was the last
     *   CALL         whoever releases looks at the line, for nobody there is on his way
     *   BAR          a newcomer asks at the line whether he may take what is free
     *   LINE         somebody waits: who takes a permit here overtakes him
     *
     * Because they are one word, no newcomer can take a permit that is behind the bar, and no release can miss that
     * somebody has begun to wait: the CAS that raises CALL fails if what is free has changed. All but what is free and the
     * overtakes is changed under the lock of the line only.
     *
     * Every 4096th overtake looks at the line, and so at the clock, in case that the one who was called gets no processor.
     * There is room for 4095 times as many who are past that and have not got there yet.
     */
    static final long LINE = 1;
    static final long BAR = 1 << 1;
    static final long CALL = 1 << 2;
    static final long CLOSED = 1 << 3;

    private static final int OVERTAKE_SHIFT = 8;
    private static final long OVERTAKES = 0xFF_FFFFL << OVERTAKE_SHIFT;
    private static final long CHECKPOINT = 4096L << OVERTAKE_SHIFT;
    private static final int FREE_SHIFT = 32;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Admission.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long word;

    private final LockedLine line;

    Admission(String name, int permits, int maxWaiters, Fairness fairness) {
        this.word = units(permits);
        this.line = new LockedLine(this, name, permits, maxWaiters, fairness);
    }

    LockedLine line() {
        return line;
    }

    // ---- for those who come and go -------------------------------------------------------------------

    /** Takes {@code weight}, after a wait if necessary. */
    void enter(int weight) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!tryTake(weight)) {
            line.enter(weight, LockedLine.FOREVER);
        }
    }

    /** Takes {@code weight}, after a wait if necessary; false when the time has passed. */
    boolean enter(int weight, long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return nanos == 0 ? tryEnter(weight) : tryTake(weight) || line.enter(weight, nanos);
    }

    /** Takes {@code weight} if that can be done at once. */
    boolean tryEnter(int weight) {
        if (tryTake(weight)) {
            return true;
        }
        long seen = word;
        boolean obvious = (seen & CLOSED) == 0 && free(seen) < weight && weight <= line.permits();
        return !obvious && line.tryEnter(weight);
    }

    PermitFuture enterAsync(Permit permit, Executor continuations) {
        PermitFuture future = new PermitFuture(permit, this, continuations);
        if (tryTake(permit.weight())) {
            future.grantedAtOnce();
        } else {
            line.enterAsync(future);
        }
        return future;
    }

    /** Gives {@code weight} back. */
    void leave(int weight) {
        long before = (long) WORD.getAndAdd(this, units(weight));
        if ((before & (CALL | CLOSED)) != 0) {
            line.look();
        }
    }

    /** Takes what is free, unless there is a bar. */
    private boolean tryTake(int weight) {
        long seen = word;
        while ((seen & (BAR | CLOSED)) == 0 && free(seen) >= weight) {
            long next = seen - units(weight) + ((seen & LINE) << OVERTAKE_SHIFT);
            long found = (long) WORD.compareAndExchange(this, seen, next);
            if (found == seen) {
                if ((next & CHECKPOINT) != 0) {
                    line.checkpoint();
                }
                return true;
            }
            seen = found;
        }
        return false;
    }

    // ---- permits -------------------------------------------------------------------------------------

    @Override
    public void release(Permit permit) {
        leave(permit.weight());
    }

    @Override
    public boolean closeLent(Permit permit) {
        return line.closeLent(permit);
    }

    @Override
    public <T extends @Nullable Object, X extends Exception> T lend(Permit permit, Gate.Work<T, X> work) throws X {
        ThreadWaiter back = line.lend(permit);
        try {
            return work.call();
        } finally {
            line.takeBack(back, permit);
        }
    }

    @Override
    public String describe() {
        return "gate '" + line.name() + "'";
    }

    // ---- for the line, under its lock ----------------------------------------------------------------

    long word() {
        return word;
    }

    int free() {
        return free(word);
    }

    boolean isClosed() {
        return (word & CLOSED) != 0;
    }

    /** Changes the word from what was seen. */
    boolean change(long seen, long next) {
        return seen == next || WORD.compareAndSet(this, seen, next);
    }

    /** Sets and clears flags, whatever else changes. */
    void flag(long set, long clear) {
        long seen = word;
        while (!change(seen, (seen | set) & ~clear)) {
            seen = word;
        }
    }

    /** For somebody whom the bar does not concern. */
    boolean take(int weight) {
        long seen = word;
        while (free(seen) >= weight) {
            if (change(seen, seen - units(weight))) {
                return true;
            }
            seen = word;
        }
        return false;
    }

    /** For one who was called: takes what is free unless the bar has been raised meanwhile. Needs no lock. */
    boolean takeCalled(int weight) {
        long seen = word;
        return (seen & BAR) == 0 && free(seen) >= weight && change(seen, seen - units(weight));
    }

    void add(int more) {
        WORD.getAndAdd(this, units(more));
    }

    /** Counts the overtakes off. */
    long collectOvertakes() {
        long seen = word;
        while (!change(seen, seen & ~OVERTAKES)) {
            seen = word;
        }
        return overtakes(seen);
    }

    static int free(long word) {
        return (int) (word >> FREE_SHIFT);
    }

    static long units(int weight) {
        return (long) weight << FREE_SHIFT;
    }

    static long overtakes(long word) {
        return (word & OVERTAKES) >>> OVERTAKE_SHIFT;
    }
}
