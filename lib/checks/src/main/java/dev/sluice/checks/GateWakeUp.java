package dev.sluice.checks;

import dev.sluice.checks.GateKind.Turnstile;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One sleeper, one holder that releases and does not come back: how long it takes from the release to the acquire. */
@Command(
        name = "gate-wakeup",
        mixinStandardHelpOptions = true,
        description = "Wakes a sleeper many times, by turns at each kind of gate and semaphore.")
final class GateWakeUp implements Callable<Integer> {
    @Option(names = "--rounds", defaultValue = "10000", description = "of each kind; default 10^4")
    private int rounds;

    @Option(names = "--warm-up", defaultValue = "2000", description = "rounds that do not count; default 2000")
    private int warmUp;

    @Option(names = "--asleep", defaultValue = "100", description = "for how many µs the sleeper is left asleep")
    private int asleep;

    /** One thread that waits whenever it is told to. */
    private static final class Sleeper {
        final Thread thread = new Thread(this::run, "sleeper");
        private volatile Turnstile next;
        private volatile long entered;

        private void run() {
            try {
                for (Turnstile turnstile = await(); turnstile != null; turnstile = await()) {
                    turnstile.enter();
                    long now = System.nanoTime();
                    turnstile.leave();
                    next = null;
                    entered = now;
                }
            } catch (InterruptedException e) {
                // Meant to end the thread.
            }
        }

        private Turnstile await() throws InterruptedException {
            while (next == null) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                Thread.onSpinWait();
            }
            return next;
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        Map<GateKind, long[]> times = new EnumMap<>(GateKind.class);
        Map<GateKind, Turnstile> turnstiles = new EnumMap<>(GateKind.class);
        for (GateKind kind : GateKind.values()) {
            times.put(kind, new long[rounds]);
            turnstiles.put(kind, kind.turnstile());
        }
        Sleeper sleeper = new Sleeper();
        sleeper.thread.setDaemon(true);
        sleeper.thread.start();
        for (int round = -warmUp; round < rounds; round++) {
            for (GateKind kind : GateKind.values()) {
                long nanos = wake(sleeper, turnstiles.get(kind));
                if (round >= 0) {
                    times.get(kind)[round] = nanos;
                }
            }
        }
        sleeper.thread.interrupt();
        times.values().forEach(Arrays::sort);
        for (GateKind kind : GateKind.values()) {
            System.out.printf("%s: p50 %.1f µs, p99 %.1f µs%n", kind, at(times, kind, 0.5), at(times, kind, 0.99));
        }
        boolean met = compare(times, GateKind.BOUNDED, GateKind.UNFAIR_SEMAPHORE)
                & compare(times, GateKind.STRICT, GateKind.FAIR_SEMAPHORE);
        return met ? 0 : 1;
    }

    private long wake(Sleeper sleeper, Turnstile turnstile) throws InterruptedException {
        turnstile.enter();
        sleeper.entered = 0;
        sleeper.next = turnstile;
        while (turnstile.waiting() == 0 || sleeper.thread.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        long since = System.nanoTime();
        while (System.nanoTime() - since < asleep * 1000L) {
            Thread.onSpinWait();
        }
        long released = System.nanoTime();
        turnstile.leave();
        while (sleeper.entered == 0) {
            Thread.onSpinWait();
        }
        return sleeper.entered - released;
    }

    private boolean compare(Map<GateKind, long[]> times, GateKind ours, GateKind theirs) {
        double median = at(times, ours, 0.5) / at(times, theirs, 0.5);
        double late = at(times, ours, 0.99) / at(times, theirs, 0.99);
        System.out.printf("%s / %s: p50 %.2f, p99 %.2f, goal 1.50%n", ours, theirs, median, late);
        return median <= 1.5 && late <= 1.5;
    }

    private double at(Map<GateKind, long[]> times, GateKind kind, double share) {
        return times.get(kind)[(int) (rounds * share)] / 1e3;
    }
}
