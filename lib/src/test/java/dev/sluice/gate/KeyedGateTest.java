package dev.sluice.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class KeyedGateTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void limitsEachKeyAndAll() throws Exception {
        KeyedGate gate = KeyedGate.of(2, 3);
        Permit a1 = gate.acquire("a");
        Permit a2 = gate.acquire("a");
        assertThat(gate.tryAcquire("a", Duration.ZERO)).isEmpty();
        Permit b1 = gate.tryAcquire("b", LONG).orElseThrow();
        assertThat(gate.tryAcquire("b", Duration.ofMillis(1)))
                .as("three in all")
                .isEmpty();
        assertThat(gate.tryAcquire("c", Duration.ZERO)).isEmpty();
        a1.close();
        a1.close();
        gate.tryAcquire("c", Duration.ZERO).orElseThrow().close();
        b1.close();
        a2.close();
        assertThat(gate.keys()).isZero();
        assertThat(gate).hasToString("KeyedGate[2 for each of 0 keys, in all " + total(gate) + "]");
    }

    private static String total(KeyedGate gate) {
        return gate.total().toString();
    }

    @Test
    void forgetsAKeyThatNobodyNeeds() throws Exception {
        KeyedGate gate = KeyedGate.of(1, 2);
        Permit held = gate.acquire("a");
        assertThat(gate.keys()).isEqualTo(1);
        assertThat(gate.tryAcquire("a", Duration.ZERO)).isEmpty();
        CompletableFuture<Permit> waiting = gate.acquireAsync("a");
        assertThat(waiting).isNotDone();
        assertThat(gate.keys()).isEqualTo(1);
        held.close();
        Permit next = waiting.get(30, TimeUnit.SECONDS);
        assertThat(gate.keys()).isEqualTo(1);
        next.close();
        assertThat(gate.keys()).isZero();
        assertThat(gate.total().available()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void thoseWhoWaitForABusyKeyLeaveTheTotalToOthers(ThreadKind kind) throws Exception {
        KeyedGate gate = KeyedGate.of(1, 2);
        Permit busy = gate.acquire("busy");
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> waiter = crew.start(() -> gate.acquire("busy")).awaitParked();
            gate.tryAcquire("other", Duration.ZERO).orElseThrow().close();
            Crew.Member<Void> interrupted = crew.run(() ->
                            assertThatThrownBy(() -> gate.acquire("busy")).isInstanceOf(InterruptedException.class))
                    .awaitParked();
            interrupted.interrupt();
            interrupted.result();
            busy.close();
            waiter.result().close();
        }
        assertThat(gate.keys()).isZero();
        assertThat(gate.total().available()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void waitsForTheKeyAndForTheTotal(ThreadKind kind) throws Exception {
        KeyedGate gate = KeyedGate.of(1, 1);
        Permit held = gate.acquire("a");
        for (String key : List.of("a", "b")) {
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Optional<Permit>> timed =
                        crew.start(() -> gate.tryAcquire(key, LONG)).awaitParked();
                held.close();
                held = timed.result().orElseThrow();
                Crew.Member<Permit> untimed =
                        crew.start(() -> gate.acquire(key)).awaitParked();
                held.close();
                held = untimed.result();
            }
        }
        assertThat(gate.keys()).isEqualTo(1);
        held.close();
        assertThat(gate.keys()).isZero();
    }

    @Test
    void aCancelledFutureLeavesNothingBehind() throws Exception {
        KeyedGate gate = KeyedGate.of(1, 1);
        Permit held = gate.acquire("a");
        CompletableFuture<Permit> forItsKey = gate.acquireAsync("a");
        CompletableFuture<Permit> forTheTotal = gate.acquireAsync("b");
        assertThat(gate.keys()).isEqualTo(2);
        forItsKey.cancel(false);
        forTheTotal.complete(null);
        await().until(() -> gate.keys() == 1);
        held.close();
        gate.acquireAsync("b").get(30, TimeUnit.SECONDS).close();
        assertThat(gate.keys()).isZero();
        assertThat(gate.total().available()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void neverPassesItsLimits(ThreadKind kind) throws Exception {
        KeyedGate gate = KeyedGate.of(2, 3);
        AtomicInteger all = new AtomicInteger();
        AtomicInteger[] ofKey = Stream.generate(AtomicInteger::new).limit(3).toArray(AtomicInteger[]::new);
        int rounds = Rounds.of(50_000);
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 8; i++) {
                int seed = i;
                crew.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        int key = (seed + round) % 3;
                        try (Permit permit = take(gate, key, round)) {
                            assertThat(all.incrementAndGet()).isLessThanOrEqualTo(3);
                            assertThat(ofKey[key].incrementAndGet()).isLessThanOrEqualTo(2);
                            ofKey[key].decrementAndGet();
                            all.decrementAndGet();
                        }
                    }
                });
            }
        }
        assertThat(gate.keys()).isZero();
        assertThat(gate.total().available()).isEqualTo(3);
    }

    private static Permit take(KeyedGate gate, int key, int round) throws Exception {
        return switch (round % 3) {
            case 0 -> gate.acquire(key);
            case 1 -> gate.tryAcquire(key, LONG).orElseThrow();
            default -> gate.acquireAsync(key).get();
        };
    }

    @Test
    void checksItsArguments() {
        assertThatThrownBy(() -> KeyedGate.of(0, 1)).hasMessage("perKey must be >= 1 but was 0");
        assertThatThrownBy(() -> KeyedGate.of(1, 0)).hasMessage("total must be >= 1 but was 0");
        KeyedGate gate = KeyedGate.of(1, 1);
        assertThatThrownBy(() -> gate.acquire(null)).hasMessage("key must not be null");
        assertThatThrownBy(() -> gate.acquireAsync(null)).hasMessage("key must not be null");
        assertThatThrownBy(() -> gate.tryAcquire("a", null)).hasMessage("timeout must not be null");
        assertThat(gate.keys()).isZero();
    }
}
