package dev.sluice.examples.enrich;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;

/**
 * Keeps the text that has been read and not been written yet below 4 Mi characters. The queues' lengths bound the number
 * of records; this bounds what a feed of very long ones takes. Thread-safe.
 */
final class Budget {
    private static final int UNIT = 1 << 10;
    private static final int UNITS = 1 << 12;

    private final Gate gate = Gate.of(UNITS);

    /**
     * A record inside the budget.
     *
     * @param record the record
     * @param permit its part of the budget, to be closed when the record is done with
     */
    record Admitted(RawRecord record, Permit permit) {}

    /** Waits until there is room for {@code record}. */
    Admitted admit(RawRecord record) throws InterruptedException {
        int units = Math.min(UNITS, 1 + record.text().length() / UNIT);
        return new Admitted(record, gate.acquire(units));
    }

    /** How many units are in use. */
    int inUse() {
        return UNITS - gate.available();
    }
}
