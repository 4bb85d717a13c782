package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
class GateAsyncTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void completesTheFutureOnRelease() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> future = gate.acquireAsync(1);
        assertThat(future).isNotDone();
        held.close();
        future.get(30, TimeUnit.SECONDS).close();
        assertAtRest(gate);
    }

    @Test
    @DisplayName("scenario 27: 100,000 chained acquireAsync on a free gate do not overflow the stack")
    void chainsOnAFreeGate() {
        Gate gate = Gate.of(1);
        assertThat(chain(gate, 100_000)).succeedsWithin(LONG);
        assertAtRest(gate);
    }

    private static CompletableFuture<Void> chain(Gate gate, int links) {
        return gate.acquireAsync(1).thenCompose(permit -> {
            permit.close();
            return links == 0 ? CompletableFuture.completedFuture(null) : chain(gate, links - 1);
        });
    }

    @Test
    @DisplayName("scenario 27: 100,000 waiters of which each lets in the next do not overflow the stack")
    void cascadesThroughManyWaiters() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            ends.add(gate.acquireAsync(1).thenAccept(Permit::close));
        }
        held.close();
        assertThat(CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)))
                .succeedsWithin(LONG);
        assertAtRest(gate);
    }

    @Test
    @DisplayName("scenario 27: a continuation runs neither under the lock nor on the stack of the one who releases")
    void slowContinuationDoesNotDelayTheReleaser() throws Exception {
        Gate gate = Gate.of(1);
        CountDownLatch slow = new CountDownLatch(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> first = gate.acquireAsync(1);
        CompletableFuture<Thread> runsIn = first.thenApply(permit -> {
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
            permit.close();
            return Thread.currentThread();
        });
        held.close();
        assertThat(gate.tryAcquire()).isEmpty();
        slow.countDown();
        assertThat(runsIn.get(30, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
        assertAtRest(gate);
    }

    @Test
    void completesOnTheSpotWithADirectExecutor() throws Exception {
        Gate gate = Gate.of(1);
        CompletableFuture<Permit> first = gate.acquireAsync(1, Runnable::run);
        assertThat(first).isCompleted();
        CompletableFuture<Permit> second = gate.acquireAsync(1, Runnable::run);
        CompletableFuture<Thread> runsIn = second.thenApply(permit -> Thread.currentThread());
        first.get().close();
        assertThat(runsIn).isCompletedWithValue(Thread.currentThread());
        second.get().close();
        assertAtRest(gate);
    }

    @Test
    void cancellingTheFutureLetsThoseBehindGoOn() throws Exception {
        Gate gate = GateTest.strict(4);
        Permit held = gate.acquire(3);
        CompletableFuture<Permit> big = gate.acquireAsync(4, Runnable::run);
        CompletableFuture<Permit> small = gate.acquireAsync(1, Runnable::run);
        AtomicBoolean smallWasIn = new AtomicBoolean();
        big.whenComplete((permit, failure) -> smallWasIn.set(small.isDone()));
        assertThat(big.cancel(false)).isTrue();
        assertThat(smallWasIn)
                .as("let in before the continuations of the cancelled one")
                .isTrue();
        small.get().close();
        held.close();
        assertThat(gate.stats().abandoned()).isEqualTo(1);
        assertAtRest(gate);
    }

    @Test
    void anyOtherCompletionByTheOwnerEndsTheWait() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        assertThat(gate.acquireAsync(1).complete(null)).isTrue();
        assertThat(gate.acquireAsync(1).completeExceptionally(new IllegalStateException()))
                .isTrue();
        CompletableFuture<Permit> timed = gate.acquireAsync(1).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(timed).failsWithin(LONG).withThrowableThat().withCauseInstanceOf(TimeoutException.class);
        await().until(() -> gate.stats().waiting() == 0);
        CompletableFuture<Permit> supplied = gate.acquireAsync(1).completeAsync(() -> null);
        assertThat(supplied).succeedsWithin(LONG);
        held.close();
        await().untilAsserted(() -> assertAtRest(gate));
    }

    /** The ways in which its owner may end a future. */
    static List<Named<Function<CompletableFuture<Permit>, Boolean>>> ends() {
        return List.of(
                Named.of("cancel", future -> future.cancel(true)),
                Named.of("complete", future -> future.complete(null)),
                Named.of("fail", future -> future.completeExceptionally(new IllegalStateException())));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void aPermitOnItsWayToAFutureThatIsEndedComesBackAtOnce(Function<CompletableFuture<Permit>, Boolean> end) {
        Queue<Runnable> parked = new ArrayDeque<>();
        Gate gate = Gate.builder().permits(1).executor(parked::add).build();
        CompletableFuture<Permit> future = gate.acquireAsync(1);
        assertThat(gate.available()).isZero();
        assertThat(end.apply(future)).isTrue();
        assertThat(future).isDone();
        assertAtRest(gate);
        parked.forEach(Runnable::run);
        assertThat(future.handle((permit, failure) -> permit)).isCompletedWithValue(null);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("ends")
    void whoEndsAFutureThatHasItsPermitLeavesIt(Function<CompletableFuture<Permit>, Boolean> end) throws Exception {
        Gate gate = Gate.of(1);
        CompletableFuture<Permit> future = gate.acquireAsync(1, Runnable::run);
        assertThat(end.apply(future)).isFalse();
        assertThat(gate.available()).isZero();
        future.get().close();
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void grantAgainstCancelNeverLosesAPermit(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        int rounds = Rounds.of(100_000);
        CyclicBarrier barrier = new CyclicBarrier(2);
        Queue<CompletableFuture<Permit>> handOver = new ConcurrentLinkedQueue<>();
        try (Crew crew = new Crew(kind)) {
            crew.run(() -> {
                for (int i = 0; i < rounds; i++) {
                    barrier.await();
                    handOver.remove().cancel(true);
                    barrier.await();
                }
            });
            for (int i = 0; i < rounds; i++) {
                Permit held = gate.acquire();
                CompletableFuture<Permit> future =
                        i % 2 == 0 ? gate.acquireAsync(1) : gate.acquireAsync(1, Runnable::run);
                handOver.add(future);
                barrier.await();
                held.close();
                barrier.await();
                if (!future.isCancelled()) {
                    future.get().close();
                }
            }
        }
        await().untilAsserted(() -> assertAtRest(gate));
    }

    @Test
    @DisplayName("scenario 25: an executor that rejects gives the permit back and fails the future")
    void executorThatRejectsLosesNothing() throws Exception {
        AtomicBoolean open = new AtomicBoolean(false);
        Executor moody = task -> {
            if (!open.get()) {
                throw new RejectedExecutionException("shut down");
            }
            task.run();
        };
        Gate gate = Gate.builder().permits(1).executor(moody).build();
        assertThat(gate.acquireAsync(1))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(RejectedExecutionException.class);
        assertAtRest(gate);

        Permit held = gate.acquire();
        List<CompletableFuture<Permit>> rejected = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            rejected.add(gate.acquireAsync(1));
        }
        CompletableFuture<Permit> last = gate.acquireAsync(1, Runnable::run);
        held.close();
        assertThat(rejected).allMatch(CompletableFuture::isCompletedExceptionally);
        last.get().close();
        assertAtRest(gate);

        assertThat(gate.callAsync(() -> CompletableFuture.completedFuture(1)))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(RejectedExecutionException.class);
        open.set(true);
        assertThat(gate.callAsync(() -> CompletableFuture.completedFuture(1))).isCompletedWithValue(1);
        assertAtRest(gate);
    }

    @Test
    @DisplayName("scenario 25: an executor that runs the task and throws neither doubles nor loses the permit")
    void executorThatRunsAndThrowsLosesNothing() throws Exception {
        Gate gate = Gate.builder()
                .permits(1)
                .executor(task -> {
                    task.run();
                    throw new OutOfMemoryError("unable to create native thread");
                })
                .build();
        Permit permit = gate.acquireAsync(1).get();
        assertThat(gate.available()).isZero();
        permit.close();
        assertAtRest(gate);

        Queue<Runnable> kept = new ArrayDeque<>();
        CompletableFuture<Permit> refused = gate.acquireAsync(1, task -> {
            kept.add(task);
            throw new OutOfMemoryError("unable to create native thread");
        });
        assertThat(refused).isCompletedExceptionally();
        assertAtRest(gate);
        kept.remove().run();
        assertAtRest(gate);
    }

    @Test
    @DisplayName("scenario 25: an executor that rejects what has been cancelled meanwhile does not double the permit")
    void executorThatRejectsWhatIsCancelledGivesThePermitBackOnce() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        AtomicReference<CompletableFuture<Permit>> wait = new AtomicReference<>();
        wait.set(gate.acquireAsync(1, task -> {
            wait.get().cancel(false);
            throw new RejectedExecutionException("shut down");
        }));
        held.close();
        assertThat(wait.get()).isCancelled();
        assertAtRest(gate);
    }

    @Test
    @DisplayName("scenario 25: who is refused is told why, also when the executor rejects that")
    void refusalIsToldThoughTheExecutorRejects() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> refused = gate.acquireAsync(1, task -> {
            throw new IllegalStateException("shut down");
        });
        gate.close();
        assertThatThrownBy(refused::get).hasRootCauseInstanceOf(GateClosedException.class);
        held.close();
        assertAtRest(gate);
    }

    @Test
    void theEndsOfAWaitAreDeliveredOnce() throws Exception {
        Gate gate = Gate.of(2);
        Permit held = gate.acquire(2);
        CompletableFuture<Permit> tooBig = gate.acquireAsync(2, Runnable::run);
        CompletableFuture<Permit> fits = gate.acquireAsync(1, Runnable::run);
        gate.resize(1);
        assertThatThrownBy(tooBig::get).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThat(fits).isNotDone();
        gate.close();
        assertThatThrownBy(fits::get).hasRootCauseInstanceOf(GateClosedException.class);
        held.close();
        assertAtRest(gate);
    }

    @Test
    @DisplayName("promise 4: callAsync keeps its permit until the stage is complete, whoever gives up waiting")
    void callAsyncHoldsThePermitUntilTheStageEnds() {
        Gate gate = Gate.builder().permits(1).executor(Runnable::run).build();
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<String> result = gate.callAsync(() -> stage);
        assertThat(gate.available()).isZero();
        assertThat(result.cancel(true)).isTrue();
        assertThat(gate.available()).as("the work goes on").isZero();
        assertThat(stage).isNotDone();
        stage.complete("late");
        assertAtRest(gate);

        CompletableFuture<Integer> sees =
                gate.callAsync(() -> CompletableFuture.completedFuture("done")).thenApply(value -> gate.available());
        assertThat(sees).as("the permit is back before the result").isCompletedWithValue(1);
    }

    @Test
    @DisplayName(
            "scenario 25: callAsync gives the permit back when the supplier throws, returns null, or the stage fails")
    void callAsyncFailsWithoutLosingThePermit() {
        Gate gate = Gate.builder().permits(1).executor(Runnable::run).build();
        assertThat(gate.callAsync(() -> {
                    throw new StackOverflowError("boom");
                }))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(StackOverflowError.class);
        assertAtRest(gate);
        assertThat(gate.callAsync(() -> null))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(NullPointerException.class)
                .withMessageContaining("the stage that the starter returned must not be null");
        assertAtRest(gate);
        assertThat(gate.callAsync(() -> CompletableFuture.failedFuture(new IllegalStateException("no"))))
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(IllegalStateException.class);
        assertAtRest(gate);
    }

    @Test
    void callAsyncCancelledBeforeItsStartNeverStarts() throws Exception {
        Gate gate = Gate.of(1);
        AtomicBoolean started = new AtomicBoolean();
        Permit held = gate.acquire();
        CompletableFuture<Object> result = gate.callAsync(() -> {
            started.set(true);
            return CompletableFuture.completedFuture(null);
        });
        result.cancel(false);
        assertThat(gate.stats().waiting()).isZero();
        held.close();
        assertThatThrownBy(result::get).isInstanceOf(CancellationException.class);
        gate.acquire().close();
        assertThat(started).isFalse();
        assertAtRest(gate);
    }

    /** The waits for a permit of a gate whose only one is held, each by a thread of a pool of one. */
    static List<Named<Function<Gate, CompletableFuture<Permit>>>> waits() {
        return List.of(
                Named.of("acquireAsync", gate -> gate.acquireAsync(1)),
                Named.of("a stage behind it", gate -> gate.acquireAsync(1).thenApply(permit -> permit)),
                Named.of(
                        "callAsync",
                        gate -> gate.callAsync(
                                () -> CompletableFuture.completedFuture(new Permit(new Bundle(0, () -> {}), 1)))));
    }

    @ParameterizedTest
    @MethodSource("waits")
    void whoWaitsInAForkJoinPoolRunsNoOtherTaskMeanwhile(Function<Gate, CompletableFuture<Permit>> wait)
            throws Exception {
        Gate gate = Gate.of(1);
        List<Function<CompletableFuture<Permit>, Permit>> ways = List.of(
                CompletableFuture::join,
                future -> {
                    try {
                        return future.get();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                future -> {
                    try {
                        return future.get(30, TimeUnit.SECONDS);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
        for (Function<CompletableFuture<Permit>, Permit> way : ways) {
            ForkJoinPool pool = new ForkJoinPool(1);
            Permit held = gate.acquire();
            AtomicReference<Thread> waiter = new AtomicReference<>();
            CompletableFuture<CompletableFuture<Thread>> outer = CompletableFuture.supplyAsync(
                    () -> {
                        waiter.set(Thread.currentThread());
                        // It lies in this thread's own queue.
                        CompletableFuture<Thread> other = CompletableFuture.supplyAsync(Thread::currentThread, pool);
                        way.apply(wait.apply(gate)).close();
                        return other;
                    },
                    pool);
            await().until(() -> gate.stats().waiting() == 1);
            await().until(() -> isWaiting(waiter.get()));
            held.close();
            assertThat(outer.get(30, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS))
                    .isNotSameAs(waiter.get());
            pool.shutdown();
            assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
        assertAtRest(gate);
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING;
    }

    @Test
    void futureIsWaitedForAsAnyOther() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> future = gate.acquireAsync(1);
        assertThatThrownBy(() -> future.get(0, TimeUnit.NANOSECONDS)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(future.getNumberOfDependents()).as("of waits that are over").isLessThan(2);
        Thread.currentThread().interrupt();
        assertThatThrownBy(future::get).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> future.get(1, TimeUnit.DAYS)).isInstanceOf(InterruptedException.class);
        Thread.currentThread().interrupt();
        held.close();
        Permit permit = future.join();
        assertThat(Thread.interrupted()).isTrue();
        permit.close();
        assertThatThrownBy(gate.acquireAsync(1).thenApply(p -> {
                    p.close();
                    throw new IllegalStateException();
                })::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void joinGoesOnWaitingWhenInterruptedAndKeepsTheFlag(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> future = gate.acquireAsync(1);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Void> waiter = crew.run(() -> {
                        future.join().close();
                        assertThat(Thread.interrupted()).as("flag").isTrue();
                    })
                    .awaitParked();
            waiter.interrupt();
            await().until(() -> !waiter.thread().isInterrupted());
            waiter.awaitParked();
            held.close();
        }
        assertAtRest(gate);
    }
}
