package dev.sluice.pipeline;

import java.util.Locale;

/** Times as people read them. */
final class Times {
    private static final String[] UNITS = {"ns", "µs", "ms", "s"};

    private Times() {}

    /** Two or three digits and a unit. */
    static String text(double nanos) {
        double value = nanos;
        int unit = 0;
        while (unit < UNITS.length - 1 && value >= 999.5) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, value < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }
}
