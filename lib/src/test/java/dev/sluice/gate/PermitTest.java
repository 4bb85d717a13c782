package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class PermitTest {
    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 20: a permit closed by two threads at once is released once")
    void isReleasedOnceByTwoThreads(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(2);
        int rounds = Rounds.of(100_000);
        CyclicBarrier barrier = new CyclicBarrier(2);
        AtomicReference<Permit> shared = new AtomicReference<>();
        try (Permit other = gate.acquire();
                Crew crew = new Crew(kind)) {
            crew.run(() -> {
                for (int i = 0; i < rounds; i++) {
                    barrier.await();
                    shared.get().close();
                    barrier.await();
                }
            });
            for (int i = 0; i < rounds; i++) {
                shared.set(gate.acquire());
                barrier.await();
                shared.get().close();
                barrier.await();
                assertThat(gate.available()).isEqualTo(1);
            }
        }
        assertAtRest(gate);
    }

    @Test
    @DisplayName(
            "scenario 20: a permit closed from its own completion callback and again by its owner is released once")
    void isReleasedOnceFromItsOwnCallback() throws Exception {
        Gate gate = Gate.of(2);
        Permit both = gate.acquire(2);
        CompletableFuture<Permit> future = gate.acquireAsync(1, Runnable::run);
        future.whenComplete((permit, failure) -> permit.close());
        both.close();
        future.get().close();
        both.close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void lendLetsAnotherInAndWaitsForIt(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        try (Crew crew = new Crew(kind)) {
            Permit permit = gate.acquire();
            crew.run(() -> gate.run(() -> {
                        inside.countDown();
                        leave.await();
                        order.add("guest");
                    }))
                    .awaitParked();
            crew.run(() -> gate.run(() -> order.add("queued"))).awaitParked();
            Crew.Member<Void> holder = crew.run(() -> {
                permit.lend(() -> {
                    inside.await();
                    return null;
                });
                order.add("holder");
                permit.close();
            });
            await().until(() -> gate.stats().waiting() == 2);
            holder.awaitParked();
            leave.countDown();
        }
        assertThat(order).containsExactly("guest", "holder", "queued");
        assertAtRest(gate);
    }

    @Test
    void lendReturnsAndThrowsWhatTheWorkDoes() throws Exception {
        Gate gate = Gate.of(3);
        try (Permit permit = gate.acquire(2)) {
            int free = permit.lend(gate::available);
            assertThat(free).isEqualTo(3);
            assertThat(gate.available()).isEqualTo(1);
            assertThatThrownBy(() -> permit.lend(() -> {
                        throw new IOException("disk");
                    }))
                    .isInstanceOf(IOException.class);
            assertThat(gate.available()).isEqualTo(1);
            assertThatThrownBy(() -> permit.lend(() -> permit.lend(() -> null)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("lent already");
            permit.close();
            assertThatThrownBy(() -> permit.lend(() -> null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void comesBackToAClosedShrunkGateWithoutWaiters(ThreadKind kind) throws Exception {
        Gate gate = Gate.builder().permits(4).maxWaiters(0).build();
        CountDownLatch lent = new CountDownLatch(2);
        CountDownLatch resume = new CountDownLatch(1);
        Permit other = gate.acquire(1);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> holder = crew.run(() -> {
                try (Permit permit = gate.acquire(3)) {
                    permit.lend(() -> {
                        lent.countDown();
                        resume.await();
                        return null;
                    });
                    assertThat(gate.available()).isEqualTo(-1);
                    assertThat(Thread.interrupted()).as("flag").isTrue();
                }
            });
            await().until(() -> lent.getCount() == 1);
            gate.resize(2);
            gate.close();
            assertThat(gate.drain(Duration.ZERO).stillHeld()).isEqualTo(4);
            resume.countDown();
            await().until(() -> gate.stats().waiting() == 1);
            holder.interrupt();
            other.close();
            holder.result();
        }
        assertThat(gate.drain(Duration.ZERO).drained()).isTrue();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void closedWhileLentIsNotTakenBack(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        Permit first = gate.acquire();
        first.lend(() -> {
            first.close();
            return null;
        });
        assertAtRest(gate);

        Permit second = gate.acquire();
        AtomicReference<Permit> guest = new AtomicReference<>();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> holder = crew.run(() -> second.lend(() -> {
                guest.set(gate.acquire());
                return null;
            }));
            await().until(() -> gate.stats().waiting() == 1);
            second.close();
            holder.result();
        }
        assertThat(gate.available()).isZero();
        guest.get().close();
        assertAtRest(gate);
    }

    @Test
    void closedAtTheMomentItIsTakenBackIsReleasedOnce() {
        AtomicInteger released = new AtomicInteger();
        Permit permit = new Permit(
                new Source() {
                    @Override
                    public void release(Permit any) {
                        released.incrementAndGet();
                    }

                    @Override
                    public boolean closeLent(Permit any) {
                        any.takenBack();
                        return false;
                    }

                    @Override
                    public <T, X extends Exception> T lend(Permit any, Gate.Work<T, X> work) throws X {
                        return work.call();
                    }

                    @Override
                    public String describe() {
                        return "a test";
                    }
                },
                1);
        permit.lendOut();
        permit.close();
        assertThat(released).hasValue(1);
        permit.close();
        assertThat(released).hasValue(1);
    }

    @Test
    void takenBackBeforeItCouldBeClosedAsALentOneIsStillHeld() throws Exception {
        Gate gate = Gate.of(1);
        Permit permit = gate.acquire();
        assertThat(gate.admission().closeLent(permit)).isFalse();
        assertThat(gate.available()).isZero();
        permit.close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void toCloseWhatIsWantedBackLetsThoseBehindIn(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(2);
        Permit both = gate.acquire(2);
        AtomicReference<Permit> guest = new AtomicReference<>();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> holder = crew.run(() -> both.lend(() -> {
                guest.set(gate.acquire());
                return null;
            }));
            await().until(() -> gate.stats().waiting() == 1);
            CompletableFuture<Permit> behind = gate.acquireAsync(1, Runnable::run);
            assertThat(behind).as("behind the one who lent").isNotDone();
            both.close();
            assertThat(behind).isDone();
            holder.result();
            behind.get().close();
        }
        guest.get().close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void ofTwoWhoWantTheirsBackOnlyTheOneWhoseIsClosedGoesOn(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(3);
        Permit first = gate.acquire();
        Permit second = gate.acquire(2);
        AtomicReference<Permit> guest = new AtomicReference<>();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> firstHolder = crew.run(() -> first.lend(() -> {
                await().until(() -> gate.available() == 3);
                guest.set(gate.acquire(3));
                return null;
            }));
            Crew.Member<Void> secondHolder = crew.run(() -> second.lend(() -> {
                await().until(() -> gate.stats().waiting() == 1);
                return null;
            }));
            await().until(() -> gate.stats().waiting() == 2);
            assertThat(gate).asString().endsWith("3 lent, 2 waiting]");
            second.close();
            secondHolder.result();
            assertThat(firstHolder.task()).as("the other still waits").isNotDone();
            assertThat(gate.stats().waiting()).isEqualTo(1);
            assertThat(gate.stats().lent()).isEqualTo(1);
            guest.get().close();
            firstHolder.result();
        }
        assertThat(gate.available()).isEqualTo(2);
        first.close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void manyLendersShareOnePermit(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        int rounds = Rounds.of(20_000);
        try (Crew crew = new Crew(kind)) {
            for (int i = 0; i < 4; i++) {
                crew.run(() -> {
                    for (int round = 0; round < rounds; round++) {
                        try (Permit permit = gate.acquire()) {
                            permit.lend(() -> gate.tryRun(Thread::yield));
                            assertThat(gate.available()).isZero();
                        }
                    }
                });
            }
        }
        assertAtRest(gate);
        assertThat(gate.acquireAsync(1).get(30, TimeUnit.SECONDS)).satisfies(Permit::close);
    }
}
