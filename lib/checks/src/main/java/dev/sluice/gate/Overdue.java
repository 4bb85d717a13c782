package dev.sluice.gate;

/** What a gate counts only to be checked. */
public final class Overdue {
    private Overdue() {}

    /**
     * Tells how often somebody was let in past a waiter for which the bar was up.
     *
     * @param gate any gate
     * @return what is to be 0
     */
    public static long overtakes(Gate gate) {
        return gate.admission().line().overtakesOfOverdue();
    }
}
