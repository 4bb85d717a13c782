package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.NoThreadLeaks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** User's code that does what it should not must not hang a run. */
@Timeout(60)
@ExtendWith(NoThreadLeaks.class)
class PipelineMisuseTest {
    @RegisterExtension
    final Runs runs = new Runs();

    private static List<Integer> upTo(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    private static PipelineException failureOf(PipelineRun<?> run) throws InterruptedException {
        try {
            run.await();
        } catch (PipelineException e) {
            return e;
        }
        throw new AssertionError("the run has not failed");
    }

    @Test
    @DisplayName("scenario 50: a discard handler that throws the reason it was given stops nothing")
    void discardHandlerMayThrowItsReason() throws InterruptedException {
        Endless source = new Endless();
        IOException cause = new IOException("disk full");
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .onDiscard((item, stage, reason) -> {
                    throw (Exception) reason;
                })
                .forEach(
                        "write",
                        i -> {
                            await().until(() -> source.count() >= 3);
                            throw cause;
                        },
                        s -> s.capacity(1)));
        PipelineException failure = failureOf(run);
        assertThat(failure).hasCause(cause);
        assertThat(failure.getSuppressed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void discardHandlerMayStopTheRun(boolean closes) throws InterruptedException {
        int items = 20_000;
        Endless source = new Endless();
        Discarded discarded = new Discarded();
        CompletableFuture<PipelineRun<?>> started = new CompletableFuture<>();
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .onDiscard((item, stage, reason) -> {
                    discarded.discarded(item, stage, reason);
                    if (closes) {
                        started.join().close();
                    } else {
                        started.join().cancel();
                    }
                })
                .forEach(
                        "write",
                        i -> {
                            await().until(() -> source.count() >= items);
                            throw new IOException();
                        },
                        s -> s.capacity(items)));
        started.complete(run);
        PipelineException failure = failureOf(run);
        assertThat(failure).hasCauseInstanceOf(IOException.class);
        assertThat(discarded.items()).containsExactlyInAnyOrderElementsOf(source.read());
    }

    /** A queue that stops behaving when it is told to. */
    private static final class Faulty extends LinkedBlockingQueue<Object> {
        private static final long serialVersionUID = 1L;

        private final boolean endless;
        private final AtomicBoolean faulty = new AtomicBoolean();

        Faulty(boolean endless) {
            this.endless = endless;
        }

        @Override
        public Object poll() {
            if (!faulty.get()) {
                return super.poll();
            }
            if (endless) {
                return "again";
            }
            throw new AssertionError("poll");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void queueThatFailsToBeEmptiedDoesNotKeepTheRunFromItsEnd(boolean endless) {
        CompletableFuture<Faulty> supplied = new CompletableFuture<>();
        CountDownLatch never = new CountDownLatch(1);
        Endless source = new Endless();
        PipelineRun<?> run = runs.start(Pipeline.from(source)
                .stage(
                        "a",
                        i -> i,
                        s -> s.capacity(2).queue(() -> {
                            supplied.complete(new Faulty(endless));
                            return supplied.join();
                        }))
                .forEach("stuck", i -> never.await(), s -> s.capacity(1)));
        await().until(() -> source.count() == 6);
        supplied.join().faulty.set(true);
        run.cancel();
        assertThatThrownBy(run::await).isInstanceOf(CancellationException.class);
    }
}
