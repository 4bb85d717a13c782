package dev.sluice.pipeline;

/** What became of an input that was not discarded. */
enum Fate {
    COMPLETED(Meter.Count.COMPLETED),
    FILTERED(Meter.Count.FILTERED),
    SKIPPED(Meter.Count.SKIPPED);

    final Meter.Count count;

    Fate(Meter.Count count) {
        this.count = count;
    }
}
