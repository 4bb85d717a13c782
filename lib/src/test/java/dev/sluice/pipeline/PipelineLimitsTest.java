package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stage's gate and the time limit for an item. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineLimitsTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void gateLimitsAllStagesThatShareIt(Shape shape) throws InterruptedException {
        Gate gate = Gate.of(2);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        StageFunction<Integer, Integer> counted = i -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
            return i;
        };
        List<Integer> result = runs.run(shape.threads(Pipeline.from(upTo(2000)))
                .stage("a", counted, shape.options(s -> s.gate(gate)))
                .stage("b", counted, shape.options(s -> s.gate(gate).retry(Retry.times(1))))
                .collect(Collectors.toList()));
        assertThat(result).hasSize(2000);
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(gate.available()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void abortFreesWhoWaitsForAPermit(Shape shape) throws InterruptedException {
        Gate gate = Gate.of(1);
        try (Permit elsewhere = gate.acquire()) {
            PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(upTo(10)))
                    .stage("a", i -> i, shape.options(s -> s.gate(gate)))
                    .forEach("b", i -> {}));
            Awaitility.await().until(() -> gate.stats().waiting() > 0);
            run.cancel();
            runs.settle(run);
            assertThat(gate.stats().waiting()).isZero();
            assertThat(elsewhere).isNotNull();
        }
        assertThat(gate.available()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    void itemThatTakesTooLongFailsAndIsInterrupted(Shape shape) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(50)))
                .stage(
                        "a",
                        i -> {
                            if (i == 7) {
                                never.await();
                            }
                            return i;
                        },
                        shape.options(s -> s.timeLimit(Duration.ofMillis(20)).onError(OnError.skip())))
                .collect(Collectors.toList()));
        assertThat(run.await()).doesNotContain(7);
        assertThat(run.stats().stages().get(1).skipped()).isGreaterThanOrEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void functionThatDoesNotHeedTheInterruptFailsWhenItReturns(ThreadKind kind) {
        AtomicInteger done = new AtomicInteger();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(upTo(1)))
                .stage(
                        "a",
                        i -> {
                            while (!Thread.interrupted()) {
                                Thread.onSpinWait();
                            }
                            return done.incrementAndGet();
                        },
                        s -> s.timeLimit(Duration.ofMillis(1)))
                .forEach("b", i -> {}));
        assertThatThrownBy(run::await)
                .isInstanceOf(PipelineException.class)
                .hasRootCauseInstanceOf(TimeoutException.class)
                .hasRootCauseMessage("stage 'a': the item took longer than PT0.001S");
        assertThat(done).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 41: nothing stays in flight that is tried again, skipped or takes too long")
    // The full number of rounds takes minutes.
    @Timeout(1200)
    void nothingStaysInFlight(Shape shape) throws InterruptedException {
        int n = Rounds.of(100_000);
        Set<Integer> tried = ConcurrentHashMap.newKeySet();
        PipelineRun<List<Integer>> run = runs.start(shape.threads(Pipeline.from(upTo(n)))
                .stage(
                        "a",
                        i -> {
                            if (i % 4 == 1 && tried.add(i) || i % 4 == 2) {
                                throw new IOException();
                            }
                            if (i % 500 == 3) {
                                new CountDownLatch(1).await();
                            }
                            return i;
                        },
                        // So small that what stayed in it would stop the stage.
                        shape.options(s -> s.window(5)
                                .retry(Retry.times(1))
                                .timeLimit(Duration.ofMillis(20))
                                .onError(OnError.skip())))
                .collect(Collectors.toList()));
        assertThat(run.await()).filteredOn(i -> i % 4 == 2).isEmpty();
        StageStats stage = run.stats().stages().get(1);
        assertThat(stage.inFlight()).isZero();
        assertThat(stage.completed() + stage.skipped()).isEqualTo(n);
        assertThat(stage.retried()).isGreaterThanOrEqualTo(n / 2);
    }

    @Test
    void refusesALimitOfNothing() {
        assertThatThrownBy(() -> Pipeline.from(upTo(1)).stage("a", i -> i, s -> s.timeLimit(Duration.ZERO)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("limit must be more than zero but was PT0S");
    }

    @Test
    @DisplayName(
            "promise 4: the interrupt of a passed time limit does not outlive the item, though its function did not use it up")
    void interruptOfATimeLimitIsTakenBack() {
        TimeLimit limit = new TimeLimit("a", 1_000_000);
        assertThatThrownBy(() -> limit.call(
                        i -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.yield();
                            }
                            return i;
                        },
                        1))
                .isInstanceOf(TimeoutException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @DisplayName("what a function throws in time is what its item fails with")
    void whatIsThrownInTimeIsNotTouched() {
        TimeLimit limit = new TimeLimit("a", TimeUnit.HOURS.toNanos(1));
        IOException thrown = new IOException();
        assertThatThrownBy(() -> limit.call(
                        i -> {
                            throw thrown;
                        },
                        1))
                .isSameAs(thrown);
        assertThat(thrown.getSuppressed()).isEmpty();
        limit.close();
    }

    @Test
    @DisplayName("what a function throws for the interrupt of a time limit is attached to the failure of its item")
    void whatIsThrownTooLateIsAttached() {
        TimeLimit limit = new TimeLimit("a", 1_000_000);
        assertThatThrownBy(() -> limit.call(
                        i -> {
                            new CountDownLatch(1).await();
                            return i;
                        },
                        1))
                .isInstanceOf(TimeoutException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(InterruptedException.class));
    }

    @Test
    @DisplayName("an item has all of its time, however long the one before it took")
    void eachItemHasItsWholeTime() throws Exception {
        long nanos = TimeUnit.MILLISECONDS.toNanos(40);
        TimeLimit limit = new TimeLimit("a", nanos);
        long first = System.nanoTime();
        try {
            limit.call(
                    i -> {
                        while (System.nanoTime() - first < nanos / 2) {
                            Thread.onSpinWait();
                        }
                        return i;
                    },
                    1);
        } catch (TimeoutException e) {
            // A machine may be so slow that its time has passed; what is said of the next one holds all the same.
            assertThat(System.nanoTime() - first).isGreaterThanOrEqualTo(nanos);
        }
        long second = System.nanoTime();
        assertThatThrownBy(() -> limit.call(
                        i -> {
                            new CountDownLatch(1).await();
                            return i;
                        },
                        2))
                .isInstanceOf(TimeoutException.class);
        assertThat(System.nanoTime() - second).isGreaterThanOrEqualTo(nanos);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("a worker that waits for a permit is blocked as long as it does")
    void whoWaitsForAPermitIsBlocked(ThreadKind kind) throws Exception {
        Gate gate = Gate.of(1);
        Meter meter = new Meter();
        meter.begin();
        Attempt attempt = new Attempt(new StageOptions<>().gate(gate).settings(), "a", meter);
        try (Crew crew = new Crew(kind)) {
            Crew.Member<Integer> worker;
            try (Permit permit = gate.acquire()) {
                worker = crew.start(() -> attempt.call(i -> i, 1));
                worker.awaitParked();
                assertThat(permit).isNotNull();
                assertThat(meter.isAtWork()).isFalse();
            }
            assertThat(worker.result()).isEqualTo(1);
            assertThat(meter.isAtWork()).isTrue();
            assertThat(meter.waited(Meter.Wait.BLOCKED, System.nanoTime())).isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    void limitLeavesNothingBehindWhenTheRunHasEnded(Kind kind) throws InterruptedException {
        WeakReference<String> name = runWithALongLimit(kind);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return name.refersTo(null);
        });
    }

    /** Gives the name of the stage as its run has it, which the limit knows, too. */
    private static WeakReference<String> runWithALongLimit(Kind kind) throws InterruptedException {
        try (kind;
                PipelineRun<?> run = kind.threads(Pipeline.from(upTo(3)))
                        .stage("limited", i -> i, kind.options(s -> s.timeLimit(Duration.ofHours(1))))
                        .forEach("sink", i -> {})
                        .start()) {
            run.await();
            return new WeakReference<>(run.stats().stages().get(1).name());
        }
    }
}
