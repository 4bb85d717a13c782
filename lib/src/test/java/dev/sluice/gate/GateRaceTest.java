package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The limit is for the full number of rounds; the crew reports a hang sooner in the ordinary build. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class GateRaceTest {
    /** Kinds of thread and orders; the bound is short, so that the bar goes up and down a lot. */
    static Stream<Arguments> all() {
        return ThreadKinds.all().stream()
                .flatMap(kind -> Stream.of(Fairness.strict(), Fairness.bounded(Duration.ofNanos(20_000)))
                        .map(fairness -> Arguments.of(kind, fairness)));
    }

    /** What is inside, counted apart from the gate; fails as soon as the bound breaks. */
    private static final class Bound {
        private final AtomicInteger inside = new AtomicInteger();
        private final int limit;

        Bound(int limit) {
            this.limit = limit;
        }

        void visit(Permit permit) {
            try (permit) {
                assertThat(inside.addAndGet(permit.weight())).isLessThanOrEqualTo(limit);
                Thread.yield();
                inside.addAndGet(-permit.weight());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 17: a timed-out waiter is not handed the permit later")
    void timeOutsRaceReleases(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(8, fairness);
        int rounds = Rounds.of(10_000) / 4;
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 8; i++) {
                crew.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        try (Permit permit = gate.acquire()) {
                            Thread.yield();
                        }
                    }
                });
            }
            for (int i = 0; i < 4; i++) {
                int seed = i;
                crew.run(() -> {
                    Random random = new Random(seed);
                    for (int round = 0; round < rounds; round++) {
                        int weight = 1 + random.nextInt(8);
                        gate.tryAcquire(weight, Duration.ofNanos(random.nextInt(50_000)))
                                .ifPresent(Permit::close);
                    }
                });
            }
        }
        assertAtRest(gate);
        assertThat(gate.available()).isEqualTo(8);
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 17: expired waits behind held permits leave nothing behind")
    void expiredWaitsLeaveNothing(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(8, fairness);
        int rounds = Rounds.of(10_000);
        Permit[] held = new Permit[8];
        for (int i = 0; i < held.length; i++) {
            held[i] = gate.acquire();
        }
        try (Crew crew = new Crew(kind)) {
            CountDownLatch half = new CountDownLatch(rounds / 2);
            for (int i = 0; i < 2; i++) {
                crew.run(() -> {
                    for (int round = 0; round < rounds / 2; round++) {
                        gate.tryAcquire(1, Duration.ofNanos(20_000)).ifPresent(Permit::close);
                        half.countDown();
                    }
                });
            }
            half.await();
            for (Permit permit : held) {
                permit.close();
                Thread.yield();
            }
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 19: in an interrupt storm the books stay right")
    void interruptStorm(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(3, fairness);
        Bound bound = new Bound(3);
        int rounds = Rounds.of(20_000);
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = new Crew(kind);
                Crew storm = new Crew(ThreadKind.PLATFORM)) { // a virtual one could keep the only carrier to itself
            List<Crew.Member<Void>> victims = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int weight = 1 + i % 3;
                victims.add(crew.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        try {
                            bound.visit(gate.acquire(weight));
                        } catch (InterruptedException e) {
                            Thread.yield();
                        }
                    }
                }));
            }
            storm.run(() -> {
                Random random = new Random(1);
                while (!over.get()) {
                    victims.get(random.nextInt(victims.size())).interrupt();
                    assertThat(gate.available()).isBetween(0, 3);
                    Thread.yield();
                }
            });
            awaitAll(victims, over);
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 22, promise 1: 64 threads on 1 to 3 permits never pass the limit")
    void neverAdmitsTooMany(ThreadKind kind, Fairness fairness) throws Exception {
        for (int permits = 1; permits <= 3; permits++) {
            Gate gate = GateTest.with(permits, fairness);
            Bound bound = new Bound(permits);
            int rounds = Math.max(1, Rounds.of(1_000_000) / 64 / 3);
            int limit = permits;
            try (Crew crew = new Crew(kind)) {
                for (int thread = 0; thread < 64; thread++) {
                    int seed = thread;
                    crew.run(() -> mixedVisits(gate, bound, limit, rounds, new Random(seed)));
                }
            }
            assertAtRest(gate);
        }
    }

    private static void mixedVisits(Gate gate, Bound bound, int limit, int rounds, Random random) throws Exception {
        for (int round = 0; round < rounds; round++) {
            int weight = 1 + random.nextInt(limit);
            switch (random.nextInt(5)) {
                case 0 -> gate.tryAcquire(weight).ifPresent(bound::visit);
                case 1 ->
                    gate.tryAcquire(weight, Duration.ofNanos(random.nextInt(100_000)))
                            .ifPresent(bound::visit);
                case 2 -> bound.visit(gate.acquireAsync(weight).get());
                case 3 -> bound.visit(gate.acquireAsync(weight, Runnable::run).get());
                default -> bound.visit(gate.acquire(weight));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 24: under a storm of resizes everybody gets through, and the books are right at the end")
    void resizeStorm(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(4, fairness);
        int rounds = Rounds.of(20_000);
        AtomicBoolean over = new AtomicBoolean();
        try (Crew crew = new Crew(kind);
                Crew resizer = new Crew(ThreadKind.PLATFORM)) { // a virtual one could keep the only carrier to itself
            resizer.run(() -> {
                Random random = new Random(1);
                while (!over.get()) {
                    gate.resize(1 + random.nextInt(4));
                    Thread.yield();
                }
            });
            List<Crew.Member<Void>> visitors = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int weight = 1 + i % 4;
                visitors.add(crew.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        visitUnlessRefused(gate, weight);
                    }
                }));
            }
            awaitAll(visitors, over);
        }
        assertAtRest(gate);
    }

    /** Ends the storm in any case, so that a failure is reported instead of waited for. */
    private static void awaitAll(List<Crew.Member<Void>> members, AtomicBoolean over) throws Exception {
        try {
            for (Crew.Member<Void> member : members) {
                member.result();
            }
        } finally {
            over.set(true);
        }
    }

    private static void visitUnlessRefused(Gate gate, int weight) throws InterruptedException {
        try {
            Optional<Permit> permit = gate.tryAcquire(weight, Duration.ofSeconds(20));
            permit.orElseThrow().close();
        } catch (IllegalArgumentException | RejectedExecutionException refused) {
            assertThat(weight).isGreaterThan(1);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    @DisplayName("scenario 18: close against acquire: granted or refused, never neither")
    void closeRacesAcquire(ThreadKind kind, Fairness fairness) throws Exception {
        int rounds = Rounds.of(10_000);
        for (int round = 0; round < rounds; round++) {
            Gate gate = GateTest.with(1, fairness);
            try (Crew crew = new Crew(kind)) {
                for (int i = 0; i < 2; i++) {
                    crew.run(() -> {
                        try {
                            gate.acquire().close();
                        } catch (GateClosedException refused) {
                            assertThat(gate.stats().waiting()).isZero();
                        }
                    });
                }
                gate.close();
            }
            assertAtRest(gate);
        }
    }
}
