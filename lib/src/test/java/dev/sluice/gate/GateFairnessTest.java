package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Orders that need no clock to be seen: a bound that never passes within a test, and one that has passed at once. */
@Timeout(180)
class GateFairnessTest {
    private static final Fairness LONG = Fairness.bounded(Duration.ofDays(1));
    private static final Fairness SHORT = Fairness.bounded(Duration.ofNanos(1));

    private static Gate gate(int permits, Fairness fairness) {
        return GateTest.with(permits, fairness);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 9: a newcomer takes what is free past a sleeping waiter that it is not enough for")
    void newcomersOvertakeWithinTheBound(ThreadKind kind) throws Exception {
        Gate gate = gate(3, LONG);
        Permit held = gate.acquire(2);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> big = crew.start(() -> gate.acquire(2)).awaitParked();
            gate.tryAcquire().orElseThrow().close();
            gate.acquire().close();
            gate.run(() -> {});
            assertThat(gate.tryRun(() -> {})).isTrue();
            gate.acquireAsync(1, Runnable::run).get().close();
            assertThat(gate.stats().overtakes()).isEqualTo(5);
            assertThat(gate.stats().waiting()).isEqualTo(1);
            held.close();
            big.result().close();
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 9: nobody passes a waiter that has waited for the bound, however he comes")
    void newcomersMeetTheBar(ThreadKind kind) throws Exception {
        for (Fairness fairness : List.of(SHORT, Fairness.strict())) {
            Gate gate = gate(3, fairness);
            Permit held = gate.acquire(2);
            List<String> order = new CopyOnWriteArrayList<>();
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Permit> big = crew.start(() -> {
                            Permit permit = gate.acquire(3);
                            order.add("big");
                            return permit;
                        })
                        .awaitParked();
                assertThat(gate.tryAcquire()).isEmpty();
                assertThat(gate.tryAcquire(1, Duration.ZERO)).isEmpty();
                assertThat(gate.tryRun(() -> {})).isFalse();
                crew.run(() -> gate.acquire().close()).awaitParked();
                crew.run(() -> gate.run(() -> order.add("run"))).awaitParked();
                CompletableFuture<Permit> async = gate.acquireAsync(1, Runnable::run);
                assertThat(async).isNotDone();
                held.close();
                Permit permit = big.result();
                assertThat(async).isNotDone();
                permit.close();
                async.get().close();
            }
            assertThat(order).containsExactly("big", "run");
            assertThat(gate.stats().overtakes()).isZero();
            assertAtRest(gate);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 9: within the bound a release wakes those who fit, though a large one is before them")
    void releaseWakesThoseWhoFit(ThreadKind kind) throws Exception {
        Gate gate = gate(4, LONG);
        List<Permit> held = List.of(gate.acquire(), gate.acquire(), gate.acquire(2));
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Permit> big = crew.start(() -> gate.acquire(4)).awaitParked();
            Crew.Member<Permit> one = crew.start(gate::acquire).awaitParked();
            CompletableFuture<Permit> async = gate.acquireAsync(1, Runnable::run);
            held.get(0).close();
            Permit first = one.result();
            assertThat(async).isNotDone();
            held.get(1).close();
            async.get().close();
            first.close();
            assertThat(gate.stats().waiting()).isEqualTo(1);
            held.get(2).close();
            big.result().close();
        }
        assertAtRest(gate);
    }

    @Test
    void releaseServesAllFuturesThatFit() throws Exception {
        Gate gate = gate(3, LONG);
        Permit held = gate.acquire(3);
        CompletableFuture<Permit> one = gate.acquireAsync(1, Runnable::run);
        CompletableFuture<Permit> two = gate.acquireAsync(2, Runnable::run);
        CompletableFuture<Permit> tooMuch = gate.acquireAsync(1, Runnable::run);
        held.close();
        assertThat(List.of(one, two)).allMatch(CompletableFuture::isDone);
        assertThat(tooMuch).isNotDone();
        two.get().close();
        one.get().close();
        tooMuch.get().close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 9: a large request is served though small ones never let the gate run empty")
    void largeOnesAreNotStarved(ThreadKind kind) throws Exception {
        Gate gate = gate(2, Fairness.bounded(Duration.ofMillis(1)));
        AtomicBoolean over = new AtomicBoolean();
        // Platform threads: virtual ones that never wait may keep their carriers for themselves.
        try (Crew crowd = new Crew(ThreadKind.PLATFORM);
                Crew crew = new Crew(kind)) {
            for (int i = 0; i < 3; i++) {
                crowd.run(() -> {
                    while (!over.get()) {
                        gate.run(Thread::yield);
                    }
                });
            }
            try {
                for (int i = 0; i < 20; i++) {
                    crew.start(() -> gate.acquire(2)).result().close();
                    gate.acquireAsync(2).get().close();
                }
            } finally {
                over.set(true);
            }
        }
        assertThat(gate.admission().line().overtakesOfOverdue()).isZero();
        assertAtRest(gate);
    }

    @Test
    void overtakesBehindABarAreNotCountedWhereTheyMightRunOver() {
        Admission admission = new Admission("crowded", 3, 10, LONG);
        assertThat(admission.tryEnter(2)).isTrue();
        assertThat(admission.line().lineUp(new Deaf(2))).isTrue();
        for (int i = 0; i < 10; i++) {
            assertThat(admission.tryEnter(1)).isTrue();
            admission.leave(1);
        }
        assertThat(admission.line().stats(Durations.NONE).overtakes()).isEqualTo(10);
        assertThat(Admission.overtakes(admission.word())).isZero();
        admission.leave(2);
        assertThat(admission.tryEnter(1)).as("past one who has been called").isTrue();
        assertThat(admission.line().stats(Durations.NONE).overtakes()).isEqualTo(11);
    }

    @Test
    void oneThatTakesWhileItIsServedGivesOneBack() {
        Admission books = new Admission("twice", 2, 10, LONG);
        Line line = new Line(books, 2, LONG);
        Waiter waiter = new ThreadWaiter(1);
        assertThat(books.take(2)).isTrue();
        line.add(waiter);
        line.settle(waiter.arrived);
        books.add(2);
        line.settle(waiter.arrived);
        assertThat(waiter.fate).isEqualTo(Waiter.Fate.CALLED);
        assertThat(books.takeCalled(1)).isTrue();
        line.settle(waiter.arrived + Duration.ofDays(2).toNanos());
        assertThat(waiter.fate).isEqualTo(Waiter.Fate.GRANTED);
        line.arrive(waiter, true, waiter.arrived);
        assertThat(books.free()).isEqualTo(1);
    }

    @Test
    @DisplayName("promise 9: one that was called does not pass a waiter for whom the bar has been raised meanwhile")
    void whoWasCalledDoesNotPassTheBar() {
        Admission books = new Admission("barred", 2, 10, LONG);
        Line line = new Line(books, 2, LONG);
        Waiter big = new ThreadWaiter(2);
        Waiter small = new ThreadWaiter(1);
        assertThat(books.take(2)).isTrue();
        line.add(big);
        line.add(small);
        line.settle(big.arrived);
        books.add(1);
        line.settle(big.arrived);
        assertThat(line.takeCalled()).isSameAs(small);
        long overdue = big.arrived + Duration.ofDays(2).toNanos();
        line.settle(overdue);
        assertThat(books.takeCalled(1)).isFalse();
        line.arrive(small, false, overdue);
        line.settle(overdue);
        assertThat(small.fate).isEqualTo(Waiter.Fate.WAITING);
        books.add(1);
        line.settle(overdue);
        assertThat(big.fate).isEqualTo(Waiter.Fate.GRANTED);
        assertThat(small.fate).isEqualTo(Waiter.Fate.WAITING);
    }

    @Test
    @DisplayName("promise 9: one that was called and does not come is passed a few thousand times more, then served")
    void oneThatIsLateIsServed() throws Exception {
        Admission admission = new Admission("late", 1, 10, SHORT);
        Waiter late = new Deaf(1);
        assertThat(admission.tryEnter(1)).isTrue();
        assertThat(admission.line().lineUp(late)).isTrue();
        admission.leave(1);
        // Overdue at its arrival, it is handed the permit without a call.
        assertThat(late.fate).isEqualTo(Waiter.Fate.GRANTED);
        admission.leave(1);

        Duration bound = Duration.ofMillis(20);
        Admission patient = new Admission("late", 1, 10, Fairness.bounded(bound));
        Waiter called = new Deaf(1);
        assertThat(patient.tryEnter(1)).isTrue();
        assertThat(patient.line().lineUp(called)).isTrue();
        patient.leave(1);
        long passed = passUntil(patient, called.arrived + bound.toNanos());
        int after = 0;
        while (after <= 4096 && patient.tryEnter(1)) {
            after++;
            patient.leave(1);
        }
        assertThat(called.fate).isEqualTo(Waiter.Fate.GRANTED);
        assertThat(after).isLessThanOrEqualTo(4096);
        assertThat(patient.line().stats(Durations.NONE).overtakes()).isEqualTo(passed + after);
        assertThat(patient.free()).isZero();
    }

    /** Overtakes until then, or until that is not allowed any more. */
    private static long passUntil(Admission admission, long time) {
        long passed = 0;
        while (System.nanoTime() - time < 0 && admission.tryEnter(1)) {
            passed++;
            admission.leave(1);
        }
        return passed;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("promise 9: in a crowd nobody who is overdue is overtaken, and everybody gets through")
    void nobodyOverdueIsOvertaken(ThreadKind kind) throws Exception {
        for (Duration bound : List.of(Duration.ofNanos(1), Duration.ofNanos(10_000), Duration.ofMillis(1))) {
            Gate gate = gate(2, Fairness.bounded(bound));
            int rounds = Rounds.of(100_000);
            int[] counters = new int[1];
            try (Crew crew = new Crew(kind)) {
                for (int i = 0; i < 6; i++) {
                    int weight = 1 + i % 2;
                    crew.run(() -> {
                        for (int round = 0; round < rounds; round++) {
                            try (Permit permit = gate.acquire(weight)) {
                                if (weight == 2) {
                                    counters[0]++;
                                }
                            }
                        }
                    });
                }
            }
            assertThat(counters[0]).isEqualTo(3 * rounds);
            assertThat(gate.admission().line().overtakesOfOverdue()).isZero();
            assertAtRest(gate);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void servesWaitersInTheOrderOfArrivalWhenNobodyComes(ThreadKind kind) throws Exception {
        for (Fairness fairness : List.of(LONG, SHORT, Fairness.strict())) {
            Gate gate = gate(1, fairness);
            List<Integer> order = new CopyOnWriteArrayList<>();
            Permit held = gate.acquire();
            List<Crew.Member<Void>> members = new ArrayList<>();
            try (Crew crew = new Crew(kind)) {
                for (int i = 0; i < 5; i++) {
                    int number = i;
                    members.add(
                            crew.run(() -> gate.run(() -> order.add(number))).awaitParked());
                }
                held.close();
            }
            assertThat(order).containsExactly(0, 1, 2, 3, 4);
            assertAtRest(gate);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoeverWasCalledAndGivesUpPassesItOn(ThreadKind kind) throws Exception {
        int rounds = Rounds.of(10_000);
        Gate gate = gate(1, LONG);
        for (int round = 0; round < rounds; round++) {
            Permit held = gate.acquire();
            try (Crew crew = new Crew(kind)) {
                Crew.Member<Boolean> first = crew.start(() -> visit(gate));
                Crew.Member<Boolean> second = crew.start(() -> visit(gate));
                while (gate.stats().waiting() < 2) {
                    Thread.yield();
                }
                held.close();
                first.interrupt();
                assertThat(second.result()).isTrue();
            }
        }
        assertAtRest(gate);
    }

    private static boolean visit(Gate gate) {
        try (Permit permit = gate.acquire()) {
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void saysWhatItIs() {
        assertThat(Fairness.strict()).hasToString("strict").isEqualTo(Fairness.strict());
        assertThat(LONG).hasToString("bounded(PT24H)").isEqualTo(Fairness.bounded(Duration.ofHours(24)));
        assertThat(LONG).isNotEqualTo(SHORT).hasSameHashCodeAs(Fairness.bounded(Duration.ofDays(1)));
        assertThatThrownBy(() -> Fairness.bounded(Duration.ZERO)).hasMessage("bound must be > 0 but was PT0S");
        assertThatThrownBy(() -> Gate.builder().fairness(null)).hasMessage("fairness must not be null");
    }
}
