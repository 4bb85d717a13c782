package dev.sluice.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class GateTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    static void assertAtRest(Gate gate) {
        assertThat(gate.available()).as("available").isEqualTo(gate.permits());
        GateStats stats = gate.stats();
        assertThat(stats.waiting()).as("waiting").isZero();
        assertThat(stats.inUse() + stats.lent()).as("held").isZero();
        long flags = Admission.LINE | Admission.BAR | Admission.CALL;
        assertThat(gate.admission().word() & flags).as("flags for a line").isZero();
    }

    static Gate strict(int permits) {
        return with(permits, Fairness.strict());
    }

    static Gate with(int permits, Fairness fairness) {
        return Gate.builder().permits(permits).fairness(fairness).build();
    }

    @Test
    void grantsUpToItsPermitsAndNoMore() throws Exception {
        Gate gate = Gate.of(3);
        Permit two = gate.acquire(2);
        Permit one = gate.acquire();
        assertThat(gate.available()).isZero();
        assertThat(gate.tryAcquire()).isEmpty();
        two.close();
        assertThat(gate.tryAcquire(3)).isEmpty();
        assertThat(gate.available()).isEqualTo(2);
        one.close();
        try (Permit three = gate.tryAcquire(3).orElseThrow()) {
            assertThat(three.weight()).isEqualTo(3);
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void blocksUntilAPermitIsReleased(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> waiter = crew.start(gate::acquire).awaitParked();
            assertThat(gate.stats().waiting()).isEqualTo(1);
            held.close();
            waiter.result().close();
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void servesInTheOrderOfArrival(ThreadKind kind) throws Exception {
        Gate gate = strict(1);
        List<Integer> order = new CopyOnWriteArrayList<>();
        Permit held = gate.acquire();
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 8; i++) {
                int number = i;
                crew.run(() -> gate.run(() -> order.add(number))).awaitParked();
            }
            held.close();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void neverLetsTheSmallPassTheBig(ThreadKind kind) throws Exception {
        Gate gate = strict(4);
        Permit held = gate.acquire(2);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> big = crew.start(() -> gate.acquire(4)).awaitParked();
            assertThat(gate.tryAcquire()).isEmpty();
            Crew.Member<Permit> small = crew.start(gate::acquire).awaitParked();
            held.close();
            Permit four = big.result();
            assertThat(gate.stats().waiting()).isEqualTo(1);
            four.close();
            small.result().close();
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 21: two waiters, two releases; one release of weight 2 wakes two of weight 1")
    void wakesAllWhoFit(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(2);
        for (List<Integer> weights : List.of(List.of(1, 1), List.of(2))) {
            List<Permit> held = new CopyOnWriteArrayList<>();
            for (int weight : weights) {
                held.add(gate.acquire(weight));
            }
            try (Crew crew = new Crew(kind)) {
                CountDownLatch bothInside = new CountDownLatch(2);
                for (int i = 0; i < 2; i++) {
                    crew.run(() -> gate.run(() -> {
                                bothInside.countDown();
                                bothInside.await();
                            }))
                            .awaitParked();
                }
                held.forEach(Permit::close);
            }
            assertAtRest(gate);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void letsThoseBehindGoOnWhenTheFirstGivesUp(ThreadKind kind) throws Exception {
        Gate gate = strict(4);
        Permit held = gate.acquire(3);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> big = crew.run(
                            () -> assertThatThrownBy(() -> gate.acquire(4)).isInstanceOf(InterruptedException.class))
                    .awaitParked();
            Crew.Member<Permit> small = crew.start(gate::acquire).awaitParked();
            big.interrupt();
            small.result().close();
            held.close();
        }
        assertThat(gate.stats().abandoned()).isEqualTo(1);
        assertAtRest(gate);
    }

    @Test
    @DisplayName("scenario 26: a nested acquire on a gate of 1, in its timed form, times out")
    void timesOutWhenItWaitsForItself() throws Exception {
        Gate gate = Gate.of(1);
        try (Permit held = gate.acquire()) {
            assertThat(gate.tryAcquire(1, Duration.ofMillis(5))).isEmpty();
            assertThat(gate.tryAcquire(1, Duration.ZERO)).isEmpty();
            assertThat(gate.tryAcquire(1, Duration.ofSeconds(-1))).isEmpty();
            assertThat(gate.stats().abandoned()).isEqualTo(1);
        }
        assertAtRest(gate);
    }

    @Test
    void throwsOnEntryWhenInterrupted() throws Exception {
        Gate gate = Gate.of(1);
        Thread.currentThread().interrupt();
        assertThatThrownBy(gate::acquire).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> gate.tryAcquire(1, LONG)).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThat(gate.tryAcquire()).isPresent().get().satisfies(Permit::close);
        assertThat(Thread.interrupted()).isTrue();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName(
            "scenario 23: weights of zero, below zero, above the limit are refused at once; others are not held up")
    void refusesImpossibleWeights(ThreadKind kind) throws Exception {
        Gate gate =
                Gate.builder().permits(4).name("db").fairness(Fairness.strict()).build();
        for (int weight : new int[] {0, -1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> gate.acquire(weight)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> gate.tryAcquire(weight)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> gate.tryAcquire(weight, LONG)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> gate.acquireAsync(weight)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> gate.acquire(0)).hasMessage("weight must be >= 1 but was 0");
        assertThatThrownBy(() -> gate.acquire(5))
                .hasMessage("weight must be <= 4, the permits of gate 'db', but was 5");

        Permit held = gate.acquire(2);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<String> big = crew.start(() -> {
                        try (Permit permit = gate.acquire(4)) {
                            return "granted";
                        } catch (RejectedExecutionException e) {
                            return e.getMessage();
                        }
                    })
                    .awaitParked();
            Crew.Member<Permit> small = crew.start(gate::acquire).awaitParked();
            gate.resize(3);
            assertThat(big.result()).isEqualTo("a weight of 4 never fits: gate 'db' has been resized to 3 permits");
            small.result().close();
        }
        held.close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 24: a shrink below what is held returns at once; the debt is repaid by releases")
    void carriesDebtAfterAShrink(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(4);
        Permit one = gate.acquire();
        Permit three = gate.acquire(3);
        gate.resize(2);
        assertThat(gate.permits()).isEqualTo(2);
        assertThat(gate.available()).isEqualTo(-2);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> waiter = crew.start(gate::acquire).awaitParked();
            one.close();
            assertThat(gate.available()).isEqualTo(-1);
            assertThat(gate.stats().waiting()).isEqualTo(1);
            three.close();
            waiter.result().close();
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void letsWaitersInWhenItGrows(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> first = crew.start(gate::acquire).awaitParked();
            Crew.Member<Permit> second = crew.start(gate::acquire).awaitParked();
            gate.resize(3);
            first.result().close();
            second.result().close();
        }
        held.close();
        assertAtRest(gate);
        assertThatThrownBy(() -> gate.resize(0)).hasMessage("permits must be >= 1 but was 0");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 18: an acquire after close never succeeds; waiters are refused, holders are not disturbed")
    void refusesWaitersAndNewcomersWhenClosed(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> untimed = crew.run(
                            () -> assertThatThrownBy(gate::acquire).isInstanceOf(GateClosedException.class))
                    .awaitParked();
            Crew.Member<Void> timed = crew.run(() ->
                            assertThatThrownBy(() -> gate.tryAcquire(1, LONG)).isInstanceOf(GateClosedException.class))
                    .awaitParked();
            gate.close();
            gate.close();
            untimed.result();
            timed.result();
        }
        held.close();
        assertThatThrownBy(gate::acquire).isInstanceOf(GateClosedException.class);
        assertThatThrownBy(gate::tryAcquire).isInstanceOf(GateClosedException.class);
        assertThatThrownBy(() -> gate.tryRun(() -> {})).isInstanceOf(GateClosedException.class);
        assertThat(gate.acquireAsync(1))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(GateClosedException.class);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void drainWaitsForTheHolders(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(3);
        Permit held = gate.acquire(2);
        assertThat(gate.drain(Duration.ZERO))
                .isEqualTo(new GateDrain(2, List.of()))
                .matches(drain -> !drain.drained());
        try (Crew crew = new Crew(kind)) {
            // Who is not called would see it when the time is over.
            Crew.Member<GateDrain> drain =
                    crew.start(() -> gate.drain(Duration.ofDays(1))).awaitParked();
            held.close();
            assertThat(drain.result().drained()).isTrue();
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void letsAsManyWaitAsItAllows(int maxWaiters) throws Exception {
        Gate gate = Gate.builder().permits(1).maxWaiters(maxWaiters).build();
        Permit held = gate.acquire();
        List<CompletableFuture<Permit>> waits = new ArrayList<>();
        for (int i = 0; i < maxWaiters; i++) {
            waits.add(gate.acquireAsync(1, Runnable::run));
        }
        assertThat(waits).noneMatch(CompletableFuture::isDone);
        assertThat(gate.acquireAsync(1, Runnable::run)).isCompletedExceptionally();
        assertThat(gate.stats().waiting()).isEqualTo(maxWaiters);
        if (maxWaiters > 0) {
            waits.get(0).cancel(false);
            waits.set(0, gate.acquireAsync(1, Runnable::run));
            assertThat(waits.get(0)).as("there is a place again").isNotDone();
        }
        assertThat(gate.acquireAsync(1, Runnable::run)).isCompletedExceptionally();
        waits.forEach(wait -> wait.thenAccept(Permit::close));
        held.close();
        assertAtRest(gate);
    }

    @Test
    void refusesMoreWaitersThanItAllows() throws Exception {
        Gate gate = Gate.builder().permits(1).maxWaiters(1).name("db").build();
        Permit held = gate.acquire();
        var waiter = gate.acquireAsync(1);
        assertThat(gate.acquireAsync(1, Runnable::run))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(TooManyWaitersException.class);
        assertThatThrownBy(gate::acquire)
                .isInstanceOf(TooManyWaitersException.class)
                .hasMessage("gate 'db' has its maximum of 1 waiters")
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
        assertThat(gate.tryAcquire()).isEmpty();
        assertThat(gate.tryAcquire(1, Duration.ZERO)).isEmpty();
        held.close();
        waiter.get().close();
        assertAtRest(gate);
    }

    @Test
    void callAndRunReleaseWhateverHappens() throws Exception {
        Gate gate = Gate.of(1);
        assertThat(gate.<Integer, RuntimeException>call(() -> -gate.available()))
                .isZero();
        assertThatThrownBy(() -> gate.call(() -> {
                    throw new IOException("disk");
                }))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> gate.run(() -> {
                    throw new AssertionError("bug");
                }))
                .isInstanceOf(AssertionError.class);
        assertThat(gate.tryRun(() -> assertThat(gate.tryRun(() -> {})).isFalse()))
                .isTrue();
        assertThatThrownBy(() -> gate.tryRun(() -> {
                    throw new IOException("disk");
                }))
                .isInstanceOf(IOException.class);
        assertAtRest(gate);
    }

    @Test
    void checksItsArguments() {
        assertThatThrownBy(() -> Gate.of(0)).hasMessage("permits must be >= 1 but was 0");
        assertThatThrownBy(() -> Gate.builder().build()).hasMessage("permits must be given");
        assertThatThrownBy(() -> Gate.builder().maxWaiters(-1)).hasMessage("maxWaiters must be >= 0 but was -1");
        Gate gate = Gate.of(1);
        assertThatThrownBy(() -> gate.call(null)).hasMessage("work must not be null");
        assertThatThrownBy(() -> gate.run(null)).hasMessage("action must not be null");
        assertThatThrownBy(() -> gate.acquireAsync(1, null)).hasMessage("continuations must not be null");
        assertThatCode(() -> gate.run(() -> {})).doesNotThrowAnyException();
    }

    @Test
    void saysItsStateInWords() throws Exception {
        Gate gate = Gate.builder().permits(2).name("db").build();
        Permit permit = gate.acquire();
        assertThat(gate).hasToString("Gate[db: 1 of 2 in use, 0 waiting]");
        assertThat(permit).hasToString("Permit[1 of gate 'db', held]");
        permit.lend(() -> {
            assertThat(gate).hasToString("Gate[db: 0 of 2 in use, 1 lent, 0 waiting]");
            assertThat(permit).hasToString("Permit[1 of gate 'db', lent]");
            return null;
        });
        permit.close();
        gate.close();
        assertThat(gate).hasToString("Gate[db: 0 of 2 in use, 0 waiting, closed]");
        assertThat(permit).hasToString("Permit[1 of gate 'db', closed]");
        assertThat(Gate.of(3)).asString().matches("Gate\\[gate-\\d+: 0 of 3 in use, 0 waiting]");
        assertThat(Gate.of(3).toString()).isNotEqualTo(Gate.of(3).toString());
    }
}
