package dev.sluice.checks;

/** How many schedules are explored: a fiftieth in the ordinary build, all with {@code -Dsluice.rounds=1}. */
final class Schedules {
    private static final int MINIMUM = 10;

    private Schedules() {}

    static int of(int full) {
        double share = Double.parseDouble(System.getProperty("sluice.rounds", "0.02"));
        return Math.max(MINIMUM, (int) (full * share));
    }
}
