package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.Rounds;
import dev.sluice.testing.ThreadKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PipelineDrainTest {
    private static final Duration LONG = Duration.ofSeconds(50);

    @RegisterExtension
    final Runs runs = new Runs();

    private final Discarded discarded = new Discarded();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /** Gives some items and then blocks in the user's code. */
    private static Iterable<Integer> blocking(int items, CountDownLatch mayGo, boolean heedsInterrupts) {
        return () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                while (next == items) {
                    try {
                        mayGo.await();
                        return true;
                    } catch (InterruptedException e) {
                        if (heedsInterrupts) {
                            throw new IllegalStateException(e);
                        }
                    }
                }
                return true;
            }

            @Override
            public Integer next() {
                return next++;
            }
        };
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Shape#everywhere")
    @DisplayName("scenario 47: drain while the source blocks in user code: it is stopped, then the stages empty")
    void stopsASourceThatBlocks(Shape shape) throws InterruptedException {
        List<Integer> written = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch mayWrite = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(shape.threads(Pipeline.from(blocking(100, never, true)))
                .onDiscard(discarded)
                .stage("a", i -> i, shape.options())
                .forEach("b", i -> {
                    mayWrite.await();
                    written.add(i);
                }));
        await().until(() -> run.stats().stages().get(0).out() == 100);
        mayWrite.countDown();
        DrainReport report = run.drain(LONG);
        assertThat(report.completed()).isTrue();
        assertThat(report.undelivered()).isEmpty();
        assertThat(report.stillRunning()).isEmpty();
        assertThat(written).containsExactlyInAnyOrderElementsOf(upTo(100));
        run.await();
        assertThat(discarded.items()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName("scenario 47: nothing is accepted after drain has returned")
    void acceptsNothingAfterItHasReturned(Kind kind) throws InterruptedException {
        AtomicInteger written = new AtomicInteger();
        CountDownLatch mayGo = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(blocking(10, mayGo, false)))
                .onDiscard(discarded)
                .stage("a", i -> i, kind.options())
                .forEach("b", i -> written.incrementAndGet(), kind.options()));
        await().until(() -> written.get() == 10);
        DrainReport report = run.drain(Duration.ofMillis(20));
        assertThat(report.completed()).isFalse();
        assertThat(report.stillRunning())
                .filteredOn(r -> r.stage().equals("source"))
                .singleElement()
                .satisfies(r -> {
                    assertThat(r.thread()).endsWith("-source-1");
                    assertThat(r.stack()).anyMatch(frame -> frame.getClassName().contains("PipelineDrainTest"));
                    assertThat(r.toString()).contains("'source' in ").contains("\n    at ");
                });
        mayGo.countDown();
        runs.settle(run);
        assertThat(written).hasValue(10);
        assertThat(discarded.items()).containsExactly(10);
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void reportsWhatWasNotDelivered(ThreadKind kind) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Endless source = new Endless();
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(source))
                .onDiscard(discarded)
                .stage("a", i -> i, s -> s.capacity(3).workers(2).orderedBy(i -> i % 2))
                .forEach("stuck", i -> never.await(), s -> s.capacity(3)));
        await().until(() -> run.stats().stages().get(2).queued() == 3);
        DrainReport report = run.drain(Duration.ofMillis(20));
        assertThat(report.completed()).isFalse();
        assertThat(report.stillRunning()).anyMatch(r -> r.stage().equals("stuck"));
        runs.settle(run);
        assertThat(discarded.items()).containsExactlyInAnyOrderElementsOf(source.read());
        assertThat(report.undelivered())
                .isNotEmpty()
                .allSatisfy(u -> assertThat(discarded.items(u.stage())).contains(u.item()));
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.pipeline.Kind#all")
    @DisplayName(
            "scenario 47: many drains at random moments: what was read is delivered, inline steps are not interrupted")
    void deliversWhateverWasRead(Kind kind) throws InterruptedException {
        int rounds = Rounds.of(20_000);
        for (int round = 0; round < rounds; round++) {
            Endless source = new Endless();
            AtomicInteger written = new AtomicInteger();
            AtomicInteger interrupted = new AtomicInteger();
            int enough = round % 50;
            CountDownLatch begun = new CountDownLatch(1);
            PipelineRun<?> run = runs.start(kind.threads(Pipeline.from(source))
                    .map(i -> {
                        if (Thread.currentThread().isInterrupted()) {
                            interrupted.incrementAndGet();
                        }
                        return i;
                    })
                    .stage("a", i -> i, kind.options(s -> s.capacity(1 + enough)))
                    .forEach(
                            "b",
                            i -> {
                                if (written.incrementAndGet() > enough) {
                                    begun.countDown();
                                }
                            },
                            kind.options()));
            begun.await();
            assertThat(run.drain(LONG).completed()).isTrue();
            assertThat(written).hasValue(source.count());
            assertThat(interrupted).hasValue(0);
            runs.settle(run);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void stopsASourceThatWaitsForAQueue(ThreadKind kind) throws InterruptedException {
        LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>(upTo(5));
        AtomicInteger written = new AtomicInteger();
        PipelineRun<?> run = runs.start(
                Shape.threads(kind, Pipeline.fromQueue(queue, -1)).forEach("b", i -> written.incrementAndGet()));
        await().until(() -> written.get() == 5);
        assertThat(run.drain(LONG).completed()).isTrue();
        queue.add(6);
        run.await();
        assertThat(written).hasValue(5);
        assertThat(queue).containsExactly(6);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void failureDuringTheDrainIsReported(ThreadKind kind) throws InterruptedException {
        CountDownLatch mayFail = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        PipelineRun<?> run = runs.start(Shape.threads(kind, Pipeline.from(blocking(3, never, true)))
                .onDiscard(discarded)
                .forEach("b", i -> {
                    mayFail.await();
                    throw new IOException("" + i);
                }));
        await().until(() -> run.stats().stages().get(0).out() == 3);
        mayFail.countDown();
        DrainReport report = run.drain(LONG);
        assertThat(report.completed()).isFalse();
        assertThat(report.stillRunning()).isEmpty();
        assertThatThrownBy(run::await).isInstanceOf(PipelineException.class).hasRootCauseMessage("0");
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void threadOfTheRunMayNotDrainIt(ThreadKind kind) throws InterruptedException {
        AtomicReference<PipelineRun<?>> run = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        run.set(runs.start(Shape.threads(kind, Pipeline.from(upTo(1))).forEach("b", i -> {
            started.await();
            run.get().drain(LONG);
        })));
        started.countDown();
        assertThatThrownBy(() -> run.get().await()).hasCauseInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.testing.ThreadKinds#all")
    void drainOfARunThatHasEndedReportsItsEnd(ThreadKind kind) throws InterruptedException {
        PipelineRun<?> run =
                runs.start(Shape.threads(kind, Pipeline.from(upTo(10))).forEach("b", i -> {}));
        run.await();
        assertThat(run.drain(Duration.ZERO).completed()).isTrue();
    }
}
