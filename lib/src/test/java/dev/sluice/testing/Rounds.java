package dev.sluice.testing;

/** How often a race test loops: the full number times the system property {@code sluice.rounds}. */
public final class Rounds {
    private static final double FACTOR = Double.parseDouble(System.getProperty("sluice.rounds", "0.02"));

    private Rounds() {}

    public static int of(int full) {
        return (int) Math.max(20, full * FACTOR);
    }

    /** A limit for what takes the longer the more rounds there are; half a minute in the ordinary build. */
    public static long patienceSeconds() {
        return (long) (30 + 600 * Math.min(1, FACTOR));
    }
}
