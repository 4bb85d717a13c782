package dev.sluice.checks;

import dev.sluice.checks.GateKind.Turnstile;
import dev.sluice.gate.Overdue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long those wait who want one permit that many want, again and again. */
@Command(
        name = "gate-waits",
        mixinStandardHelpOptions = true,
        description = "Histograms of the waits for one permit: a bounded gate beside an unfair semaphore.")
final class GateWaits implements Callable<Integer> {
    private static final int BUCKETS = 41;

    @Option(names = "--seconds", defaultValue = "60", description = "for each of the two; default 60")
    private int seconds;

    @Option(names = "--threads", defaultValue = "8", description = "default 8")
    private int threads;

    @Override
    public Integer call() throws InterruptedException {
        Turnstile bounded = GateKind.BOUNDED.turnstile();
        Histogram ours = run(bounded, "bounded");
        Histogram theirs = run(GateKind.UNFAIR_SEMAPHORE.turnstile(), "unfair semaphore");
        System.out.printf("%-12s %14s %18s%n", "waits up to", "bounded", "unfair semaphore");
        for (int i = 8; i < BUCKETS; i++) {
            if (ours.counts[i] + theirs.counts[i] > 0) {
                System.out.printf("%9.3f ms %14d %18d%n", Math.scalb(1e-6, i), ours.counts[i], theirs.counts[i]);
            }
        }
        ours.print("bounded");
        theirs.print("unfair semaphore");
        long overtakes = Overdue.overtakes(((GateKind.OfGate) bounded).gate);
        long limit = GateKind.BOUND.plusMillis(10).toNanos();
        System.out.printf(
                "overtakes of somebody overdue: %d, goal 0; waits above the bound and 10 ms: %.4f %%, goal 0.01 %%%n",
                overtakes, 100.0 * ours.above / ours.count());
        return overtakes == 0 && ours.above * 10_000 <= ours.count() && limit > 0 ? 0 : 1;
    }

    private Histogram run(Turnstile turnstile, String name) throws InterruptedException {
        Watch watch = new Watch(name);
        AtomicLong progress = new AtomicLong();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Histogram[] each = new Histogram[threads];
        for (int i = 0; i < threads; i++) {
            Histogram mine = new Histogram();
            each[i] = mine;
            watch.start("visitor", () -> visit(turnstile, end, mine, progress));
        }
        watch.awaitAll(progress::get);
        Histogram all = new Histogram();
        for (Histogram one : each) {
            all.add(one);
        }
        return all;
    }

    private static void visit(Turnstile turnstile, long end, Histogram mine, AtomicLong progress)
            throws InterruptedException {
        long inside = 0;
        while (System.nanoTime() < end) {
            for (int i = 0; i < 100; i++) {
                if (!turnstile.tryEnter()) {
                    long since = System.nanoTime();
                    turnstile.enter();
                    mine.record(System.nanoTime() - since);
                }
                inside++;
                turnstile.leave();
            }
            mine.visits = inside;
            progress.lazySet(inside);
        }
    }

    /** Powers of two, in nanoseconds. */
    private static final class Histogram {
        private final long[] counts = new long[BUCKETS];
        private final long limit = GateKind.BOUND.plusMillis(10).toNanos();
        private long above;
        private long longest;
        private long visits;

        void record(long nanos) {
            counts[Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(nanos))]++;
            above += nanos > limit ? 1 : 0;
            longest = Math.max(longest, nanos);
        }

        void add(Histogram other) {
            for (int i = 0; i < BUCKETS; i++) {
                counts[i] += other.counts[i];
            }
            above += other.above;
            visits += other.visits;
            longest = Math.max(longest, other.longest);
        }

        long count() {
            long sum = 0;
            for (long count : counts) {
                sum += count;
            }
            return sum;
        }

        void print(String name) {
            System.out.printf(
                    "%s: %d visits, %d of them waited, the longest %.1f ms, %d longer than 11 ms%n",
                    name, visits, count(), longest / 1e6, above);
        }
    }
}
