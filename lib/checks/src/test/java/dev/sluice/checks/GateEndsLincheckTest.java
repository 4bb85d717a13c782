package dev.sluice.checks;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.gate.Fairness;
import dev.sluice.gate.Gate;
import dev.sluice.gate.KeyedGate;
import dev.sluice.gate.Permit;
import dev.sluice.gate.TooManyWaitersException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How waits at a gate end: in no schedule does an interrupt, a cancel, a close, a resize or a second close of a permit leave a
 * thread waiting, or a permit too much or too few.
 */
@Timeout(300)
class GateEndsLincheckTest {
    private static final Duration LONG = Duration.ofDays(1);

    private static Gate gate(int permits) {
        return Gate.builder().permits(permits).fairness(Fairness.bounded(LONG)).build();
    }

    private static void explore(Runnable schedule) {
        Schedules.exploreWhenThereIsTime(
                500,
                schedule,
                () -> gate(1),
                () -> gate(1).tryAcquire(),
                () -> gate(1).tryAcquire().orElseThrow().close(),
                () -> gate(1).acquireAsync(1, Runnable::run),
                () -> join(start(() -> gate(1).acquire().close())));
    }

    private static void requireAllBack(Gate gate, int permits) {
        require(gate.available() == permits, "available: " + gate);
        require(gate.stats().waiting() == 0, "waiting: " + gate);
    }

    private static Crew.Work visit(Gate gate, int weight) {
        return () -> {
            try {
                gate.acquire(weight).close();
            } catch (RejectedExecutionException | IllegalArgumentException e) {
                // As good.
            }
        };
    }

    @Test
    void twoThatCloseAPermitGiveItBackOnce() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            AtomicInteger inside = new AtomicInteger();
            Crew.Work visit = () -> {
                try (Permit permit = gate.acquire()) {
                    require(inside.incrementAndGet() == 1, "two inside");
                    inside.decrementAndGet();
                }
            };
            Thread closer = start(held::close);
            Thread one = start(visit);
            Thread other = start(visit);
            held.close();
            join(closer, one, other);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void permitClosedWhileItIsLentStaysClosed() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread lender = start(() -> {
                try {
                    held.lend(() -> 1);
                } catch (IllegalStateException e) {
                    // It was closed before.
                }
            });
            Thread visitor = start(visit(gate, 1));
            held.close();
            join(lender, visitor);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void lenderComesBackToAGateThatCloses() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread lender = start(() -> {
                held.lend(() -> 1);
                require(gate.available() == 0, "came back without: " + gate);
                held.close();
            });
            Thread visitor = start(visit(gate, 1));
            gate.close();
            join(lender, visitor);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void interruptMeetsClose() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread waiter = start(visit(gate, 1));
            Thread close = start(gate::close);
            waiter.interrupt();
            join(waiter, close);
            held.close();
            requireAllBack(gate, 1);
        });
    }

    @Test
    void cancelMeetsClose() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);
            wait.thenAccept(Permit::close);
            Thread cancel = start(() -> wait.cancel(false));
            Thread close = start(gate::close);
            held.close();
            join(cancel, close);
            require(wait.isDone(), "waits at a closed gate");
            requireAllBack(gate, 1);
        });
    }

    @Test
    void resizeMeetsClose() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread waiter = start(visit(gate, 1));
            Thread resize = start(() -> gate.resize(2));
            gate.close();
            join(waiter, resize);
            held.close();
            requireAllBack(gate, 2);
        });
    }

    @Test
    void shrinkRefusesWhoFitsNoMore() {
        explore(() -> {
            Gate gate = gate(2);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread big = start(visit(gate, 2));
            Thread small = start(visit(gate, 1));
            gate.resize(1);
            held.close();
            join(big, small);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void twoDrainsHearOfTheLastRelease() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            Crew.Work drain = () -> require(gate.drain(LONG).drained(), "not drained");
            Thread one = start(drain);
            Thread other = start(drain);
            held.close();
            join(one, other);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void interruptedDrainLeavesNoPermitBehind() {
        explore(() -> {
            Gate gate = gate(1);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread drain = start(() -> gate.drain(LONG));
            Thread release = start(held::close);
            drain.interrupt();
            join(drain, release);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void workThatFailsGivesItsPermitBack() {
        explore(() -> {
            Gate gate = gate(1);
            Crew.Work failing = () -> {
                try {
                    gate.run(() -> {
                        throw new IllegalStateException("failed");
                    });
                } catch (IllegalStateException e) {
                    // Meant to.
                }
            };
            Thread one = start(failing);
            Thread other = start(failing);
            join(one, other);
            requireAllBack(gate, 1);
        });
    }

    @Test
    void oneTooManyIsTurnedAwayAndTheOtherGetsIn() {
        explore(() -> {
            Gate gate = Gate.builder().permits(1).maxWaiters(1).build();
            Permit held = gate.tryAcquire().orElseThrow();
            AtomicInteger turnedAway = new AtomicInteger();
            Crew.Work visit = () -> {
                try {
                    gate.acquire().close();
                } catch (TooManyWaitersException e) {
                    turnedAway.getAndIncrement();
                }
            };
            Thread one = start(visit);
            Thread other = start(visit);
            held.close();
            join(one, other);
            require(turnedAway.get() < 2, "both turned away");
            requireAllBack(gate, 1);
        });
    }

    @Test
    void permitsOfTwoGatesInEitherOrderNeedNoLuck() {
        explore(() -> {
            Gate left = gate(1);
            Gate right = gate(1);
            Thread one = start(() -> takeBoth(left, right));
            Thread other = start(() -> takeBoth(right, left));
            join(one, other);
            requireAllBack(left, 1);
            requireAllBack(right, 1);
        });
    }

    private static void takeBoth(Gate first, Gate second) throws InterruptedException {
        Map<Gate, Integer> both = new LinkedHashMap<>();
        both.put(first, 1);
        both.put(second, 1);
        Gate.tryAcquireAll(both, LONG).orElseThrow().close();
    }

    @Test
    void keyIsForgottenByTheLastOnly() {
        explore(() -> {
            KeyedGate gate = KeyedGate.of(1, 2);
            AtomicInteger inside = new AtomicInteger();
            Crew.Work visit = () -> {
                try (Permit permit = gate.acquire("key")) {
                    require(inside.incrementAndGet() == 1, "two inside for a key");
                    inside.decrementAndGet();
                }
            };
            Permit held = held(gate);
            Thread one = start(visit);
            held.close();
            Thread other = start(visit);
            join(one, other);
            require(gate.keys() == 0, "kept: " + gate);
        });
    }

    @Test
    void interruptedWaiterOfAKeyForgetsIt() {
        explore(() -> {
            KeyedGate gate = KeyedGate.of(1, 1);
            Crew.Work visit = () -> gate.acquire("key").close();
            Thread one = start(visit);
            Thread other = start(visit);
            one.interrupt();
            join(one, other);
            require(gate.keys() == 0, "kept: " + gate);
            join(start(visit));
        });
    }

    @Test
    void interruptedWaitForTheTotalFreesTheKey() {
        explore(() -> {
            KeyedGate gate = KeyedGate.of(1, 1);
            Permit held = held(gate);
            Thread interrupted = start(() -> gate.acquire("other").close());
            Thread other = start(() -> gate.acquire("other").close());
            interrupted.interrupt();
            held.close();
            join(interrupted, other);
            require(gate.keys() == 0, "kept: " + gate);
        });
    }

    private static Permit held(KeyedGate gate) {
        try {
            return gate.tryAcquire("key", Duration.ZERO).orElseThrow();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
