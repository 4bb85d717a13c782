package dev.sluice.gate;

import org.jspecify.annotations.Nullable;

/**
 * Whose fate has changed while the lock of the line was held, and who is to be told after that. Made before the lock is
 * taken, so that nothing is allocated between a decision and its delivery.
 */
final class Decisions {
    private final WaiterQueue decided = new WaiterQueue();
    private @Nullable Waiter called;

    /** It is in the line, and shall try for itself. */
    void call(Waiter waiter) {
        called = waiter;
    }

    /** It has been taken out of the line. */
    void add(Waiter waiter) {
        decided.add(waiter);
    }

    /** The next one to tell. */
    @Nullable
    Waiter poll() {
        Waiter first = called;
        called = null;
        return first != null ? first : decided.poll();
    }
}
