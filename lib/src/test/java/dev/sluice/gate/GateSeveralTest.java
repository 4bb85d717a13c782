package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class GateSeveralTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void takesAllOrNone() throws Exception {
        Gate first = Gate.of(2);
        Gate second = Gate.of(3);
        Permit both =
                Gate.tryAcquireAll(Map.of(first, 2, second, 1), Duration.ZERO).orElseThrow();
        assertThat(both.weight()).isEqualTo(3);
        assertThat(both).hasToString("Permit[3 of 2 gates, held]");
        assertThat(first.available()).isZero();
        assertThat(second.available()).isEqualTo(2);
        assertThat(Gate.tryAcquireAll(Map.of(second, 2, first, 1), Duration.ZERO))
                .isEmpty();
        assertThat(Gate.tryAcquireAll(Map.of(second, 2, first, 1), Duration.ofMillis(1)))
                .isEmpty();
        assertThat(second.available()).isEqualTo(2);
        both.close();
        both.close();
        assertAtRest(first);
        assertAtRest(second);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void doesNotBlockItselfWhateverTheOrderInTheMaps(ThreadKind kind) throws Exception {
        Gate first = Gate.of(1);
        Gate second = Gate.of(1);
        int rounds = Rounds.of(50_000);
        int[] inside = new int[1];
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 4; i++) {
                Map<Gate, Integer> weights = new LinkedHashMap<>();
                weights.put(i % 2 == 0 ? first : second, 1);
                weights.put(i % 2 == 0 ? second : first, 1);
                crew.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        try (Permit both = Gate.tryAcquireAll(weights, LONG).orElseThrow()) {
                            inside[0]++;
                        }
                    }
                });
            }
        }
        assertThat(inside[0]).isEqualTo(4 * rounds);
        assertAtRest(first);
        assertAtRest(second);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void givesBackWhatItHasWhenTheRestIsRefused(ThreadKind kind) throws Exception {
        Gate first = Gate.of(1);
        Gate second = Gate.of(1);
        Permit held = second.acquire();
        Map<Gate, Integer> weights = Map.of(first, 1, second, 1);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> interrupted = crew.run(() -> assertThatThrownBy(() -> Gate.tryAcquireAll(weights, LONG))
                            .isInstanceOf(InterruptedException.class))
                    .awaitParked();
            assertThat(first.available()).isZero();
            interrupted.interrupt();
            interrupted.result();
            assertThat(first.available()).isEqualTo(1);
            Crew.Member<Void> refused = crew.run(() -> assertThatThrownBy(() -> Gate.tryAcquireAll(weights, LONG))
                            .isInstanceOf(GateClosedException.class))
                    .awaitParked();
            second.close();
            refused.result();
        }
        assertAtRest(first);
        held.close();
        assertAtRest(second);
    }

    @Test
    void lendsAllAndTakesThemBack() throws Exception {
        Gate first = Gate.of(1);
        Gate second = Gate.of(2);
        Permit both = Gate.tryAcquireAll(Map.of(first, 1, second, 2), LONG).orElseThrow();
        both.lend(() -> {
            assertAtRestButLent(first);
            assertAtRestButLent(second);
            return null;
        });
        assertThat(first.available() + second.available()).isZero();
        assertThat(both.<String, RuntimeException>lend(() -> "done")).isEqualTo("done");
        both.lend(() -> {
            both.close();
            return null;
        });
        assertAtRest(first);
        assertAtRest(second);
        assertThatThrownBy(() -> both.lend(() -> null)).isInstanceOf(IllegalStateException.class);
    }

    private static void assertAtRestButLent(Gate gate) {
        assertThat(gate.available()).isEqualTo(gate.permits());
        assertThat(gate.stats().lent()).isEqualTo(gate.permits());
    }

    @Test
    void checksItsArguments() {
        Gate gate = Gate.of(1);
        assertThatThrownBy(() -> Gate.tryAcquireAll(Map.of(), LONG))
                .hasMessage("weights must name a gate but were empty");
        assertThatThrownBy(() -> Gate.tryAcquireAll(Map.of(gate, 0), LONG)).hasMessage("weight must be >= 1 but was 0");
        assertThatThrownBy(() -> Gate.tryAcquireAll(Map.of(gate, 2), LONG))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Gate.tryAcquireAll(null, LONG)).hasMessage("weights must not be null");
        assertAtRest(gate);
    }
}
