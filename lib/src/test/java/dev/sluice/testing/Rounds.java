package dev.sluice.testing;

/**
 * Scales the rounds of race tests by the system property {@code sluice.rounds}: 1.0 is the full number, the ordinary
 * build passes a small part of it.
 */
public final class Rounds {
    private static final double FACTOR = Double.parseDouble(System.getProperty("sluice.rounds", "0.01"));
    private static final int FEWEST = 20;

    private Rounds() {}

    /** The scaled number of rounds, at least 20. */
    public static int of(int full) {
        return (int) Math.max(FEWEST, full * FACTOR);
    }

    /** A limit for what takes the longer the more rounds there are; half a minute in the ordinary build. */
    public static long patienceSeconds() {
        return (long) (30 + 600 * Math.min(1, FACTOR));
    }
}
