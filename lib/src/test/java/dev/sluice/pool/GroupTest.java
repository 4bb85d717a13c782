package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Jobs, groups and feeds: the bulk of jobs whose results come out of one stream. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class GroupTest {
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void releaseAll() {
        release.countDown();
    }

    private static <T> List<Outcome<T>> read(Iterable<Outcome<T>> outcomes) {
        return StreamSupport.stream(outcomes.spliterator(), false).toList();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void outcomesComeInTheOrderOfTheEnds(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        CountDownLatch secondEnded = new CountDownLatch(1);
        try (TaskGroup<String> group = pool.group(OnFailure.COLLECT)) {
            group.submit(Job.<String>of("slow", () -> {
                        secondEnded.await();
                        return "a";
                    })
                    .type("letter")
                    .metadata(Map.of("position", 1)));
            assertThat(group.submit(Job.of("quick", () -> "b")).get(10, TimeUnit.SECONDS))
                    .isEqualTo("b");
            List<Outcome<String>> seen = new ArrayList<>();
            for (Outcome<String> outcome : group.outcomes()) {
                seen.add(outcome);
                secondEnded.countDown();
            }
            assertThat(seen).extracting(outcome -> outcome.job().id()).containsExactly("quick", "slow");
            assertThat(seen).extracting(Outcome::orElseThrow).containsExactly("b", "a");
            assertThat(seen.get(1).job().type()).isEqualTo("letter");
            assertThat(seen.get(1).job().metadata()).containsEntry("position", 1);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 6: at width one the outcomes come in the order of submission")
    void widthOneGivesOutcomesInOrder(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        int tasks = Rounds.of(50_000);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
            for (int i = 0; i < tasks; i++) {
                int number = i;
                group.submit(() -> number);
            }
            assertThat(read(group.outcomes()))
                    .extracting(Outcome::orElseThrow)
                    .isEqualTo(IntStream.range(0, tasks).boxed().toList());
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void collectReportsEveryKindOfEnd(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1, OnFull.DROP_NEWEST);
        TaskGroup<Integer> group = pool.group(OnFailure.COLLECT);
        CountDownLatch running = new CountDownLatch(1);
        TaskHandle<Integer> cancelled = group.submit(() -> {
            running.countDown();
            new CountDownLatch(1).await();
            return 1;
        });
        running.await();
        if (!kind.gated()) {
            group.submit(() -> {
                throw new IllegalStateException("broken");
            });
        }
        group.submit(() -> 3);
        cancelled.cancel(true);
        List<Outcome<Integer>> outcomes = read(group.outcomes());
        assertThat(outcomes).hasSize(kind.gated() ? 2 : 3);
        assertThat(outcomes).hasAtLeastOneElementOfType(Outcome.Cancelled.class);
        assertThat(outcomes).hasAtLeastOneElementOfType(Outcome.Dropped.class);
        if (!kind.gated()) {
            assertThat(outcomes).hasAtLeastOneElementOfType(Outcome.Failure.class);
        }
        assertThat(outcomes).allSatisfy(outcome -> {
            assertThat(outcome.isSuccess()).isFalse();
            assertThatThrownBy(outcome::orElseThrow)
                    .isInstanceOfAny(CompletionException.class, CancellationException.class);
            assertThat(outcome.<String>fold(value -> "value", other -> "none")).isEqualTo("none");
        });
        group.close();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void joinThrowsTheFirstFailureWithTheOthersSuppressed(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
            for (int i = 0; i < 3; i++) {
                int number = i;
                group.submit(() -> {
                    throw new IllegalStateException("number " + number);
                });
            }
            assertThatThrownBy(group::join)
                    .isInstanceOf(ExecutionException.class)
                    .satisfies(thrown -> {
                        assertThat(thrown.getCause()).hasMessage("number 0");
                        assertThat(thrown.getSuppressed())
                                .extracting(Throwable::getMessage)
                                .containsExactly("number 1", "number 2");
                    });
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void joinSuppressesThe32FailuresAfterTheFirst(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 64);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
            for (int i = 0; i < 40; i++) {
                group.submit(failing(i));
            }
            assertThatThrownBy(group::join)
                    .hasCause(new IllegalStateException("number 0"))
                    .satisfies(thrown -> assertThat(thrown.getSuppressed())
                            .extracting(Throwable::getMessage)
                            .containsExactlyElementsOf(IntStream.rangeClosed(1, 32)
                                    .mapToObj(number -> "number " + number)
                                    .toList()));
        }
        assertCloses(pool);
    }

    private static Callable<Integer> failing(int number) {
        return () -> {
            throw new IllegalStateException("number " + number);
        };
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("failures that neither outcomes nor join has shown are logged when the group is closed, and no others")
    void unseenFailuresAreLogged(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 8).name("logged").build();
        assertThat(logOf(pool, group -> {}))
                .contains("logged: a group was closed with 2 failure(s)")
                .contains("IllegalStateException: number 0");
        assertThat(logOf(pool, group -> group.outcomes().iterator().next())).contains("with 1 failure(s)");
        assertThat(logOf(pool, group -> read(group.outcomes()))).isEmpty();
        assertThat(logOf(pool, group -> assertThatThrownBy(group::join).hasMessageContaining("number 0")))
                .isEmpty();
        assertCloses(pool);
    }

    /** What is logged when two members have failed, and one has not, and the group is closed after the action. */
    private static String logOf(WorkerPool pool, ThrowingConsumer<TaskGroup<Integer>> action) {
        PrintStream err = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
            group.submit(failing(0));
            group.submit(() -> 1);
            group.submit(failing(1));
            action.accept(group);
        } finally {
            System.setErr(err);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a deadline that passes when everything has ended is a failure only for those who come later")
    void deadlineAfterTheEndIsNoFailure(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        try (Group<Integer> group = (Group<Integer>) pool.<Integer>group(OnFailure.COLLECT)) {
            group.submit(() -> 1);
            group.join();
            group.expireAfter(Duration.ZERO);
            group.join();
            assertThat(group.submit(() -> 2).isCancelled()).isTrue();
            assertThatThrownBy(group::join).hasCauseInstanceOf(TimeoutException.class);
            assertThat(read(group.outcomes())).hasSize(2);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void failFastCancelsTheOthersAndThoseThatCome(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        try (TaskGroup<Integer> group = pool.group(OnFailure.FAIL_FAST)) {
            CountDownLatch running = new CountDownLatch(1);
            TaskHandle<Integer> sibling = group.submit(() -> {
                running.countDown();
                new CountDownLatch(1).await();
                return 1;
            });
            running.await();
            group.submit(() -> {
                throw new IllegalStateException("first");
            });
            assertThatThrownBy(group::join).hasCause(new IllegalStateException("first"));
            assertThat(sibling.isCancelled()).isTrue();
            TaskHandle<Integer> late = group.submit(() -> 2);
            assertThat(late.isCancelled()).isTrue();
        }
        assertThat(assertCloses(pool).cancelled()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 14: a submit that waits for room in a failed group returns, cancelled")
    void submitBlockedInAFailedGroupReturns(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        pool.execute(() -> {
            running.countDown();
            Uninterruptibly.await(release);
        });
        running.await();
        try (TaskGroup<Integer> group = pool.group(OnFailure.FAIL_FAST);
                Crew crew = new Crew(kind.threads())) {
            if (!kind.gated()) {
                pool.execute(() -> {});
            }
            Crew.Member<TaskHandle<Integer>> submitter =
                    crew.start(() -> group.submit(() -> 1)).awaitParked();
            group.cancel();
            assertThat(submitter.result().isCancelled()).isTrue();
            assertThat(pool.stats().waiting()).isZero();
        }
        release.countDown();
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("scenario 15: groups of no task and of one behave as groups of many")
    void emptyAndSingleGroups(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        for (OnFailure onFailure : OnFailure.values()) {
            for (int size = 0; size <= 1; size++) {
                try (TaskGroup<Integer> group = pool.group(onFailure, LONG)) {
                    IntStream.range(0, size).forEach(i -> group.submit(() -> i));
                    group.join();
                    assertThat(read(group.outcomes())).hasSize(size);
                    assertThat(group.outcomes().iterator().hasNext()).isFalse();
                    assertThatThrownBy(() -> group.outcomes().iterator().next())
                            .isInstanceOf(NoSuchElementException.class);
                }
                TaskGroup<Integer> stopped = pool.group(onFailure, Duration.ZERO);
                for (int i = 0; i < size; i++) {
                    TaskHandle<Integer> late = stopped.submit(() -> {
                        new CountDownLatch(1).await();
                        return 1;
                    });
                    assertThatThrownBy(() -> late.get(30, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
                }
                stopped.close();
            }
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void deadlineCancelsWhatHasNotEnded(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT, Duration.ofMillis(50))) {
            TaskHandle<Integer> endless = group.submit(() -> {
                new CountDownLatch(1).await();
                return 1;
            });
            assertThatThrownBy(group::join)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TimeoutException.class);
            assertThat(endless.isCancelled()).isTrue();
            assertThat(read(group.outcomes())).singleElement().isInstanceOf(Outcome.Cancelled.class);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void closeWaitsForTheRealEndOfEveryTask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(4, 8);
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch running = new CountDownLatch(3);
        CountDownLatch release = new CountDownLatch(1);
        TaskGroup<Integer> group = pool.group(OnFailure.COLLECT);
        for (int i = 0; i < 3; i++) {
            group.submit(() -> {
                running.countDown();
                Uninterruptibly.await(release);
                return ended.incrementAndGet();
            });
        }
        running.await();
        group.cancel();
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Integer> closer = crew.start(() -> {
                        group.close();
                        return ended.get();
                    })
                    .awaitParked();
            release.countDown();
            assertThat(closer.result()).isEqualTo(3);
        }
        assertThatThrownBy(() -> group.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a join ends with the outcomes, though a cancelled member still runs")
    void joinDoesNotWaitForTheRealEnd(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        CountDownLatch running = new CountDownLatch(1);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT);
                Crew crew = new Crew(kind.threads())) {
            group.submit(() -> {
                running.countDown();
                Uninterruptibly.await(release);
                return 1;
            });
            running.await();
            try {
                Crew.Member<Void> joiner = crew.run(group::join).awaitParked();
                group.cancel();
                joiner.result();
            } finally {
                release.countDown(); // before the group is closed
            }
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a join does not wait for a member that the pool has refused")
    void refusedMemberEndsTheJoin(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        PoolKind.fill(pool, release);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT);
                Crew crew = new Crew(kind.threads())) {
            Crew.Member<Void> submitter = crew.run(() ->
                    assertThatThrownBy(() -> group.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class));
            await().until(() -> pool.stats().waiting() == 1);
            Crew.Member<Void> joiner = crew.run(group::join).awaitParked();
            pool.shutdown();
            submitter.result();
            joiner.result();
        }
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void interruptedReaderIsToldAndCloseCancels(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Boolean> reader = crew.start(() -> {
                        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
                            group.submit(() -> {
                                new CountDownLatch(1).await();
                                return 1;
                            });
                            assertThatThrownBy(() -> group.outcomes().iterator().hasNext())
                                    .isInstanceOf(CancellationException.class)
                                    .hasCauseInstanceOf(InterruptedException.class);
                        }
                        return Thread.interrupted();
                    })
                    .awaitParked();
            reader.interrupt();
            assertThat(reader.result()).isTrue();
        }
        assertThat(assertCloses(pool).cancelled()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void membersMaySubmitMembers(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 2);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT)) {
            group.submit(() -> spread(group, 6));
            assertThat(read(group.outcomes())).hasSize(127);
        }
        assertCloses(pool);
    }

    private static int spread(TaskGroup<Integer> group, int depth) {
        if (depth > 0) {
            group.submit(() -> spread(group, depth - 1));
            group.submit(() -> spread(group, depth - 1));
        }
        return depth;
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("promise 1: a feed takes the next job only as outcomes are read")
    void feedTakesJobsOnlyAsOutcomesAreRead(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 64);
        AtomicInteger taken = new AtomicInteger();
        Iterable<Job<Integer>> endless = () -> IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> {
                    taken.incrementAndGet();
                    return Job.<Integer>of(i, () -> i * i);
                })
                .iterator();
        int read = 0;
        try (Outcomes<Integer> outcomes = pool.outcomes(endless)) {
            for (Outcome<Integer> outcome : outcomes) {
                assertThat(outcome.orElseThrow())
                        .isEqualTo(
                                (int) outcome.job().id() * (int) outcome.job().id());
                assertThat(taken.get() - read).isLessThanOrEqualTo(2 * 2 + 1);
                if (++read == Rounds.of(50_000)) {
                    break;
                }
            }
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void feedGivesEveryOutcomeOnceWhateverThePolicy(PoolKind kind) throws Exception {
        for (OnFull policy : kind.policies()) {
            WorkerPool pool = kind.pool(2, 1, policy);
            List<Job<Integer>> jobs = IntStream.range(0, 500)
                    .mapToObj(i -> Job.<Integer>of(i, () -> i))
                    .toList();
            try (Outcomes<Integer> outcomes = pool.outcomes(jobs)) {
                assertThat(read(outcomes))
                        .hasSize(500)
                        .allSatisfy(outcome -> assertThat(outcome.isSuccess()).isTrue());
                assertThatThrownBy(outcomes::iterator).isInstanceOf(IllegalStateException.class);
            }
            assertThat(assertCloses(pool).succeeded()).isEqualTo(500);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void feedClosedEarlyCancelsWhatIsInFlight(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        List<Job<Integer>> jobs = List.of(
                Job.of(1, () -> 1),
                Job.of(2, () -> {
                    new CountDownLatch(1).await();
                    return 2;
                }),
                Job.of(3, () -> 3));
        try (Outcomes<Integer> outcomes = pool.outcomes(jobs)) {
            assertThat(outcomes.iterator().next().job().id()).isEqualTo(1);
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void readerOfAClosedFeedIsToldOnce(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 4);
        Iterable<Job<Integer>> endless = () -> IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> Job.<Integer>of(i, () -> i))
                .iterator();
        Outcomes<Integer> outcomes = pool.outcomes(endless);
        Iterator<Outcome<Integer>> iterator = outcomes.iterator();
        assertThat(iterator.next().orElseThrow()).isZero();
        outcomes.close();
        assertThatThrownBy(() -> iterator.forEachRemaining(outcome -> {}))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("closed");
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("the reader of a feed waits for room in a pool that is full of other work, whatever the policy")
    void readerOfAFeedWaitsForRoom(PoolKind kind) throws Exception {
        for (OnFull policy : kind.policies()) {
            WorkerPool pool = kind.pool(1, 1, policy);
            CountDownLatch stop = new CountDownLatch(1);
            PoolKind.fill(pool, stop);
            List<Job<Integer>> jobs = List.of(Job.of(1, () -> 1), Job.of(2, () -> 2));
            try (Crew crew = new Crew(kind.threads())) {
                Crew.Member<List<Outcome<Integer>>> reader = crew.start(() -> {
                    try (Outcomes<Integer> outcomes = pool.outcomes(jobs)) {
                        return read(outcomes);
                    }
                });
                try {
                    await().until(() -> pool.stats().waiting() == 1);
                } finally {
                    stop.countDown();
                }
                assertThat(reader.result()).extracting(Outcome::orElseThrow).containsExactly(1, 2);
            }
            assertCloses(pool);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void closingAFeedWaitsForTheRealEndOfWhatIsInFlight(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        CountDownLatch running = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        List<Job<Integer>> jobs = List.of(
                Job.of(1, () -> {
                    running.await();
                    return 1;
                }),
                Job.of(2, () -> {
                    running.countDown();
                    Uninterruptibly.await(release);
                    return ended.incrementAndGet();
                }));
        Outcomes<Integer> outcomes = pool.outcomes(jobs);
        assertThat(outcomes.iterator().next().isSuccess()).isTrue();
        try (Crew crew = new Crew(kind.threads())) {
            Crew.Member<Integer> closer = crew.start(() -> {
                        outcomes.close();
                        return ended.get();
                    })
                    .awaitParked();
            release.countDown();
            assertThat(closer.result()).isEqualTo(1);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void feedIsNotAskedWhileAnOutcomeIsReady(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(4, 8);
        Group<Integer> group = new Group<>(pool, OnFailure.COLLECT);
        AtomicInteger taken = new AtomicInteger();
        Iterator<Job<Integer>> jobs = IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> {
                    taken.incrementAndGet();
                    if (i == 1) {
                        await().until(group::hasOutcome);
                    }
                    return Job.<Integer>of(i, () -> {
                        new CountDownLatch(i == 0 ? 0 : 1).await();
                        return i;
                    });
                })
                .iterator();
        try (Outcomes<Integer> outcomes = new Feed<>(pool, jobs, group)) {
            assertThat(outcomes.iterator().next().orElseThrow()).isZero();
            assertThat(taken.get()).isLessThanOrEqualTo(2);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void feedGivesWhatIsReadyBeforeItAsksForMore(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 4);
        CountDownLatch read = new CountDownLatch(1);
        Iterator<Job<Integer>> dependent = new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                if (next == 2) {
                    Uninterruptibly.await(read); // as a crawler does that lives on what it has read
                }
                return next < 4;
            }

            @Override
            public Job<Integer> next() {
                int number = next++;
                CountDownLatch first = number == 1 ? read : new CountDownLatch(0);
                return Job.of(number, () -> {
                    first.await();
                    return number;
                });
            }
        };
        List<Integer> seen = new ArrayList<>();
        pool.submit(() -> 0).get();
        try (Outcomes<Integer> outcomes = pool.outcomes(() -> dependent);
                Crew crew = new Crew(kind.threads())) {
            // The feed blocks the reader until the first outcome is ready; the next question then does not reach it.
            crew.run(() -> {
                await().until(() -> pool.stats().succeeded() == 2);
                read.countDown();
            });
            for (Outcome<Integer> outcome : outcomes) {
                seen.add(outcome.orElseThrow());
            }
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void feedThatThrowsIsToldAfterWhatWasInFlight(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(2, 8);
        Iterable<Job<Integer>> broken = () -> IntStream.range(0, 10)
                .mapToObj(i -> {
                    if (i == 3) {
                        throw new IllegalStateException("the feed broke");
                    }
                    return Job.<Integer>of(i, () -> i);
                })
                .iterator();
        List<Integer> seen = new ArrayList<>();
        try (Outcomes<Integer> outcomes = pool.outcomes(broken)) {
            Iterator<Outcome<Integer>> iterator = outcomes.iterator();
            assertThatThrownBy(() -> iterator.forEachRemaining(outcome -> seen.add(outcome.orElseThrow())))
                    .hasMessage("the feed broke");
            assertThat(iterator.hasNext()).isFalse();
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 1, 2);
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void feedWithADeadlineEndsAndSaysSo(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.pool(2, 8);
        CountDownLatch secondRuns = new CountDownLatch(1);
        Iterable<Job<Integer>> endless = () -> IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> Job.<Integer>of(i, () -> {
                    if (i > 0) {
                        secondRuns.countDown();
                        new CountDownLatch(1).await();
                    }
                    secondRuns.await();
                    return i;
                }))
                .iterator();
        List<Outcome<Integer>> seen = new ArrayList<>();
        Group<Integer> group = new Group<>(pool, OnFailure.COLLECT);
        try (Outcomes<Integer> outcomes = new Feed<>(pool, endless.iterator(), group)) {
            Iterator<Outcome<Integer>> iterator = outcomes.iterator();
            assertThat(iterator.next().isSuccess()).isTrue();
            group.expireAfter(Duration.ZERO);
            assertThatThrownBy(() -> iterator.forEachRemaining(seen::add))
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(TimeoutException.class);
        }
        assertThat(seen).isNotEmpty().allMatch(Outcome.Cancelled.class::isInstance);
        try (Outcomes<Integer> outcomes = pool.outcomes(() -> endless.iterator(), Duration.ofMillis(1))) {
            assertThatThrownBy(() -> outcomes.forEach(outcome -> {})).hasCauseInstanceOf(TimeoutException.class);
        }
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void deadlineThatPassesBeforeASubmitIsReported(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8);
        try (TaskGroup<Integer> group = pool.group(OnFailure.COLLECT, Duration.ZERO)) {
            group.join();
            assertThat(group.submit(() -> 1).isCancelled()).isTrue();
            assertThatThrownBy(group::join).hasCauseInstanceOf(TimeoutException.class);
        }
        assertCloses(pool);
    }
}
