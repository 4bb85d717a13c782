package dev.sluice.pipeline;

import dev.sluice.pipeline.Meter.Wait;
import org.jspecify.annotations.Nullable;

/**
 * Measures some of the items of one worker: how long they waited in the queue, and how long the worker had to do with
 * them. Belongs to that worker.
 *
 * <p>A sample takes two looks at the clock, between items: before one and after it. What the worker waited for in between
 * is known from its meter. Where samples come close together there are more items between them, so that the clock is
 * read about once in a millisecond however fast the items are; where items are slow each is measured.
 *
 * <p>No item carries the time at which it was put. Each look at the clock is also one at how many items have been put
 * into the link: see {@link Marks}.
 */
final class Sampler {
    private static final int MOST_BETWEEN = 4095;
    private static final long CLOSE_NANOS = 500_000;

    private final Meter meter;
    private final @Nullable Link input;
    private final Timings timings;
    /** Room in a reorder window is waited for before an item is taken, not after. */
    private final boolean reserves;

    private int between;
    private long lastSample;
    // Of the sample that has begun.
    private boolean begun;
    private long begin;
    private long position;
    private long starved;
    private long blocked;

    Sampler(Meter meter, @Nullable Link input, Timings timings, boolean reserves) {
        this.meter = meter;
        this.input = input;
        this.timings = timings;
        this.reserves = reserves;
    }

    /** Between two items; {@code now} is {@code System.nanoTime()}. */
    void look(long now) {
        boolean measured = begun && meter.position != position;
        if (measured) {
            measure(now);
        }
        if (input != null) {
            input.mark(now);
        }
        if (measured && between > 0) {
            begun = false;
            meter.sampleAfter(between);
        } else {
            begin(now);
            meter.sampleAfter(0);
        }
    }

    private void begin(long now) {
        begun = true;
        begin = now;
        position = meter.position;
        starved = meter.waited(Wait.STARVED, now);
        blocked = meter.waited(Wait.BLOCKED, now);
    }

    private void measure(long now) {
        long hungry = meter.waited(Wait.STARVED, now) - starved;
        long stuck = meter.waited(Wait.BLOCKED, now) - blocked;
        timings.serviceTime().add(Math.max(0, now - begin - hungry - stuck));
        if (input != null) {
            long taken = begin + hungry + (reserves ? stuck : 0);
            timings.waitTime().add(hungry > 0 ? 0 : Math.max(0, taken - input.putTime(meter.position)));
        }
        between = now - lastSample < CLOSE_NANOS ? Math.min(MOST_BETWEEN, 2 * between + 1) : between / 4;
        lastSample = now;
    }
}
