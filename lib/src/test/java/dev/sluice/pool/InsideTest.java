package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.internal.Clock;
import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.spi.MDCAdapter;

/** What a pool shows of itself: times, events, tasks that are stuck; and what it carries from submitter to task. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class InsideTest {
    private final CountDownLatch release = new CountDownLatch(1);

    @TempDir
    Path folder;

    @AfterEach
    void releaseAll() {
        release.countDown();
    }

    // ---- times ---------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("exact timings have every task in them, and its time")
    void exactTimingsMeasureEveryTask(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 100).exactTimings().build();
        for (int i = 0; i < 20; i++) {
            pool.execute(() -> {});
            pool.submit(() -> 1).get(30, TimeUnit.SECONDS);
        }
        pool.submit(() -> new CountDownLatch(1).await(30, TimeUnit.MILLISECONDS))
                .get(30, TimeUnit.SECONDS);
        TaskHandle<Integer> waited = pool.submit(() -> 1);
        waited.get(30, TimeUnit.SECONDS);
        PoolStats stats = assertCloses(pool);
        assertThat(stats.runTime().samples()).isEqualTo(42);
        assertThat(stats.queueWait().samples()).isEqualTo(42);
        assertThat(stats.runTime().max()).isGreaterThanOrEqualTo(Duration.ofMillis(30));
        assertThat(stats.runTime().p50()).isLessThanOrEqualTo(stats.runTime().p99());
        assertThat(stats.runTime().p99()).isLessThanOrEqualTo(stats.runTime().max());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("one task in 64 is measured, and that with the time that it was queued")
    void oneTaskIn64IsMeasured(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 1000).build();
        CountDownLatch waited = new CountDownLatch(1);
        pool.execute(() -> {
            try {
                waited.await(30, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        for (int i = 1; i < 640; i++) {
            pool.execute(() -> {});
        }
        assertThat(pool.awaitIdle(LONG)).isTrue();
        PoolStats stats = assertCloses(pool);
        assertThat(stats.runTime().samples()).isBetween(9L, 11L);
        assertThat(stats.queueWait().samples()).isEqualTo(stats.runTime().samples());
        if (!kind.gated()) {
            assertThat(stats.runTime().max()).isGreaterThanOrEqualTo(Duration.ofMillis(30));
            assertThat(stats.queueWait().p50()).isGreaterThanOrEqualTo(Duration.ofMillis(15));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("the wait for room is not time in the queue")
    void timeInTheQueueBeginsWithAcceptance(PoolKind kind) {
        for (OnFull policy : List.of(OnFull.BLOCK, OnFull.DROP_OLDEST)) {
            QueuedPool pool = (QueuedPool)
                    kind.builder(1, 1).onFull(policy).exactTimings().build();
            pool.submit(() -> release.await(60, TimeUnit.SECONDS));
            await().until(() -> pool.stats().running() == 1);
            if (policy == OnFull.DROP_OLDEST) {
                pool.execute(() -> {}); // takes the only place
            }
            Task<Integer> task = Task.of(pool, () -> 1, TaskListener.NONE);
            long made = task.submitted();
            await().until(() -> System.nanoTime() - made > 0);
            pool.admit(task);
            assertThat(task.submitted() - made).isPositive();
            pool.shutdownNow();
            assertCloses(pool);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    void droppedTasksDoNotUseUpTheSamples(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 8, OnFull.DROP_OLDEST);
        pool.execute(() -> Uninterruptibly.await(release));
        await().until(() -> pool.stats().running() == 1);
        for (int i = 0; i < 65 * 64; i++) {
            pool.execute(() -> {});
        }
        release.countDown();
        assertThat(pool.awaitIdle(LONG)).isTrue();
        long before = pool.stats().queueWait().samples();
        for (int i = 0; i < 4 * 64; i++) {
            pool.submit(() -> 1).get(30, TimeUnit.SECONDS);
        }
        assertThat(assertCloses(pool).queueWait().samples() - before).isEqualTo(4);
    }

    @Test
    void histogramIsTooHighByAnEighthAtMost() {
        for (long nanos = 0; nanos < 5_000; nanos++) {
            assertBucketHolds(nanos);
        }
        for (int bit = 10; bit < 63; bit++) {
            for (long off = -3; off <= 3; off++) {
                assertBucketHolds((1L << bit) + off);
            }
        }
        assertBucketHolds(Long.MAX_VALUE);
    }

    private static void assertBucketHolds(long nanos) {
        int bucket = Histogram.bucket(nanos);
        assertThat(Histogram.highest(bucket)).isBetween(nanos, Math.max(nanos, nanos + nanos / 8));
        assertThat(bucket == 0 ? -1 : Histogram.highest(bucket - 1)).isLessThan(nanos);
    }

    @Test
    void percentilesAreThoseOfWhatWasRecorded() {
        Histogram histogram = new Histogram();
        assertThat(histogram.timing()).isEqualTo(new PoolStats.Timing(0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        for (int i = 1; i <= 100; i++) {
            histogram.record(1_000L * i);
        }
        PoolStats.Timing timing = histogram.timing();
        assertThat(timing.samples()).isEqualTo(100);
        assertThat(timing.p50().toNanos()).isBetween(50_000L, 56_250L);
        assertThat(timing.p99().toNanos()).isBetween(99_000L, 100_000L);
        assertThat(timing.max().toNanos()).isEqualTo(100_000L);
    }

    // ---- events --------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("the Flight Recorder gets runs and queue waits when asked, and nothing by default")
    void flightRecorderGetsEventsWhenAsked(PoolKind kind) throws Exception {
        try (Recording byDefault = new Recording();
                Recording asked = new Recording()) {
            byDefault.start();
            WorkerPool pool = kind.builder(1, 8).name("recorded").build();
            pool.submit(Job.of("before", () -> 1)).get(30, TimeUnit.SECONDS);
            assertThat(pool.awaitIdle(LONG)).isTrue();
            byDefault.stop();
            asked.enable("dev.sluice.TaskRun").withoutThreshold();
            asked.enable("dev.sluice.QueueWait").withoutThreshold();
            asked.start();
            pool.submit(Job.of("first", () -> 1)).get(30, TimeUnit.SECONDS);
            pool.execute(() -> {});
            pool.lane("a").execute(() -> {});
            assertCloses(pool);
            asked.stop();

            assertThat(ours(byDefault)).isEmpty();
            List<RecordedEvent> events = ours(asked);
            assertThat(events).allMatch(event -> event.getString("pool").equals("recorded"));
            assertThat(events)
                    .filteredOn(event -> event.getEventType().getName().equals("dev.sluice.TaskRun"))
                    .hasSize(3)
                    .anyMatch(event -> event.getString("task").equals("first"));
            assertThat(events)
                    .filteredOn(event -> event.getEventType().getName().equals("dev.sluice.QueueWait"))
                    .hasSize(3)
                    .allMatch(event -> event.getLong("waited") >= 0);
        }
    }

    private List<RecordedEvent> ours(Recording recording) throws Exception {
        Path file = folder.resolve(recording.getId() + ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("dev.sluice."))
                .toList();
    }

    // ---- stuck tasks ---------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("a task that runs for too long is logged once, with its name and its stack, and not by the clock")
    void stuckTaskIsLoggedOnce(PoolKind kind) throws Exception {
        PrintStream err = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            WorkerPool pool = kind.builder(2, 8)
                    .name("watched")
                    .stuckAfter(Duration.ofMillis(40))
                    .build();
            TaskHandle<?> stuck = pool.submit(Job.of("the stuck one", () -> {
                stuckHere();
                return 1;
            }));
            await().atMost(LONG)
                    .until(() -> log.toString(StandardCharsets.UTF_8).contains("InsideTest.stuckHere"));
            AtomicBoolean byTheClock = new AtomicBoolean();
            Object name = new Object() {
                @Override
                public String toString() {
                    byTheClock.compareAndSet(false, Clock.isCaller());
                    return "the second";
                }
            };
            TaskHandle<?> bare = pool.submit(Job.of(name, () -> {
                stuckHere();
                return 1;
            }));
            await().atMost(LONG)
                    .until(() -> log.toString(StandardCharsets.UTF_8).contains("the second"));
            assertThat(byTheClock)
                    .as("the user's code runs in the clock's thread")
                    .isFalse();
            release.countDown();
            stuck.get(30, TimeUnit.SECONDS);
            bare.get(30, TimeUnit.SECONDS);
            assertCloses(pool);
        } finally {
            System.setErr(err);
        }
        String logged = log.toString(StandardCharsets.UTF_8);
        assertThat(logged)
                .contains("watched: task the stuck one of watched (RUNNING) has been running for more than PT0.04S");
        assertThat(logged).contains("InsideTest.stuckHere");
        assertThat(logged.split("task the stuck one", -1)).as("once").hasSize(2);
    }

    private void stuckHere() throws InterruptedException {
        assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void watchCanBeSwitchedOff(PoolKind kind) throws Exception {
        BasePool pool = (BasePool) kind.builder(1, 1).stuckAfter(Duration.ZERO).build();
        assertThat(pool.settings.stuckAfter()).isNull();
        pool.submit(() -> 1).get(30, TimeUnit.SECONDS);
        assertCloses(pool);
        assertThatThrownBy(() -> kind.builder(1, 1).stuckAfter(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ---- decorators ----------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void decoratorsRunInTheSubmitterAndRoundTheTask(PoolKind kind) throws Exception {
        List<String> log = new ArrayList<>();
        WorkerPool pool = kind.builder(1, 8)
                .decorate(task -> {
                    log.add("inner for " + Thread.currentThread().getName());
                    return () -> {
                        log.add("inner begins");
                        return task.call();
                    };
                })
                .decorate(task -> () -> {
                    log.add("outer begins");
                    try {
                        return task.call();
                    } finally {
                        log.add("outer ends");
                    }
                })
                .build();
        Job<Integer> job = Job.of("mine", () -> 7);
        TaskHandle<Integer> handle = pool.submit(job);
        assertThat(handle.get(30, TimeUnit.SECONDS)).isEqualTo(7);
        assertThat(handle.job()).isSameAs(job);
        assertThat(handle).asString().contains("task mine of");
        assertThat(log)
                .containsExactly(
                        "inner for " + Thread.currentThread().getName(), "outer begins", "inner begins", "outer ends");
        log.clear();
        pool.execute(() -> log.add("the work"));
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(log).containsSubsequence("outer begins", "inner begins", "the work", "outer ends");
        assertThat(pool.submit(() -> {}, "given").get(30, TimeUnit.SECONDS)).isEqualTo("given");
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#queued")
    @DisplayName("promise 7: shutdownNow gives back what was submitted, without its decoration")
    void shutdownNowGivesBackTheUndecorated(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(1, 8).decorate(task -> task::call).build();
        CountDownLatch begun = new CountDownLatch(1);
        pool.submit(() -> {
            begun.countDown();
            return release.await(30, TimeUnit.SECONDS);
        });
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        Runnable bare = () -> {};
        Runnable submitted = () -> {};
        pool.execute(bare);
        pool.submit(submitted);
        assertThat(pool.shutdownNow()).containsExactly(bare, submitted);
        release.countDown();
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("the job of a task is what was submitted, with its number for an id, and without its decoration")
    void jobOfATaskIsWhatWasSubmitted(PoolKind kind) throws Exception {
        for (boolean decorated : new boolean[] {false, true}) {
            WorkerPool.Builder builder = kind.builder(4, 8);
            WorkerPool pool = (decorated
                            ? builder.decorate(task -> () -> {
                                task.call();
                                return null;
                            })
                            : builder)
                    .build();
            AtomicInteger ran = new AtomicInteger();
            TaskHandle<?> runnable = pool.submit(() -> {
                ran.incrementAndGet();
            });
            assertThat(runnable.get(30, TimeUnit.SECONDS)).isNull();
            assertThat(runnable.job().work().call()).isNull();
            assertThat(ran).hasValue(2);
            TaskHandle<Integer> callable = pool.submit(ran::incrementAndGet);
            callable.get(30, TimeUnit.SECONDS);
            assertThat(callable.job().work().call()).isEqualTo(4);
            assertThat(callable.job().id()).isEqualTo(callable.job().id()).isEqualTo(2L);
            assertThat(runnable.job().id()).isEqualTo(1L);
            Job<Integer> job = Job.of("mine", ran::incrementAndGet);
            assertThat(pool.submit(job).job()).isSameAs(job);
            assertCloses(pool);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void decoratorThatThrowsRefusesTheTask(PoolKind kind) {
        WorkerPool pool = kind.builder(1, 8)
                .decorate(task -> {
                    throw new IllegalStateException("no context");
                })
                .build();
        assertThatThrownBy(() -> pool.submit(() -> 1)).hasMessage("no context");
        assertThatThrownBy(() -> pool.execute(() -> {})).hasMessage("no context");
        assertThat(assertCloses(pool).submitted()).isZero();
    }

    /** The tests' logger has no diagnostic context of its own. */
    private static void withDiagnosticContext(Crew.Action action) throws Exception {
        Field adapter = MDC.class.getDeclaredField("MDC_ADAPTER");
        adapter.setAccessible(true);
        MDCAdapter before = MDC.getMDCAdapter();
        adapter.set(null, new BasicMDCAdapter());
        try {
            action.run();
        } finally {
            adapter.set(null, before);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    @DisplayName("the diagnostic context of the submitter is that of its task, and of no other")
    void mdcGoesWithTheTask(PoolKind kind) throws Exception {
        withDiagnosticContext(() -> {
            WorkerPool pool = kind.builder(1, 8).propagateMdc().build();
            MDC.put("request", "17");
            TaskHandle<String> first = pool.submit(() -> MDC.get("request"));
            MDC.clear();
            TaskHandle<String> second = pool.submit(() -> String.valueOf(MDC.get("request")));
            assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("17");
            assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo("null");
            assertCloses(pool);
        });
    }

    @Test
    @DisplayName("a thread has its own diagnostic context back after a task, also after one that throws")
    void threadHasItsContextBack() throws Exception {
        withDiagnosticContext(() -> {
            Callable<?> seen = new MdcCarrier().decorate(() -> String.valueOf(MDC.get("request")));
            MDC.put("request", "17");
            Callable<?> fails = new MdcCarrier().decorate(() -> {
                throw new IllegalArgumentException(MDC.get("request"));
            });
            MDC.put("request", "of the thread");
            assertThat(seen.call()).isEqualTo("null");
            assertThat(MDC.get("request")).isEqualTo("of the thread");
            assertThatThrownBy(fails::call).hasMessage("17");
            assertThat(MDC.get("request")).isEqualTo("of the thread");
        });
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void idThatCannotBeNamedHarmsNobody(PoolKind kind) throws Exception {
        WorkerPool pool = kind.pool(1, 1);
        Object id = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException("of a user's id");
            }
        };
        TaskHandle<Integer> handle = pool.submit(Job.of(id, () -> 1));
        assertThat(handle.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(handle.toString()).contains("whose id throws " + IllegalStateException.class.getName());
        assertCloses(pool);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pool.PoolKind#all")
    void toStringSaysItsState(PoolKind kind) throws Exception {
        WorkerPool pool = kind.builder(2, 8).name("shown").build();
        pool.submit(() -> 1).get(30, TimeUnit.SECONDS);
        assertThat(pool.awaitIdle(LONG)).isTrue();
        assertThat(pool)
                .hasToString("WorkerPool[shown, open, 0 of 2 running, 0 of " + (kind.gated() ? 0 : 8)
                        + " queued, 0 submitters waiting]");
        TaskHandle<?> running = pool.submit(() -> Uninterruptibly.await(release));
        await().until(() -> pool.stats().running() == 1);
        pool.shutdown();
        assertThat(pool).asString().startsWith("WorkerPool[shown, shut down, 1 of 2 running, 0 of ");
        release.countDown();
        assertThat(running.awaitExit(LONG)).isTrue();
        assertCloses(pool);
        assertThat(pool).asString().contains("terminated");
    }
}
