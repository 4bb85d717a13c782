package dev.sluice.pipeline;

/** One link of the chain through which a worker pushes an item and what becomes of it. */
@FunctionalInterface
interface Emitter {
    /**
     * Pushes an item on. Blocks while there is no room for it.
     *
     * @return false when nobody wants it or anything that would follow: the caller stops
     * @throws Exception what the user's code threw
     */
    boolean emit(Object item) throws Exception;
}
