package dev.sluice.checks;

import static dev.sluice.checks.Crew.join;
import static dev.sluice.checks.Crew.require;
import static dev.sluice.checks.Crew.start;

import dev.sluice.gate.Fairness;
import dev.sluice.gate.Gate;
import dev.sluice.gate.GateClosedException;
import dev.sluice.gate.Permit;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In no schedule does a thread wait for ever at a gate that could let it in (Lincheck reports it as a deadlock), and in none
 * is a permit lost or doubled.
 */
@Timeout(300)
class GateLincheckTest {
    static Stream<Fairness> all() {
        return Stream.of(Fairness.strict(), Fairness.bounded(Duration.ofDays(1)));
    }

    @BeforeAll
    static void partByPart() {
        Schedules.prepare(
                () -> gate(1, Fairness.strict()),
                () -> gate(1, Fairness.strict()).tryAcquire(),
                () -> gate(1, Fairness.strict()).tryAcquire().orElseThrow().close(),
                () -> gate(1, Fairness.strict()).acquireAsync(1, Runnable::run),
                () -> join(start(() -> gate(1, Fairness.strict()).acquire().close())));
    }

    private static Gate gate(int permits, Fairness fairness) {
        return Gate.builder().permits(permits).fairness(fairness).build();
    }

    private static void requireAllBack(Gate gate, int permits) {
        require(gate.available() == permits, "available: " + gate);
        require(gate.stats().waiting() == 0, "waiting: " + gate);
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyVisitorGetsIn(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(1, fairness);
            int[] inside = new int[1];
            Crew.Work visit = () -> {
                try (Permit permit = gate.acquire()) {
                    inside[0]++;
                }
            };
            join(start(visit), start(visit), start(visit));
            require(inside[0] == 3, "visits: " + inside[0]);
            requireAllBack(gate, 1);
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void oneReleaseOfTwoLetsTwoIn(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(2, fairness);
            Permit held = gate.tryAcquire(2).orElseThrow();
            Thread first = start(() -> gate.acquire().close());
            Thread second = start(() -> gate.acquire(2).close());
            Thread release = start(held::close);
            join(first, second, release);
            requireAllBack(gate, 2);
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void interruptedWaiterLeavesTheRestToOthers(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(1, fairness);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread interrupted = start(() -> gate.acquire().close());
            Thread other = start(() -> gate.acquire().close());
            Thread release = start(held::close);
            interrupted.interrupt();
            join(interrupted, other, release);
            requireAllBack(gate, 1);
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void cancelledFutureLeavesTheRestToOthers(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(2, fairness);
            Permit held = gate.tryAcquire().orElseThrow();
            CompletableFuture<Permit> big = gate.acquireAsync(2, Runnable::run);
            big.thenAccept(Permit::close);
            Thread other = start(() -> gate.acquire().close());
            Thread release = start(held::close);
            Thread cancel = start(() -> big.cancel(false));
            join(cancel, other, release);
            requireAllBack(gate, 2);
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void resizeLetsInOrRefuses(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(1, fairness);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread waiter = start(() -> gate.acquire().close());
            Thread other = start(() -> gate.tryAcquire().ifPresent(Permit::close));
            Thread resize = start(() -> gate.resize(2));
            join(waiter, other, resize);
            held.close();
            requireAllBack(gate, 2);
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void closeLetsNobodyWait(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(1, fairness);
            Permit held = gate.tryAcquire().orElseThrow();
            Crew.Work visit = () -> {
                try {
                    gate.acquire().close();
                } catch (GateClosedException e) {
                    // As good.
                }
            };
            Thread waiter = start(visit);
            Thread drain = start(() -> require(gate.drain(Duration.ofDays(1)).drained(), "not drained"));
            Thread release = start(held::close);
            join(waiter, drain, release);
            requireAllBack(gate, 1);
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void lenderComesBack(Fairness fairness) {
        explore(() -> {
            Gate gate = gate(1, fairness);
            Permit held = gate.tryAcquire().orElseThrow();
            Thread visitor = start(() -> gate.acquire().close());
            Thread lender = start(() -> {
                held.lend(() -> gate.tryAcquire().map(permit -> {
                    permit.close();
                    return 1;
                }));
                require(gate.available() == 0, "came back: " + gate);
                held.close();
            });
            join(visitor, lender);
            requireAllBack(gate, 1);
        });
    }

    private static void explore(Runnable schedule) {
        Schedules.explore(500, schedule);
    }
}
