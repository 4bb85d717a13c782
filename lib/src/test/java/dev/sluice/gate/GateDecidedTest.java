package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.pool.WorkerPool;
import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import dev.sluice.testing.ThreadKinds;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Waiters whose fate is decided while they are about to give up: a release has come as far as the one before them in the
 * line and is kept there, with the lock, until they wait for that.
 */
@Timeout(180)
class GateDecidedTest {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        goOn.countDown();
    }

    /** The first in the line. To grant it its permit takes as long as the test says. */
    private final class Slow extends Waiter {
        Slow() {
            super(1);
        }

        @Override
        void granted() {
            super.granted();
            reached.countDown();
            awaitUninterruptibly(goOn);
        }

        @Override
        boolean tell() {
            return true;
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitWaitingForTheLock(Thread thread) {
        await().until(() -> LockSupport.getBlocker(thread) instanceof AbstractQueuedSynchronizer);
    }

    /** Kinds of thread, and orders in which the permits are handed over. */
    static Stream<Arguments> all() {
        return ThreadKinds.all().stream()
                .flatMap(kind -> Stream.of(Fairness.strict(), Fairness.bounded(Duration.ofNanos(1)))
                        .map(fairness -> Arguments.of(kind, fairness)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void interruptThatComesAfterTheGrantKeepsItsFlag(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(2, fairness);
        Permit held = gate.acquire(2);
        assertThat(gate.admission().line().lineUp(new Slow())).isTrue();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> waiter = crew.start(() -> {
                        try (Permit permit = gate.acquire()) {
                            return Thread.interrupted();
                        }
                    })
                    .awaitParked();
            crew.run(held::close);
            awaitUninterruptibly(reached);
            waiter.interrupt();
            awaitWaitingForTheLock(waiter.thread());
            goOn.countDown();
            assertThat(waiter.result()).as("flag").isTrue();
        }
        gate.admission().leave(1);
        assertThat(gate.stats().abandoned()).isZero();
        assertAtRest(gate);
    }

    /** Where the machine is so slow that the time passes before the release comes, the waiter has given up, and is counted so. */
    @ParameterizedTest
    @MethodSource("all")
    void timeThatPassesAfterTheGrantLeavesThePermit(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(2, fairness);
        Permit held = gate.acquire(2);
        assertThat(gate.admission().line().lineUp(new Slow())).isTrue();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Boolean> waiter = crew.start(() -> {
                Optional<Permit> permit = gate.tryAcquire(1, Duration.ofMillis(200));
                permit.ifPresent(Permit::close);
                return permit.isPresent();
            });
            await().until(() -> gate.stats().waiting() == 2 || gate.stats().abandoned() == 1);
            crew.run(held::close);
            awaitUninterruptibly(reached);
            await().until(() -> LockSupport.getBlocker(waiter.thread()) instanceof AbstractQueuedSynchronizer
                    || !waiter.thread().isAlive());
            goOn.countDown();
            assertThat(waiter.result()).as("permit").isEqualTo(gate.stats().abandoned() == 0);
        }
        gate.admission().leave(1);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("all")
    void cancelThatComesAfterTheGrantGivesThePermitBack(ThreadKind kind, Fairness fairness) throws Exception {
        Gate gate = GateTest.with(2, fairness);
        Permit held = gate.acquire(2);
        assertThat(gate.admission().line().lineUp(new Slow())).isTrue();
        CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);
        try (Crew crew = new Crew(kind)) {
            crew.run(held::close);
            awaitUninterruptibly(reached);
            Crew.Member<Boolean> cancel = crew.start(() -> wait.cancel(false));
            awaitWaitingForTheLock(cancel.thread());
            goOn.countDown();
            if (!cancel.result()) {
                wait.get().close();
            }
        }
        gate.admission().leave(1);
        assertThat(gate.stats().abandoned()).isZero();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("all")
    void interruptOfASubmitterThatComesAfterTheGrantGivesThePermitBack(ThreadKind kind, Fairness fairness)
            throws Exception {
        Gate gate = GateTest.with(2, fairness);
        Permit held = gate.acquire(2);
        assertThat(gate.admission().line().lineUp(new Slow())).isTrue();
        try (Crew crew = new Crew(kind);
                WorkerPool pool = WorkerPool.gated(gate)) {
            Crew.Member<Boolean> submitter = crew.start(() -> {
                        assertThatThrownBy(() -> pool.submit(() -> {}))
                                .isInstanceOf(RejectedExecutionException.class)
                                .hasCauseInstanceOf(InterruptedException.class);
                        return Thread.interrupted();
                    })
                    .awaitParked();
            crew.run(held::close);
            awaitUninterruptibly(reached);
            submitter.interrupt();
            awaitWaitingForTheLock(submitter.thread());
            goOn.countDown();
            assertThat(submitter.result()).as("flag").isTrue();
        }
        gate.admission().leave(1);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoWasCalledAndGivesUpIsNotOnHisWay(ThreadKind kind) throws Exception {
        Gate gate = GateTest.with(1, Fairness.bounded(Duration.ofDays(1)));
        Permit held = gate.acquire();
        Waiter deaf = new Deaf(1);
        assertThat(gate.admission().line().lineUp(deaf)).isTrue();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> next = crew.run(() -> gate.acquire().close()).awaitParked();
            held.close();
            assertThat(deaf.fate).isEqualTo(Waiter.Fate.CALLED);
            assertThat(gate.admission().line().abandon(deaf)).isTrue();
            next.result();
        }
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoWasCalledAndNeverFitsAgainIsNotOnHisWay(ThreadKind kind) throws Exception {
        Gate gate = GateTest.with(2, Fairness.bounded(Duration.ofDays(1)));
        Permit held = gate.acquire(2);
        Waiter deaf = new Deaf(2);
        assertThat(gate.admission().line().lineUp(deaf)).isTrue();
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> next = crew.run(() -> gate.acquire().close()).awaitParked();
            held.close();
            assertThat(deaf.fate).isEqualTo(Waiter.Fate.CALLED);
            gate.resize(1);
            assertThat(deaf.fate).isEqualTo(Waiter.Fate.REFUSED);
            next.result();
        }
        assertAtRest(gate);
    }

    /** Where the machine is slow he is served without having been called. */
    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void whoWasCalledAndIsServedIsNotOnHisWay(ThreadKind kind) throws Exception {
        Gate gate = GateTest.with(1, Fairness.bounded(Duration.ofMillis(100)));
        Permit held = gate.acquire();
        Waiter deaf = new Deaf(1);
        assertThat(gate.admission().line().lineUp(deaf)).isTrue();
        held.close();
        await().until(() -> {
            gate.admission().line().look();
            return deaf.fate == Waiter.Fate.GRANTED;
        });
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> next = crew.run(() -> gate.acquire().close()).awaitParked();
            gate.admission().leave(1);
            next.result();
        }
        assertAtRest(gate);
    }

    @Test
    void whatWasGrantedToOneThatRunsOutOfMemoryGoesBack() throws Exception {
        Gate gate = GateTest.strict(2);
        Permit held = gate.acquire(2);
        assertThat(gate.admission().line().lineUp(new Slow())).isTrue();
        OutOfMemoryError noMemory = new OutOfMemoryError("none to be interrupted");
        FutureTask<Permit> wait = new FutureTask<>(gate::acquire);
        Thread waiter = failing(wait, noMemory);
        waiter.start();
        await().until(() -> gate.stats().waiting() == 2);
        await().until(() -> waiter.getState() == Thread.State.WAITING);
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            crew.run(held::close);
            awaitUninterruptibly(reached);
            waiter.interrupt();
            awaitWaitingForTheLock(waiter);
            goOn.countDown();
        }
        assertThatThrownBy(() -> wait.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCause(noMemory);
        waiter.join(30_000);
        gate.admission().leave(1);
        assertAtRest(gate);
    }

    /** Fails when it wants to set its own interrupt flag, which is what a waiter does that was granted its permit before. */
    private static Thread failing(Runnable work, Error failure) {
        return new Thread(work, "failing") {
            @Override
            public void interrupt() {
                if (Thread.currentThread() == this) {
                    throw failure;
                }
                super.interrupt();
            }
        };
    }
}
