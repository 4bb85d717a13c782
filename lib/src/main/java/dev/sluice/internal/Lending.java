package dev.sluice.internal;

/**
 * How a thread waits for what a pool of the library may have to do first. A task lends its worker, or its permit, to its pool
 * meanwhile; the pools say how, as soon as there is one. Any other thread just waits.
 */
public final class Lending {
    private static volatile Lender lender = Wait::once;

    private Lending() {}

    /** A wait of the library's own. */
    @FunctionalInterface
    public interface Wait {
        /** Waits. */
        void once() throws InterruptedException;
    }

    /** What is done for the thread that waits. */
    @FunctionalInterface
    public interface Lender {
        /** Has it wait. */
        void during(Wait wait) throws InterruptedException;
    }

    /** From here on {@code pools} know what is done. */
    public static void by(Lender pools) {
        lender = pools;
    }

    /** Waits; a task of a pool makes room for another one meanwhile. */
    public static void during(Wait wait) throws InterruptedException {
        lender.during(wait);
    }
}
