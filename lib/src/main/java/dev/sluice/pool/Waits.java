package dev.sluice.pool;

import dev.sluice.gate.Gate;

/**
 * How a thread waits for something of ours. A thread that runs no task just waits. One that does lends its worker, or its
 * permit, to its pool meanwhile, so that the pool can run what it waits for.
 */
final class Waits {
    private Waits() {}

    /**
     * A wait that nothing but its end ends.
     *
     * @throws IllegalStateException when it can never end
     */
    static void untilEnd(Awaited what, Gate.Work<Boolean, InterruptedException> wait) throws InterruptedException {
        Task<?> me = Task.current();
        if (me == null) {
            wait.call();
            return;
        }
        me.waitsFor(what);
        try {
            Deadlock.check(me);
            lending(wait);
        } finally {
            me.waitsFor(null);
        }
    }

    /** A wait that ends by itself, or is not for tasks. */
    static <T, X extends Exception> T lending(Gate.Work<T, X> wait) throws X {
        Task<?> me = Task.current();
        if (me == null) {
            return wait.call();
        }
        Task<?> holder = me.holder();
        if (!holder.holdsSlot) {
            return wait.call();
        }
        holder.holdsSlot = false; // a wait within the wait has nothing to lend
        try {
            return holder.pool.lend(holder, wait);
        } finally {
            holder.holdsSlot = true;
        }
    }
}
