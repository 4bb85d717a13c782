package dev.sluice.pipeline;

/**
 * The samples of a stage's workers.
 *
 * @param waitTime how long items were in the queue
 * @param serviceTime how long workers had to do with them
 */
record Timings(Histogram waitTime, Histogram serviceTime) {
    static Timings none() {
        return new Timings(new Histogram(), new Histogram());
    }
}
