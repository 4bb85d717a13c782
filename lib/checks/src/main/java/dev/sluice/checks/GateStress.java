package dev.sluice.checks;

import static dev.sluice.checks.QueueStress.require;

import dev.sluice.gate.Fairness;
import dev.sluice.gate.Gate;
import dev.sluice.gate.GateStats;
import dev.sluice.gate.Overdue;
import dev.sluice.gate.Permit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Random operations on one gate that is resized all the time: none lost, none too many, nobody waits for ever. */
@Command(
        name = "gate",
        mixinStandardHelpOptions = true,
        description = "Sixteen threads acquire by all ways, time out, are interrupted, cancel; the gate is resized.")
final class GateStress implements Callable<Integer> {
    private static final int MOST = 4;

    @Option(names = "--operations", defaultValue = "100000000", description = "default 10^8")
    private long operations;

    @Option(names = "--threads", defaultValue = "16", description = "default 16")
    private int threads;

    @Option(names = "--strict", description = "first come, first served")
    private boolean strict;

    @Option(names = "--seed", defaultValue = "1", description = "default 1")
    private long seed;

    private final AtomicLong done = new AtomicLong();
    private final AtomicLong timedOut = new AtomicLong();
    private final AtomicLong interrupted = new AtomicLong();
    private final AtomicLong cancelled = new AtomicLong();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Thread> visitors = new CopyOnWriteArrayList<>();

    /** How much may be inside; the lower half. The upper half says how often it has changed. */
    private final AtomicLong ceiling = new AtomicLong(MOST);

    private Gate gate = Gate.of(MOST);

    @Override
    public Integer call() throws InterruptedException {
        gate = Gate.builder()
                .permits(MOST)
                .fairness(strict ? Fairness.strict() : Fairness.bounded(Duration.ofMillis(1)))
                .build();
        Watch watch = new Watch("gate");
        long begun = System.nanoTime();
        AtomicInteger left = new AtomicInteger(threads);
        for (int i = 0; i < threads; i++) {
            SplittableRandom random = new SplittableRandom(seed * threads + i);
            watch.start("visitor", () -> {
                visitors.add(Thread.currentThread());
                new Visitor(random).visit(operations / threads);
                over.compareAndSet(false, left.decrementAndGet() == 0);
            });
        }
        watch.start("resizer", this::resize);
        watch.awaitAll(done::get);
        return report(System.nanoTime() - begun);
    }

    private int report(long nanos) {
        GateStats stats = gate.stats();
        long waits = stats.waits().count() + stats.abandoned();
        System.out.printf(
                "%s: %d operations, %.1f %% of them waited, %d timed out, %d interrupted and %d cancelled while waiting"
                        + " (%d gave up in all), %d overtakes, %d of them of somebody overdue; %.0f s%n",
                strict ? "strict" : "bounded",
                done.get(),
                100.0 * waits / done.get(),
                timedOut.get(),
                interrupted.get(),
                cancelled.get(),
                stats.abandoned(),
                stats.overtakes(),
                Overdue.overtakes(gate),
                nanos / 1e9);
        System.out.println("waits: " + stats.waits() + "; most inside at once: " + most);
        require(stats.available() == stats.permits(), "not all are back: " + gate);
        require(stats.waiting() == 0 && stats.inUse() == 0 && stats.lent() == 0, "somebody is left: " + gate);
        require(Overdue.overtakes(gate) == 0, "somebody overdue was overtaken");
        long few = Math.min(100_000, done.get() / 1000);
        boolean enough =
                waits >= done.get() / 10 && timedOut.get() >= few && interrupted.get() >= few && cancelled.get() >= few;
        System.out.println(enough ? "none lost, never too many, nobody left" : "too few of a kind to say much");
        return enough ? 0 : 1;
    }

    /** Raises the ceiling before the gate, and lowers it when the debt has been repaid. */
    private void resize() {
        SplittableRandom random = new SplittableRandom(seed);
        int present = MOST;
        while (!over.get()) {
            int next = over.get() ? MOST : 1 + random.nextInt(MOST);
            if (next > present) {
                setCeiling(next);
            }
            gate.resize(next);
            if (next < present) {
                while (gate.available() < 0) {
                    Thread.yield();
                }
                setCeiling(next);
            }
            present = next;
            LockSupport.parkNanos(200_000);
        }
    }

    private void setCeiling(int limit) {
        ceiling.set(((ceiling.get() >>> 32) + 1) << 32 | limit);
    }

    /** One thread. */
    private final class Visitor {
        private final SplittableRandom random;

        Visitor(SplittableRandom random) {
            this.random = random;
        }

        void visit(long count) {
            for (long i = 1; i <= count; i++) {
                int weight = Math.max(1, random.nextInt(8) - 4);
                try {
                    once(weight);
                } catch (InterruptedException e) {
                    interrupted.incrementAndGet();
                } catch (IllegalArgumentException | RejectedExecutionException e) {
                    require(weight > 1, "refused: " + e);
                }
                if (i % 1000 == 0 || i == count) {
                    done.addAndGet(i % 1000 == 0 ? 1000 : i % 1000);
                }
            }
        }

        private void once(int weight) throws InterruptedException {
            int dice = random.nextInt(256);
            Thread.interrupted(); // it came too late to end a wait
            if (dice < 10) {
                interruptAnother();
            } else if (dice < 40) {
                timed(weight);
            } else if (dice < 60) {
                async(weight);
            } else if (dice < 120) {
                gate.tryAcquire(weight).ifPresent(this::inside);
            } else if (dice < 180 && weight == 1) {
                gate.run(() -> stay(1));
            } else {
                inside(gate.acquire(weight));
            }
        }

        /** One that waits: in a strict gate few do so for long before they are served. */
        private void interruptAnother() {
            int from = random.nextInt(visitors.size());
            for (int i = 0; i < visitors.size(); i++) {
                Thread victim = visitors.get((from + i) % visitors.size());
                if (victim.getState() == Thread.State.WAITING) {
                    victim.interrupt();
                    return;
                }
            }
        }

        private void timed(int weight) throws InterruptedException {
            Optional<Permit> permit = gate.tryAcquire(weight, Duration.ofNanos(1 + random.nextInt(100_000)));
            permit.ifPresent(this::inside);
            if (permit.isEmpty()) {
                timedOut.incrementAndGet();
            }
        }

        private void async(int weight) {
            CompletableFuture<Permit> wait = gate.acquireAsync(weight, Runnable::run);
            if (!wait.isDone() && random.nextInt(4) == 0) {
                Thread.yield();
                if (wait.cancel(false)) {
                    cancelled.incrementAndGet();
                    return;
                }
            }
            wait.handle((permit, refusal) -> {
                        if (permit != null) {
                            inside(permit);
                        }
                        return null;
                    })
                    .join();
        }

        private void inside(Permit permit) {
            try (permit) {
                stay(permit.weight());
            }
        }

        private void stay(int weight) {
            long before = ceiling.get();
            int now = inside.addAndGet(weight);
            if (now > most.get()) {
                most.set(now);
            }
            // A thread that has just been interrupted stays too long to say under which ceiling it came in.
            require(ceiling.get() != before || now <= (int) before, now + " inside, the limit is " + (int) before);
            if (weight > 1 || random.nextInt(4) == 0) {
                Thread.yield(); // so that the others find the gate full
            }
            inside.addAndGet(-weight);
        }
    }
}
