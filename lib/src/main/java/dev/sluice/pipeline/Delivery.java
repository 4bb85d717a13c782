package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** How the results of a stage's workers reach the next stage: as they come, or in the order of the inputs. */
interface Delivery {
    /** The way of one worker. */
    Outlet outlet(Worker worker);

    /** Nothing can be delivered any more; frees whoever waits and discards what is held. */
    void abort(Throwable reason);

    /** By the last worker: discards what an error has left behind. */
    default void discardRest() {}

    /**
     * What one worker does with its inputs and results: {@code reserve}, then, when it got an input, {@code begin},
     * {@code emit} for each result, and one of {@code finish}, {@code drop} and {@code fail}. Used by that worker
     * alone.
     */
    interface Outlet {
        /** Where the worker's chain ends. */
        default Emitter end(Pass pass) {
            return new ChainEnd.ToOutlet(this, pass);
        }

        /** Where a branch of the worker's chain ends, when results go on as they come. */
        default Emitter end(Downstream target, Meter meter, Pass pass) {
            return new ChainEnd(target, meter, pass);
        }

        /** Whether results go on as they come, and nothing is held back: there is nothing to reserve and to begin. */
        default boolean isDirect() {
            return false;
        }

        /** Waits until one more input may be taken; false when none will be needed. */
        boolean reserve();

        /** Gives the reservation back, because there was no more input. */
        void release();

        /** The worker takes no more inputs. */
        default void leave() {}

        /** The worker has taken an input. */
        void begin(Object input, long position);

        /** Whether results of the input at hand can still be delivered. */
        boolean wanted();

        /** Hands a result on; false when it is not wanted. */
        boolean emit(Object result);

        /** The input at hand is done. */
        void finish(Object input, Fate fate);

        /** The input at hand was for nothing; {@code reason} is told when the stage has no reason of its own. */
        void drop(Object input, @Nullable Throwable reason);

        /** The input at hand has failed the stage: what is to be delivered before it still is. */
        void fail(Object input, PipelineException failure, Throwable cause);
    }
}
