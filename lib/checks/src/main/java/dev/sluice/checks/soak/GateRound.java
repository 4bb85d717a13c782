package dev.sluice.checks.soak;

import dev.sluice.gate.Fairness;
import dev.sluice.gate.Gate;
import dev.sluice.gate.GateClosedException;
import dev.sluice.gate.GateDrain;
import dev.sluice.gate.GateStats;
import dev.sluice.gate.Permit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Visitors of all kinds at a gate that is resized meanwhile, and closed, with some of them still in line. Never more inside
 * than there may be, and all permits home at the end.
 */
final class GateRound extends Round {
    private static final Executor REFUSES = task -> {
        throw new RejectedExecutionException("planned");
    };
    private static final Executor HAS_NO_MEMORY = task -> {
        throw new OutOfMemoryError("planned");
    };

    /** Hardly anything goes wrong, there is mostly room, and much is done. */
    private final boolean fast = oneIn(2);
    /** There is hardly ever room for all, and those who wait soon give up. */
    private final boolean crowded = !fast && !oneIn(3);

    private final int most = fast ? 4 + random.nextInt(5) : 1 + random.nextInt(crowded ? 2 : 8);
    private final int visitors = 2 + random.nextInt(fast ? 2 : 4);
    private final int visits = (fast ? 2_000_000 : crowded || oneIn(4) ? 10_000 : 30_000) / visitors;
    /** Who stays gives up the processor as often as one time in this many. */
    private final int stays = fast ? 4096 : crowded || oneIn(4) ? 8 : 256;
    /** For so long at most a visitor waits that gives up. */
    private final int patience = crowded ? 1 + random.nextInt(20_000) : 100_000;
    /** A permit that is to be closed by another thread at the same time. */
    private final AtomicReference<@Nullable Permit> twice = new AtomicReference<>();

    private final boolean closedEarly = oneIn(4);
    private final Gate gate;
    private final AtomicInteger inside = new AtomicInteger();
    /** How much may be inside; the lower half. The upper half says how often it has changed. */
    private final AtomicLong ceiling = new AtomicLong(most);

    private int present = most;
    private volatile boolean closed;

    GateRound(long number, SplittableRandom random, Tally tally) {
        super("gate", number, random, tally);
        Gate.Builder builder = Gate.builder()
                .permits(most)
                .fairness(
                        oneIn(3)
                                ? Fairness.strict()
                                : Fairness.bounded(Duration.ofNanos(1 + random.nextInt(1_000_000))));
        if (oneIn(4)) {
            builder.maxWaiters(1 + random.nextInt(3));
        }
        if (oneIn(8)) {
            builder.leakWatch(1 + random.nextInt(8));
        }
        gate = builder.build();
    }

    @Override
    void run() throws Exception {
        List<Thread> visiting = new ArrayList<>();
        for (int i = 0; i < visitors; i++) {
            Visitor visitor = new Visitor(random.split());
            Thread thread = start("visitor", visitor.interrupts, visitor::visitAll);
            visiting.add(thread);
        }
        if (crowded && oneIn(2)) {
            startPlatform("twin", this::closeToo);
        }
        SplittableRandom own = random.split();
        int micros = crowded ? 1 + random.nextInt(20) : 100 + random.nextInt(300);
        if (oneIn(3)) {
            chaos(micros, interrupts(), () -> resize(1 + own.nextInt(most)));
        } else if (crowded || oneIn(2)) {
            chaos(micros, interrupts());
        }
        if (closedEarly) {
            LockSupport.parkNanos(100_000L * (1 + random.nextInt(100)));
            closed = true;
            tally.fault("gate closed under its visitors");
            gate.close();
        }
        join(visiting);
        closed = true;
        joinAll();
        GateDrain drain = gate.drain(Duration.ofSeconds(30));
        GateStats stats = gate.stats();
        int leaked = stats.permits() - stats.available();
        if (leaked != 0) {
            tally.add(Tally.PERMITS_LEAKED, Math.abs(leaked));
            throw new AssertionError("permits are not back: " + stats + ", " + drain);
        }
        require(stats.waiting() == 0 && stats.inUse() == 0 && stats.lent() == 0, () -> "somebody is left: " + stats);
        requireNoThreads();
    }

    /** Closes what a visitor is about to close. */
    private void closeToo() {
        while (!closed) {
            Permit permit = twice.get();
            if (permit != null) {
                twice.set(null);
                permit.close();
                tally.fault("permit closed by two at once");
            } else {
                Thread.yield();
            }
        }
    }

    /** Raises the ceiling before the gate, and lowers it when the debt has been repaid. */
    private void resize(int next) {
        if (next > present) {
            setCeiling(next);
        }
        gate.resize(next);
        if (next < present) {
            while (gate.available() < 0) {
                LockSupport.parkNanos(1_000);
            }
            setCeiling(next);
        }
        present = next;
        tally.fault("gate resized");
    }

