package dev.sluice.gate;

import org.jspecify.annotations.Nullable;

/** Where a permit comes from, and what it is given back to. */
interface Source {
    /** The permit is held from now on. Called once, maybe under the lock of a line; allocates nothing. */
    default void granted(Permit permit) {}

    /** A permit that had been granted has not reached who waited for it; it is marked closed, and given back by who knows that. */
    default void revoked() {}

    /** Takes back a permit that was held; it is marked closed, and this is called once. */
    void release(Permit permit);

    /** Closes a permit that is lent; false when it is not lent any more. */
    boolean closeLent(Permit permit);

    /** As {@link Permit#lend}. */
    <T extends @Nullable Object, X extends Exception> T lend(Permit permit, Gate.Work<T, X> work) throws X;

    /** What it is, for messages. */
    String describe();
}
