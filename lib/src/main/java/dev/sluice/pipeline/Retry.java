package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often, and after what pauses, a stage's function is tried again on an item for which it has thrown.
 *
 * <pre>{@code
 * .stage("send", this::send, s -> s.workers(8).retry(Retry.times(3).backoff(Duration.ofMillis(100)).jitter(0.5)))
 * }</pre>
 *
 * <p>An item that waits for its next attempt holds no worker. It counts towards the stage's {@link StageOptions#window},
 * so when that is full of such items the stage takes nothing more. In an ordered stage the results that follow wait for
 * it, in a keyed one the items of its key do.
 *
 * <p>It is for what the stage's own function throws, not for what runs inline behind it, and never for an {@link Error}.
 * When the last attempt fails, {@link OnError} says what follows.
 *
 * <p>Instances never change; each method gives another one.
 */
public final class Retry {
    private static final Duration LONGEST = Duration.ofHours(1);

    private final int times;
    private final long firstNanos;
    private final long longestNanos;
    private final double jitter;

    private Retry(int times, long firstNanos, long longestNanos, double jitter) {
        this.times = times;
        this.firstNanos = firstNanos;
        this.longestNanos = longestNanos;
        this.jitter = jitter;
    }

    /**
     * Tries again at once, up to this often.
     *
     * @param retries attempts after the first one, at least 1
     * @return a retry without pauses
     * @throws IllegalArgumentException when {@code retries} is below 1
     */
    public static Retry times(int retries) {
        return new Retry(Check.atLeast("retries", retries, 1), 0, LONGEST.toNanos(), 0);
    }

    /**
     * Waits before each further attempt, twice as long each time, but no longer than an hour.
     *
     * @param first the first pause; not negative
     * @return a retry with these pauses
     * @throws IllegalArgumentException when {@code first} is negative
     */
    public Retry backoff(Duration first) {
        return backoff(first, LONGEST);
    }

    /**
     * Waits before each further attempt, twice as long each time, up to a limit.
     *
     * @param first the first pause; not negative
     * @param longest the longest one; not negative
     * @return a retry with these pauses
     * @throws IllegalArgumentException when one of them is negative
     */
    public Retry backoff(Duration first, Duration longest) {
        return new Retry(times, nanos("first", first), nanos("longest", longest), jitter);
    }

    private static long nanos(String name, Duration pause) {
        if (Check.notNull(name, pause).isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative but was " + pause);
        }
        return Check.nanos(name, pause);
    }

    /**
     * Makes each pause shorter by a random part, so that items that failed together are not tried together.
     *
     * @param share the largest part, from 0 to 1
     * @return a retry with these pauses
     * @throws IllegalArgumentException when {@code share} is below 0 or above 1
     */
    public Retry jitter(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be from 0 to 1 but was " + share);
        }
        return new Retry(times, firstNanos, longestNanos, share);
    }

    int times() {
        return times;
    }

    /** The pause after the given number of attempts that failed. */
    long delayNanos(int failures) {
        double grown = firstNanos * Math.pow(2, failures - 1.0);
        double pause = Math.min(grown, (double) longestNanos);
        return (long) (pause * (1 - jitter * ThreadLocalRandom.current().nextDouble()));
    }

    /** Says the options. */
    @Override
    public String toString() {
        return "Retry[times=" + times + ", first=" + Duration.ofNanos(firstNanos) + ", longest="
                + Duration.ofNanos(longestNanos) + ", jitter=" + jitter + "]";
    }
}
