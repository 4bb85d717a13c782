package dev.sluice.gate;

import static dev.sluice.checks.Awaiting.IN_VAIN;
import static dev.sluice.checks.Awaiting.inTime;
import static dev.sluice.checks.Awaiting.uninterrupted;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.sluice.checks.Awaiting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * jcstress tests of a gate: acquire, time-out, cancel, release, resize, close and lend against each other. The last number
 * of a result is what is available in the end, or its difference to what ought to be.
 */
public final class GateChecks {
    private static final Duration LONG = Duration.ofSeconds(Awaiting.SECONDS);

    private GateChecks() {}

    /** A gate whose permits are held. */
    static class Held {
        final Gate gate;
        final Permit held;

        Held(int permits, int weight, Fairness fairness) {
            gate = Gate.builder().permits(permits).fairness(fairness).build();
            held = gate.tryAcquire(weight).orElseThrow();
        }

        Held(int permits, Fairness fairness) {
            this(permits, permits, fairness);
        }

        Held(int permits) {
            this(permits, Fairness.bounded(Duration.ofDays(1)));
        }

        /** Takes one permit, waiting long; 1, or in vain. */
        int take() {
            return inTime(() -> gate.tryAcquire(1, LONG).map(this::closed).orElse(IN_VAIN));
        }

        private int closed(Permit permit) {
            permit.close();
            return 1;
        }
    }

    /** Whoever begins to wait is called by the release. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "not called, or a permit too much or too few")
    @State
    public static class WaitOrRelease extends Held {
        /** One permit. */
        public WaitOrRelease() {
            super(1);
        }

        /** Waits. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = take();
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }

    /** The same where the permit is handed over. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "not called, or a permit too much or too few")
    @State
    public static class StrictWaitOrRelease extends Held {
        /** One permit. */
        public StrictWaitOrRelease() {
            super(1, Fairness.strict());
        }

        /** Waits. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = take();
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }

    /** Two who come for two permits that are released at once are both called. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "not called, or a permit too much or too few")
    @State
    public static class TwoWaitOneReleases extends Held {
        private final CompletableFuture<Permit> async = gate.acquireAsync(1, Runnable::run);

        /** Two permits, and one who waits for the first. */
        public TwoWaitOneReleases() {
            super(2);
        }

        /** Waits, too. */
        @Actor
        public void enter(III_Result r) {
            r.r1 = take();
        }

        /** Releases both. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(III_Result r) {
            r.r2 = async.isDone() ? 1 : IN_VAIN;
            async.join().close();
            r.r3 = gate.available();
        }
    }

    /** A wait that ends by its time is not handed a permit. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a permit too much or too few")
    @State
    public static class TimeOutOrRelease extends Held {
        private final Duration patience =
                Duration.ofNanos(1 + ThreadLocalRandom.current().nextInt(20_000));

        /** One permit. */
        public TimeOutOrRelease() {
            super(1);
        }

        /** Waits for moments. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = uninterrupted(() -> {
                Optional<Permit> permit = gate.tryAcquire(1, patience);
                permit.ifPresent(Permit::close);
                return permit.isPresent() ? 1 : 0;
            });
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }

    /** A cancelled future leaves the permit to others. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "cancelled with the permit, or without giving it back")
    @State
    public static class CancelOrRelease extends Held {
        private final CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);

        /** One permit. */
        public CancelOrRelease() {
            super(1);
        }

