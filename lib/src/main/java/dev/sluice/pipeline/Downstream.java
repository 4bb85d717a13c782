package dev.sluice.pipeline;

/**
 * Where the results of a stage go. {@code put} may be called by all workers of the stage; exactly one of {@code end}
 * and {@code fail} follows, once, by the last of them, after all of their puts.
 */
interface Downstream {
    /** Results that go no further: those of a sink. */
    Downstream NOWHERE = new Downstream() {
        @Override
        public boolean put(Object item, Meter meter) {
            Tracked.release(item);
            return true;
        }

        @Override
        public void end() {}

        @Override
        public void fail() {}
    };

    /** What came of an item that was put without waiting. */
    enum Put {
        DONE,
        FULL,
        REFUSED
    }

    /** Waits for room; false when the item is not wanted any more. */
    boolean put(Object item, Meter meter);

    /** The caller may put from now on, until it calls {@link #handOver}. */
    default void attend() {}

    /** Puts without waiting, where that is possible: what is never full needs no other way. */
    default Put tryPut(Object item, Meter meter) {
        return put(item, meter) ? Put.DONE : Put.REFUSED;
    }

    /**
     * After {@code FULL}: has {@code call} run once, without a lock, when it is worth while to try again; false when that is
     * now, and then it is not run.
     */
    default boolean watchRoom(Runnable call) {
        return false;
    }

    /** Who was called for room has not used it: somebody else may. */
    default void passOnRoom() {}

    /**
     * The caller has put what it had, and puts nothing until it calls {@link #attend} again: who sleeps although there is
     * something to take is woken, even if put has missed it.
     */
    default void handOver() {}

    /** How many have been put and can be taken. */
    default long received() {
        return 0;
    }

    /** All results have been put. */
    void end();

    /** There will be no more results, because of the failure that the run has recorded. */
    void fail();
}
