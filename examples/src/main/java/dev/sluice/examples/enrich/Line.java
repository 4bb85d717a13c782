package dev.sluice.examples.enrich;

import java.util.List;

/** What a record of the feed has become: cells, or a reject. Both go through the same stages, so both keep their place. */
sealed interface Line {
    /** Where it came from. */
    RawRecord source();

    /** A record with its cells; after the join, the taken ones behind them. */
    record Row(RawRecord source, List<String> cells) implements Line {}

    /** A record that cannot be used, and why. */
    record Reject(RawRecord source, String reason) implements Line {}
}