        /** Cancels. */
        @Actor
        public void cancel() {
            wait.cancel(false);
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r1 = wait.isCancelled() ? 0 : 1;
            r.r2 = gate.available();
        }
    }

    /** A resize and a release: who waits is let in once. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ResizeOrRelease extends Held {
        private final CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);

        /** One permit. */
        public ResizeOrRelease() {
            super(1);
        }

        /** One more. */
        @Actor
        public void resize() {
            gate.resize(2);
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r1 = wait.isDone() ? 1 : 0;
            r.r2 = gate.available();
        }
    }

    /** A shrink and a newcomer: never more than there are. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, -1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class ShrinkOrEnter {
        private final Gate gate = Gate.of(2);
        private final Permit held = gate.tryAcquire().orElseThrow();

        /** One less. */
        @Actor
        public void resize() {
            gate.resize(1);
        }

        /** Enters. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = gate.tryAcquire().isPresent() ? 1 : 0;
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = held.weight() == 1 ? gate.available() : IN_VAIN;
        }
    }

    /** Whoever comes when the gate closes is let in or refused. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "waits at a closed gate")
    @State
    public static class CloseOrWait extends Held {
        /** One permit. */
        public CloseOrWait() {
            super(1);
        }

        /** Waits. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = inTime(() -> {
                try {
                    return take();
                } catch (GateClosedException e) {
                    return 0;
                }
            });
        }

        /** Releases, and closes. */
        @Actor
        public void close() {
            held.close();
            gate.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }

    /** A future that is cancelled while the gate closes ends once, and the permit stays with who holds it. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "waits at a closed gate, or a permit too much or too few")
    @State
    public static class CancelOrClose extends Held {
        private final CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);

        /** One permit. */
        public CancelOrClose() {
            super(1);
        }

        /** Cancels. */
        @Actor
        public void cancel() {
            wait.cancel(false);
        }

        /** Closes. */
        @Actor
        public void close() {
            gate.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r1 = wait.isCancelled() ? 0 : wait.isCompletedExceptionally() ? 1 : IN_VAIN;
            r.r2 = gate.stats().waiting() == 0 ? gate.available() : IN_VAIN;
        }
    }

    /** A future that is cancelled while the gate grows takes a permit, or leaves it. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "cancelled with the permit, or without giving it back")
    @State
    public static class CancelOrResize extends Held {
        private final CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);

        /** One permit. */
        public CancelOrResize() {
            super(1);
        }

        /** Cancels. */
        @Actor
        public void cancel() {
            wait.cancel(false);
        }

        /** One more. */
        @Actor
        public void resize() {
            gate.resize(2);
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r1 = wait.isCancelled() ? 0 : 1;
            r.r2 = gate.available();
        }
    }

    /** Two who give up leave the place behind them to a third. */
    @JCStressTest
    @Outcome(
            id = {"0, 1, 2", "1, 1, 2"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "not let in, or a permit too much or too few")
    @State
    public static class TimeOutOrCancel extends Held {
        private final CompletableFuture<Permit> big = gate.acquireAsync(2, Runnable::run);
        private final CompletableFuture<Permit> small = gate.acquireAsync(1, Runnable::run);
        private final Duration patience =
                Duration.ofNanos(1 + ThreadLocalRandom.current().nextInt(20_000));

        /** Two permits, of which one is held. */
        public TimeOutOrCancel() {
            super(2, 1, Fairness.strict());
        }

        /** Waits for moments. */
        @Actor
        public void enter(III_Result r) {
            r.r1 = uninterrupted(() -> {
                Optional<Permit> permit = gate.tryAcquire(1, patience);
                permit.ifPresent(Permit::close);
                return permit.isPresent() ? 1 : 0;
            });
        }

        /** Cancels, and lets the small one go at once. */
        @Actor
        public void cancel() {
            small.thenAccept(Permit::close);
            big.cancel(false);
        }

        /** Counts. */
        @Arbiter
        public void look(III_Result r) {
            r.r2 = small.isDone() ? 1 : IN_VAIN;
            held.close();
            r.r3 = gate.available();
        }
    }

    /** A wait that ends by its time while the gate grows is not handed a permit. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "a permit too much or too few")
    @State
    public static class TimeOutOrResize extends Held {
        private final Duration patience =
                Duration.ofNanos(1 + ThreadLocalRandom.current().nextInt(20_000));

        /** One permit. */
        public TimeOutOrResize() {
            super(1, Fairness.strict());
        }

        /** Waits for moments. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = uninterrupted(() -> {
                Optional<Permit> permit = gate.tryAcquire(1, patience);
                permit.ifPresent(Permit::close);
                return permit.isPresent() ? 1 : 0;
            });
        }

        /** One more. */
        @Actor
        public void resize() {
            gate.resize(2);
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }

    /** A wait that ends by its time while the gate closes ends in one of the two ways. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "granted, or somebody is left in the line")
    @State
    public static class TimeOutOrClose extends Held {
        private final Duration patience =
                Duration.ofNanos(1 + ThreadLocalRandom.current().nextInt(20_000));

        /** One permit. */
        public TimeOutOrClose() {
            super(1);
        }

        /** Waits for moments. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = uninterrupted(() -> {
                try {
                    return gate.tryAcquire(1, patience).isPresent() ? IN_VAIN : 0;
                } catch (GateClosedException e) {
                    return 1;
                }
            });
        }

        /** Closes. */
        @Actor
        public void close() {
            gate.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.stats().waiting() == 0 ? gate.available() : IN_VAIN;
        }
    }

    /** Who waits when the gate grows and closes is let in or refused. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "waits at a closed gate, or a permit too much or too few")
    @State
    public static class ResizeOrClose extends Held {
        private final CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);

        /** One permit. */
        public ResizeOrClose() {
            super(1);
        }

        /** One more. */
        @Actor
        public void resize() {
            gate.resize(2);
        }

        /** Closes. */
        @Actor
        public void close() {
            gate.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r1 = !wait.isDone() ? IN_VAIN : wait.isCompletedExceptionally() ? 0 : 1;
            r.r2 = gate.available();
        }
    }

    /** Whoever drains hears of the last release. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "not told")
    @State
    public static class DrainOrRelease extends Held {
        /** One permit. */
        public DrainOrRelease() {
            super(1);
        }

        /** Drains. */
        @Actor
        public void drain(II_Result r) {
            r.r1 = inTime(() -> gate.drain(LONG).stillHeld());
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }

    /** Of two that want the last permit one gets it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class LastPermit {
        private final Gate gate = Gate.of(1);

        /** Wants it. */
        @Actor
        public void one(II_Result r) {
            r.r1 = gate.tryAcquire().isPresent() ? 1 : 0;
        }

        /** Wants it, too. */
        @Actor
        public void other(II_Result r) {
            r.r2 = gate.tryAcquire().isPresent() ? 1 : 0;
        }
    }

    /** Nobody passes one that is overdue, whenever its permits come. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "overtaken")
    @State
    public static class OverdueOrNewcomer {
        private final Gate gate = Gate.builder()
                .permits(3)
                .fairness(Fairness.bounded(Duration.ofNanos(1)))
                .build();
        private final Permit held = gate.tryAcquire(2).orElseThrow();
        private final CompletableFuture<Permit> big = gate.acquireAsync(3, Runnable::run);

        /** Comes later and would fit. */
        @Actor
        public void enter(II_Result r) {
            r.r1 = gate.tryAcquire().isPresent() ? 1 : 0;
        }

        /** Releases. */
        @Actor
        public void leave() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = big.isDone() ? 1 : 0;
        }
    }

    /** A permit that two close is given back once. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class CloseTwice extends Held {
        /** One permit. */
        public CloseTwice() {
            super(1);
        }

        /** Closes. */
        @Actor
        public void one(III_Result r) {
            held.close();
            r.r1 = gate.available();
        }

        /** Closes, too. */
        @Actor
        public void other(III_Result r) {
            held.close();
            r.r2 = 1;
        }

        /** Counts; the second may have come before the first had given anything back. */
        @Arbiter
        public void look(III_Result r) {
            r.r1 = Math.max(r.r1, 1);
            r.r3 = gate.available();
        }
    }

    /** A permit that is lent and closed meanwhile is given back once, and not taken back. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class LendOrClose extends Held {
        /** One permit. */
        public LendOrClose() {
            super(1);
        }

        /** Lends. */
        @Actor
        public void lend(II_Result r) {
            try {
                r.r1 = held.lend(() -> 1);
            } catch (IllegalStateException e) {
                r.r1 = 0;
            }
        }

        /** Closes. */
        @Actor
        public void close() {
            held.close();
        }

        /** Counts. */
        @Arbiter
        public void look(II_Result r) {
            r.r2 = gate.available();
        }
    }
}
