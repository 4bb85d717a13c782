package dev.sluice.pipeline;

/** One link of the chain through which a worker pushes an item and what becomes of it. Belongs to that worker. */
abstract class Emitter {
    /**
     * Pushes an item on. Blocks while there is no room for it.
     *
     * @return false when nobody wants it or anything that would follow: the caller stops
     * @throws Exception what the user's code threw
     */
    abstract boolean emit(Object item) throws Exception;

    /**
     * Does {@code to.emit(item)}. A chain begins with one of many kinds, and where more than two meet a virtual machine
     * makes a call that it can neither predict nor look through; the two most frequent are told by their class.
     */
    static boolean push(Emitter to, Object item) throws Exception {
        if (to instanceof ChainEnd end) {
            return end.emit(item);
        }
        if (to instanceof Steps.Map map) {
            return map.emit(item);
        }
        return to.emit(item);
    }
}
