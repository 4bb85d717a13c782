package dev.sluice.examples.enrich;

import dev.sluice.examples.enrich.Budget.Admitted;
import java.util.List;

/** What a record of the feed has become: cells, or a reject. Both go through the same stages up to the join, so both keep their place. */
sealed interface Line {
    /** Where it came from, and its part of the budget. */
    Admitted source();

    /** Gives its part of the budget back. */
    default void done() {
        source().permit().close();
    }

    /** A record with its cells; after the join, the taken ones behind them. */
    record Row(Admitted source, List<String> cells) implements Line {}

    /** A record that cannot be used, and why. */
    record Reject(Admitted source, String reason) implements Line {}
}
