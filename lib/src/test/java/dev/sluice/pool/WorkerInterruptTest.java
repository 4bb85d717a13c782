package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.LONG;
import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Crew;
import dev.sluice.testing.NoThreadLeaks;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Interrupts for a task that a worker runs as its own entry, one of them on its way for as long as the test wants: promise 4. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class WorkerInterruptTest {
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch onItsWay = new CountDownLatch(1);
    private final CountDownLatch arrives = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);

    private final WorkerPool pool = WorkerPool.builder()
            .workers(1)
            .queueCapacity(1)
            .threadFactory(SlowlyInterrupted::new)
            .build();

    private final class SlowlyInterrupted extends Thread {
        SlowlyInterrupted(Runnable body) {
            super(body);
        }

        @Override
        public void interrupt() {
            onItsWay.countDown();
            Uninterruptibly.await(arrives);
            super.interrupt();
        }
    }

    @AfterEach
    void releaseAll() {
        arrives.countDown();
        leave.countDown();
    }

    private void untilItMayLeave() {
        running.countDown();
        Uninterruptibly.await(leave);
    }

    @Test
    @DisplayName("scenario 7: the next task does not begin while an interrupt for the one before it is on its way")
    void nextTaskWaitsForAnInterruptOnItsWay() throws Exception {
        TaskHandle<?> first = pool.submit(this::untilItMayLeave);
        running.await();
        TaskHandle<Boolean> second = pool.submit(() -> Thread.currentThread().isInterrupted());
        try (Crew crew = new Crew(ThreadKind.PLATFORM);
                AutoCloseable beforeItIsJoined = arrives::countDown) {
            Crew.Member<Void> canceller = crew.run(() -> first.cancel(true));
            onItsWay.await();
            leave.countDown();
            assertThat(second.awaitExit(Duration.ofMillis(50))).isFalse();
            arrives.countDown();
            canceller.result();
        }
        assertThat(second.get()).isFalse();
        assertCloses(pool);
    }

    @Test
    void callbacksOfATaskDoNotSeeItsInterrupt() throws Exception {
        TaskHandle<?> task = pool.submit(this::untilItMayLeave);
        running.await();
        var flag = task.toCompletableFuture()
                .thenApply(nothing -> Thread.currentThread().isInterrupted());
        arrives.countDown();
        pool.shutdownNow();
        leave.countDown();
        assertThat(flag.get()).isFalse();
        assertThat(task.isCancelled()).isFalse();
        assertCloses(pool);
    }

    @Test
    void taskOnTopOfAnotherWaitsForAnInterruptOfThatOne() throws Exception {
        AtomicBoolean innerSaw = new AtomicBoolean(true);
        AtomicBoolean outerSaw = new AtomicBoolean();
        CountDownLatch inner = new CountDownLatch(1);
        TaskHandle<?> outer = pool.submit(() -> {
            pool.submit(() -> {}); // fills the queue, so that the next one runs here
            untilItMayLeave();
            pool.submit(() -> {
                innerSaw.set(Thread.currentThread().isInterrupted());
                inner.countDown();
            });
            outerSaw.set(Thread.currentThread().isInterrupted());
        });
        running.await();
        try (Crew crew = new Crew(ThreadKind.PLATFORM);
                AutoCloseable beforeItIsJoined = arrives::countDown) {
            Crew.Member<Void> canceller = crew.run(() -> outer.cancel(true));
            onItsWay.await();
            leave.countDown();
            assertThat(inner.await(50, TimeUnit.MILLISECONDS)).isFalse();
            arrives.countDown();
            canceller.result();
        }
        assertThat(outer.awaitExit(LONG)).isTrue();
        assertThat(innerSaw).isFalse();
        assertThat(outerSaw).isTrue();
        assertCloses(pool);
    }

    @Test
    void interruptOfATaskAwaitsTheReturnOfWhatIsOnTopOfIt() throws Exception {
        AtomicBoolean innerSaw = new AtomicBoolean(true);
        AtomicBoolean outerSaw = new AtomicBoolean();
        arrives.countDown();
        TaskHandle<?> outer = pool.submit(() -> {
            pool.submit(() -> {}); // fills the queue, so that the next one runs here
            pool.submit(() -> {
                untilItMayLeave();
                innerSaw.set(Thread.currentThread().isInterrupted());
            });
            outerSaw.set(Thread.currentThread().isInterrupted());
        });
        running.await();
        assertThat(outer.cancel(true)).isTrue();
        leave.countDown();
        assertThat(outer.awaitExit(LONG)).isTrue();
        assertThat(innerSaw).isFalse();
        assertThat(outerSaw).isTrue();
        assertCloses(pool);
    }

    @Test
    @DisplayName("scenario 7: a flag that a bare entry leaves behind is not seen by the next one")
    void flagOfABareEntryIsCleared() throws Exception {
        AtomicBoolean saw = new AtomicBoolean(true);
        arrives.countDown();
        pool.execute(() -> {
            untilItMayLeave();
            Thread.currentThread().interrupt();
        });
        running.await();
        pool.execute(() -> saw.set(Thread.currentThread().isInterrupted()));
        leave.countDown();
        assertCloses(pool);
        assertThat(saw).isFalse();
    }
}
