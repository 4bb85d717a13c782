package dev.sluice.gate;

import static dev.sluice.gate.GateTest.assertAtRest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Crew;
import dev.sluice.testing.SmallMachine;
import dev.sluice.testing.ThreadKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What a gate tells of itself. */
@Timeout(180)
class GateWatchTest {
    private static Gate watched(int permits) {
        return Gate.builder().permits(permits).name("db").leakWatch(1).build();
    }

    @Test
    void namesTheHoldersAndWhereTheyCameIn() throws Exception {
        Gate gate = watched(4);
        Permit two = gate.acquire(2);
        assertThat(gate.holders()).singleElement().satisfies(holder -> {
            assertThat(holder.thread()).isEqualTo(Thread.currentThread().getName());
            assertThat(holder.weight()).isEqualTo(2);
            assertThat(holder.stack().get(0).getMethodName()).isEqualTo("namesTheHoldersAndWhereTheyCameIn");
            assertThat(holder).asString().contains("holds 2 for").contains("GateWatchTest");
        });
        gate.run(() -> assertThat(gate.holders()).hasSize(2));
        assertThat(gate.<Integer, RuntimeException>call(() -> gate.holders().size()))
                .isEqualTo(2);
        assertThat(gate.tryRun(() -> assertThat(gate.holders()).hasSize(2))).isTrue();
        assertThat(gate.drain(Duration.ZERO).holders()).hasSize(1);
        two.lend(() -> assertThat(gate.holders()).hasSize(1));
        assertThat(two.<String, RuntimeException>lend(() -> "done")).isEqualTo("done");
        assertThat(two).hasToString("Permit[2 of gate 'db', held]");
        two.lend(() -> {
            two.close();
            return null;
        });
        assertThat(gate.holders()).isEmpty();
        assertThat(gate.stats().holds().count()).isEqualTo(4);
        assertAtRest(gate);
    }

