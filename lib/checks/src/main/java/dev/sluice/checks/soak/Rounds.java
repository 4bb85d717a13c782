package dev.sluice.checks.soak;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Runs rounds in this virtual machine, one after the other, and watches that each ends. */
final class Rounds {
    static final int FOUND = 1;
    static final int STUCK = 3;

    private static final long SLOW_MILLIS = 10_000;

    private final long seed;
    private final List<String> kinds;
    private final long patience;
    private final Tally tally = new Tally();
    private volatile long current = -1;
    private volatile long since;
    private volatile @Nullable Round running;

    /**
     * @param kinds of the rounds to be run, the others being passed over; all when there are none
     * @param patience how many seconds a round may take
     */
    Rounds(long seed, List<String> kinds, int patience) {
        this.seed = seed;
        this.kinds = kinds;
        this.patience = 1_000_000_000L * patience;
    }

    /** As many as there is time for; returns the number of the first after them, or dies. */
    int run(long from, long nanos, boolean pressure) {
        watch();
        long begun = System.nanoTime();
        long said = begun;
        long next = from;
        try (AutoCloseable hog = pressure ? new Hog(new SplittableRandom(seed ^ from), tally) : () -> {}) {
            while (System.nanoTime() - begun < nanos) {
                one(next++);
                if (System.nanoTime() - said > 1_000_000_000L) {
                    said = System.nanoTime();
                    System.out.println(tally.toLine());
                }
            }
        } catch (Throwable t) { // whatever a round has found
            if (!pressure || !isWantOfMemory(t)) {
                return report(next - 1, t);
            }
            // The round itself could not go on; what it had begun ends with this machine.
            tally.add(Tally.GIVEN_UP, 1);
        }
        current = -1;
        System.out.println(tally.toLine());
        return 0;
    }

    private static boolean isWantOfMemory(Throwable found) {
        Throwable cause = found;
        while (cause != null) {
            if (cause instanceof OutOfMemoryError && !"planned".equals(cause.getMessage())) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** The same round several times: how its threads meet is another matter each time. */
    int repeat(long round, int times) {
        watch();
        try {
            for (int i = 0; i < times; i++) {
                one(round);
            }
        } catch (Throwable t) { // whatever the round has found
            return report(round, t);
        }
        current = -1;
        System.out.println(tally.toLine());
        return 0;
    }

    private int report(long round, Throwable found) {
        System.out.println("FOUND seed " + seed + ", round " + round + ": " + found);
        found.printStackTrace(System.out);
        System.out.println(tally.toLine());
        System.out.flush();
        return FOUND;
    }

    private void one(long number) throws Exception {
        since = System.nanoTime();
        current = number;
        Round round = round(number);
        if (!kinds.isEmpty() && kinds.stream().noneMatch(kind -> round.name.startsWith("soak-" + kind + "-"))) {
            return;
        }
        running = round;
        round.run();
        round.throwFailure();
        tally.requireNothingWrong();
        tally.add(Tally.ROUNDS, 1);
        long millis = (System.nanoTime() - since) / 1_000_000;
        tally.add("ms of " + round.getClass().getSimpleName(), millis);
        if (millis > SLOW_MILLIS) {
            System.out.println("slow: seed " + seed + ", round " + number + ": " + millis + " ms");
        }
    }

    private Round round(long number) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
        return switch (random.nextInt(8)) {
            case 0 ->
                random.nextBoolean() ? new TurnsRound(number, random, tally) : new QueueRound(number, random, tally);
            case 1 -> new GateRound(number, random, tally);
            case 2, 3, 4 -> new PoolRound(number, random, tally);
            default -> new PipelineRound(number, random, tally);
        };
    }

    private void watch() {
        // What a task of execute throws, also one that its submitter runs, goes there.
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            Round round = running;
            if (round != null) {
                round.uncaught(failure);
            }
        });
        Thread watch = new Thread(this::watchForEver, "watch");
        watch.setDaemon(true);
        watch.start();
    }

    private void watchForEver() {
        while (true) {
            LockSupport.parkNanos(1_000_000_000L);
            long number = current;
            if (number >= 0 && System.nanoTime() - since > patience) {
                System.out.println("STUCK seed " + seed + ", round " + number);
                for (Map.Entry<Thread, StackTraceElement[]> stack :
                        Thread.getAllStackTraces().entrySet()) {
                    System.out.println(stack.getKey());
                    for (StackTraceElement frame : stack.getValue()) {
                        System.out.println("    at " + frame);
                    }
                }
                System.out.println(tally.toLine());
                System.out.flush();
                Runtime.getRuntime().halt(STUCK);
            }
        }
    }
}