    private void setCeiling(int limit) {
        ceiling.set(((ceiling.get() >>> 32) + 1) << 32 | limit);
    }

    private final class Visitor {
        private final SplittableRandom own;
        private final Interrupts interrupts = new Interrupts(tally);
        private long granted;

        Visitor(SplittableRandom own) {
            this.own = own;
        }

        void visitAll() throws Exception {
            for (int i = 0; i < visits; i++) {
                int weight = own.nextInt(fast ? 1024 : 4) > 0 ? 1 : 1 + own.nextInt(most);
                boolean thrown = false;
                try {
                    visit(weight);
                } catch (InterruptedException e) {
                    thrown = true;
                    tally.fault("interrupt that ended a wait");
                } catch (GateClosedException e) {
                    require(closed, () -> "closed too early: " + gate);
                    break;
                } catch (IllegalArgumentException | RejectedExecutionException e) {
                    // Of more weight than there is after a resize, or one waiter too many.
                    tally.fault("refused by the gate");
                }
                interrupts.check(thrown);
            }
            tally.add(Tally.PERMITS, granted);
        }

        private void visit(int weight) throws InterruptedException {
            int dice = crowded ? 380 + own.nextInt(620) : own.nextInt(fast && own.nextInt(64) > 0 ? 900 : 1000);
            if (dice < 400) {
                inside(gate.acquire(weight));
            } else if (dice < 600) {
                gate.tryAcquire(weight).ifPresent(this::inside);
            } else if (dice < (crowded ? 700 : 900)) {
                gate.run(() -> stay(1));
            } else if (dice < 950) {
                timed(weight);
            } else if (dice < 998) {
                async(weight);
            } else {
                fail();
            }
        }

        private void timed(int weight) throws InterruptedException {
            Optional<Permit> permit = gate.tryAcquire(weight, Duration.ofNanos(own.nextInt(patience)));
            permit.ifPresent(this::inside);
            if (permit.isEmpty()) {
                tally.fault("timed out at a gate");
            }
        }

        private void async(int weight) {
            int kind = own.nextInt(16);
            Executor executor = kind == 0 ? REFUSES : kind == 1 ? HAS_NO_MEMORY : Runnable::run;
            CompletableFuture<Permit> wait = gate.acquireAsync(weight, executor);
            if (kind < 2) {
                tally.fault("executor refused a continuation");
            } else if (!wait.isDone() && kind < 8 && wait.cancel(false)) {
                tally.fault("wait at a gate cancelled");
                return;
            }
            CompletableFuture<Object> all = wait.handle((permit, refusal) -> {
                if (permit != null) {
                    inside(permit, false);
                } else {
                    require(
                            refusal instanceof RejectedExecutionException || refusal instanceof OutOfMemoryError,
                            () -> "failed otherwise: " + refusal);
                }
                return null;
            });
            try {
                all.join();
            } catch (CompletionException e) {
                throw new AssertionError("an asynchronous wait failed", e.getCause());
            }
        }

        private void fail() throws InterruptedException {
            Mishap mishap = Mishap.any(own);
            try {
                gate.call(() -> {
                    stay(1);
                    mishap.happen();
                    return null;
                });
            } catch (InterruptedException | RejectedExecutionException e) {
                throw e;
            } catch (Exception | Error e) {
                require(!String.valueOf(e.getMessage()).contains("inside"), e::toString);
                tally.fault(mishap.kind);
            }
        }

        private void inside(Permit permit) {
            inside(permit, true);
        }

        /** Who runs in the thread that lets in may not wait for the gate, and so not lend. */
        private void inside(Permit permit, boolean lends) {
            try {
                stay(permit.weight());
                if (own.nextInt(fast ? 1024 : 32) == 0 && lends) {
                    permit.lend(() -> {
                        Thread.yield();
                        return null;
                    });
                }
            } finally {
                if (crowded && own.nextInt(4) == 0) {
                    closeWithTwin(permit);
                }
                permit.close();
                if (own.nextInt(64) == 0) {
                    permit.close();
                    tally.fault("permit closed twice");
                }
            }
        }

        private void closeWithTwin(Permit permit) {
            if (twice.compareAndSet(null, permit)) {
                for (int i = 0; i < 1000 && twice.get() == permit; i++) {
                    Thread.onSpinWait();
                }
            }
        }

        private void stay(int weight) {
            long before = ceiling.get();
            int now = GateRound.this.inside.addAndGet(weight);
            granted++;
            // A thread that has just been stopped for long cannot say under which ceiling it came in.
            if (ceiling.get() == before && now > (int) before) {
                tally.add(Tally.DOUBLED, now - (int) before);
                throw new AssertionError(now + " inside, the limit is " + (int) before);
            }
            if (own.nextInt(stays) == 0) {
                Thread.yield();
            }
            GateRound.this.inside.addAndGet(-weight);
        }
    }
}
