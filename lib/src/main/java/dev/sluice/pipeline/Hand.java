package dev.sluice.pipeline;

/** One of a stage's workers, as the run sees it: it is started, counts, can be interrupted, and leaves the run once. */
abstract class Hand implements Runnable {
    final Meter meter = new Meter();
    final Interrupts interrupts = new Interrupts();

    final Meter meter() {
        return meter;
    }

    final Interrupts interrupts() {
        return interrupts;
    }

    /** What the worker's thread would do at its end; for one that could not be started. */
    abstract void neverStarts();

    /** Has it look at what has changed, if it rests. */
    void call() {}
}
