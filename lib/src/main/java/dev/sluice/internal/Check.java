package dev.sluice.internal;

import java.time.Duration;

/** Argument checks whose messages name the parameter and the value. */
public final class Check {
    private Check() {}

    /** Returns {@code value}, or throws {@code IllegalArgumentException} when it is below {@code min}. */
    public static int atLeast(String name, int value, int min) {
        if (value < min) {
            throw new IllegalArgumentException(name + " must be >= " + min + " but was " + value);
        }
        return value;
    }

    /** Returns {@code value}, or throws {@code NullPointerException} that names {@code name}. */
    public static <T> T notNull(String name, T value) {
        if (value == null) {
            throw new NullPointerException(name + " must not be null");
        }
        return value;
    }

    /** Returns {@code duration}, or throws {@code IllegalArgumentException} when it is not more than zero. */
    public static Duration positive(String name, Duration duration) {
        if (notNull(name, duration).isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + " must be > 0 but was " + duration);
        }
        return duration;
    }

    /** The nanoseconds of a duration; as large as a {@code long} can hold when there are more, 0 when it is negative. */
    public static long nanos(String name, Duration duration) {
        notNull(name, duration);
        if (duration.isNegative()) {
            return 0;
        }
        return duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : duration.toNanos();
    }
}