    @Test
    void anAsynchronousWaiterHoldsWhenItHasBeenGranted() throws Exception {
        Gate gate = watched(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> next = gate.acquireAsync(1, Runnable::run);
        assertThat(gate.holders()).hasSize(1);
        held.close();
        assertThat(gate.holders()).hasSize(1);
        next.get().close();
        assertThat(gate.holders()).isEmpty();
        assertThat(Gate.of(1).holders()).isEmpty();
    }

    @Test
    void permitThatTheExecutorRefusedHasNoHolder() throws Exception {
        Gate gate = watched(1);
        Permit held = gate.acquire();
        CompletableFuture<Permit> refused = gate.acquireAsync(1, task -> {
            throw new RejectedExecutionException("shut down");
        });
        held.close();
        assertThat(refused).isCompletedExceptionally();
        assertThat(gate.holders()).isEmpty();
        assertThat(gate.acquireAsync(1, task -> {
                    throw new RejectedExecutionException("shut down");
                }))
                .isCompletedExceptionally();
        assertThat(gate.holders()).isEmpty();
        assertThat(gate.stats().holds().count()).as("nobody held it").isEqualTo(1);
        assertAtRest(gate);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 26: a nested acquire on a gate of 1: the timed form says who holds it")
    void theTimedFormSaysWhoHoldsIt(ThreadKind kind) throws Exception {
        Gate gate = watched(1);
        AtomicReference<String> thread = new AtomicReference<>();
        String log = logOf(() -> {
            try (Crew crew = new Crew(kind)) {
                crew.run(() -> {
                    thread.set(Thread.currentThread().getName());
                    try (Permit held = gate.acquire()) {
                        assertThat(gate.tryAcquire(1, Duration.ofMillis(1))).isEmpty();
                        assertThat(gate.tryAcquire(1, Duration.ZERO)).isEmpty();
                        assertThat(gate.tryAcquire(1, Duration.ZERO)).isEmpty();
                    }
                });
            }
        });
        assertThat(log)
                .contains("gate 'db': " + thread + " has waited in vain for a permit that it may hold itself")
                .contains("theTimedFormSaysWhoHoldsIt");
        assertThat(log.split("in vain", -1))
                .as("who does not wait does not wait in vain")
                .hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    @DisplayName("scenario 26: a thread without a name, as virtual ones are, is told from others by its number")
    void tellsThreadsWithoutNamesApart(ThreadKind kind) throws Exception {
        Gate gate = watched(1);
        String log = logOf(() -> {
            try (Crew crew = new Crew(kind)) {
                Permit held = crew.start(() -> {
                            Thread.currentThread().setName("");
                            Permit permit = gate.acquire();
                            assertThat(gate.holders().get(0).thread())
                                    .isEqualTo(
                                            "thread " + Thread.currentThread().getId());
                            return permit;
                        })
                        .result();
                crew.run(() -> {
                            Thread.currentThread().setName("");
                            assertThat(gate.tryAcquire(1, Duration.ofMillis(1))).isEmpty();
                        })
                        .result();
                held.close();
            }
        });
        assertThat(log).doesNotContain("may hold itself");
        assertAtRest(gate);
    }

    @Test
    void warnsOfAPermitThatNobodyCanCloseAnyMore() throws Exception {
        Gate gate = watched(1);
        String log = logOf(() -> {
            forget(gate);
            await().until(() -> {
                System.gc();
                return gate.holders().isEmpty();
            });
        });
        assertThat(log)
                .contains("gate 'db': a permit has been lost, nobody can close it any more")
                .contains("GateWatchTest.forget");
        assertThat(gate.available()).as("it is not given back").isZero();
    }

    private static void forget(Gate gate) throws InterruptedException {
        assertThat(gate.acquire()).isNotNull();
    }

    private static String logOf(Crew.Action action) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void forgetsWhoeverHasGoneAndKeepsTheOrderOfTheOthers() throws Exception {
        Gate gate = watched(15);
        long begun = System.nanoTime();
        Permit one = gate.acquire(1);
        Permit two = gate.acquire(2);
        Permit three = gate.acquire(3);
        Permit four = gate.acquire(4);
        assertThat(gate.holders()).extracting(Holder::weight).containsExactly(1, 2, 3, 4);
        two.close();
        assertThat(gate.holders()).extracting(Holder::weight).containsExactly(1, 3, 4);
        four.close();
        assertThat(gate.holders()).extracting(Holder::weight).containsExactly(1, 3);
        Permit five = gate.acquire(5);
        one.close();
        assertThat(gate.holders()).extracting(Holder::weight).containsExactly(3, 5);
        assertThat(gate.holders())
                .extracting(Holder::held)
                .allSatisfy(held ->
                        assertThat(held).isPositive().isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun)));
        three.close();
        five.close();
        assertThat(gate.holders()).isEmpty();
        assertThat(gate.stats().holds().count()).isEqualTo(5);
        assertThat(gate.stats().holds().max())
                .isPositive()
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun));
    }

    /** All of them, or none, would be watched once in more than 10 to the 76th times. */
    @Test
    void watchesSomeOfThem() throws Exception {
        Gate gate = Gate.builder().permits(256).leakWatch(2).build();
        List<Permit> permits = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            permits.add(gate.acquire());
        }
        assertThat(gate.holders()).hasSizeBetween(1, 255);
        permits.forEach(Permit::close);
        assertThat(gate.holders()).isEmpty();
        assertAtRest(gate);
    }

    @Test
    void tellsItsFigures() throws Exception {
        Gate gate = Gate.of(6);
        Permit two = gate.acquire(2);
        Permit one = gate.acquire();
        gate.resize(5);
        CompletableFuture<Permit> waiting = gate.acquireAsync(5, Runnable::run);
        one.lend(() -> {
            GateStats stats = gate.stats();
            assertThat(stats.permits()).isEqualTo(5);
            assertThat(stats.available()).isEqualTo(3);
            assertThat(stats.inUse()).isEqualTo(2);
            assertThat(stats.lent()).isEqualTo(1);
            assertThat(stats.waiting()).isEqualTo(1);
            return null;
        });
        one.close();
        two.close();
        waiting.get().close();
        assertAtRest(gate);
    }

    @Test
    void countsWaitsAndThoseWhoGaveUp() throws Exception {
        Gate gate = Gate.of(1);
        Permit held = gate.acquire();
        assertThat(gate.stats().oldestWait()).isZero();
        long begun = System.nanoTime();
        CompletableFuture<Permit> next = gate.acquireAsync(1, Runnable::run);
        assertThat(gate.tryAcquire(1, Duration.ofNanos(1))).isEmpty();
        assertThat(gate.stats().oldestWait())
                .isPositive()
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun));
        assertThat(gate.stats().abandoned()).isEqualTo(1);
        assertThat(gate.stats().waits().count()).isZero();
        held.close();
        next.get().close();
        assertThat(gate.stats().waits().count()).isEqualTo(1);
        assertThat(gate.stats().waits().max())
                .isPositive()
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - begun));
        assertThat(gate.stats().holds().count()).isZero();
    }

    @Test
    void stepsOfDurationsAreFine() {
        Durations.Recorder recorder = new Durations.Recorder();
        assertThat(recorder.snapshot()).hasToString("none");
        assertThat(recorder.snapshot().quantile(1)).isZero();
        for (long nanos = 1; nanos > 0; nanos = nanos < Long.MAX_VALUE / 4 ? nanos + nanos / 2 + 1 : -1) {
            Durations.Recorder one = new Durations.Recorder();
            one.ready();
            one.record(nanos);
            one.record(Long.MAX_VALUE);
            assertThat(one.snapshot().quantile(0.5).toNanos()).isBetween(nanos, nanos + nanos / 4);
            assertThat(one.snapshot().max()).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
        }
        recorder.ready();
        for (int nanos = -1; nanos < 100; nanos++) {
            recorder.record(nanos);
        }
        Durations durations = recorder.snapshot();
        assertThat(durations.count()).isEqualTo(101);
        assertThat(durations.quantile(0.9).toNanos()).isBetween(89L, 112L);
        assertThat(durations.quantile(1)).isEqualTo(Duration.ofNanos(99));
        assertThat(durations.quantile(0)).isZero();
        assertThatThrownBy(() -> durations.quantile(2)).hasMessage("share must be from 0 to 1 but was 2.0");
        assertThatThrownBy(() -> durations.quantile(-0.1)).hasMessage("share must be from 0 to 1 but was -0.1");
        assertThatThrownBy(() -> durations.quantile(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void recordsWaitsForTheFlightRecorder(ThreadKind kind, @TempDir Path folder) throws Exception {
        Gate gate = Gate.builder().permits(1).name("db").build();
        Path file = folder.resolve("waits.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.sluice.GateWait");
            recording.start();
            Permit held = gate.acquire();
            try (Crew crew = new Crew(kind)) {
                crew.run(() -> gate.acquire().close()).awaitParked();
                crew.run(() -> assertThatThrownBy(gate::acquire).isInstanceOf(InterruptedException.class))
                        .awaitParked()
                        .interrupt();
                await().until(() -> gate.stats().waiting() == 1);
                held.close();
            }
            recording.stop();
            recording.dump(file);
        }
        assertThat(outcomes(file)).containsExactlyInAnyOrder("granted", "gone");
    }

    @Test
    void waitThatNobodyRecordsLoadsNoEvent(@TempDir Path folder) throws Exception {
        Path loaded = folder.resolve("loaded");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + loaded,
                        "-cp",
                        SmallMachine.classPath(Unrecorded.class, Gate.class, LoggerFactory.class),
                        Unrecorded.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(loaded))
                .contains("dev.sluice.gate.ThreadWaiter ")
                .doesNotContain("dev.sluice.gate.GateWait ");
    }

    /** A program in which somebody waits. */
    static final class Unrecorded {
        private Unrecorded() {}

        public static void main(String[] arguments) throws InterruptedException {
            Gate gate = Gate.of(1);
            try (Permit held = gate.acquire()) {
                gate.tryAcquire(1, Duration.ofNanos(1));
            }
        }
    }

    private static List<String> outcomes(Path file) throws IOException {
        assertThat(Files.size(file)).isPositive();
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.sluice.GateWait"))
                .peek(event -> assertThat(event.getString("gate")).isEqualTo("db"))
                .map((RecordedEvent event) -> event.getString("outcome"))
                .toList();
    }
}
