package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Line.Reject;

/** A line cannot be used. There may be many, so it has no stack trace. */
final class Rejected extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Reject reject;

    Rejected(Reject reject) {
        super(reject.reason(), null, false, false);
        this.reject = reject;
    }

    Reject reject() {
        return reject;
    }
}
