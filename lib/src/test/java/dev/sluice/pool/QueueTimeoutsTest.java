package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.internal.Clock;
import dev.sluice.testing.Crew;
import dev.sluice.testing.ThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the alarm is set that drops what was queued for too long: no thread takes anything out of the queue. */
@Timeout(180)
class QueueTimeoutsTest {
    private static final Duration FAR = Duration.ofHours(1);
    private static final Runnable NOTHING = () -> {};

    private final QueuedPool pool = (QueuedPool) WorkerPool.builder()
            .workers(1)
            .queueTimeout(FAR)
            .threadFactory(body -> new Thread(NOTHING))
            .build();

    private final List<Long> times = new ArrayList<>();
    private final List<Runnable> looks = new ArrayList<>();
    private final List<Clock.Alarm> alarms = new ArrayList<>();
    private final QueueTimeouts timeouts = new QueueTimeouts(pool, FAR.toNanos(), (nanos, action) -> {
        times.add(nanos);
        looks.add(action);
        Clock.Alarm alarm = Clock.in(FAR.toNanos(), NOTHING);
        alarms.add(alarm);
        return alarm;
    });

    @AfterEach
    void callAlarmsOff() {
        alarms.forEach(Clock.Alarm::cancel);
        pool.look(() -> {
            pool.ended(); // it has an alarm of its own
            return true;
        });
    }

    private Task<?> queued() {
        return (Task<?>) pool.submit(NOTHING);
    }

    private void look() {
        looks.get(looks.size() - 1).run();
    }

    @Test
    void alarmIsSetOnceForTheWholeTime() {
        timeouts.start();
        timeouts.start();
        assertThat(times).containsExactly(FAR.toNanos());
    }

    @Test
    @DisplayName("a look that finds nothing late sets the alarm again for what is left to the oldest")
    void alarmIsSetAgainForTheOldest() {
        long before = System.nanoTime();
        Task<?> oldest = queued();
        queued();
        timeouts.start();
        await().until(() -> System.nanoTime() > oldest.submitted());
        look();
        assertThat(oldest.isDone()).isFalse();
        assertThat(times).hasSize(2);
        assertThat(times.get(1)).isBetween(FAR.toNanos() - (System.nanoTime() - before), FAR.toNanos() - 1);
        timeouts.start();
        assertThat(times).as("it is set").hasSize(2);
    }

    @Test
    @DisplayName("what is late is dropped, and with nothing left there is no alarm until something comes")
    void alarmIsNotSetForAnEmptyQueue() {
        Task<?> late = queued();
        late.makeLate();
        timeouts.start();
        look();
        await().until(late::isDone);
        assertThat(times).hasSize(1);
        assertThat(pool.stats().dropped()).isEqualTo(1);
        assertThat(pool.stats().queued()).isZero();
        timeouts.start();
        assertThat(times).containsExactly(FAR.toNanos(), FAR.toNanos());
    }

    @Test
    @DisplayName(
            "promise 7: a pool has ended when what was dropped late has been told so, and who waits for that knows it")
    void endWaitsForWhatIsToldLate() throws Exception {
        Worker worker = new Worker(pool);
        pool.workers.join(worker);
        Task<?> late = queued();
        late.makeLate();
        CountDownLatch callback = new CountDownLatch(1);
        late.toCompletableFuture().whenComplete((value, why) -> Uninterruptibly.await(callback));
        timeouts.start();
        look();
        await().until(late::isDone);
        assertThatThrownBy(late::get)
                .hasCauseInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("it was queued for longer than PT1H");
        pool.backlog.claim(worker, 1, 1);
        assertThat(worker.begin()).isNull();
        try (Crew crew = new Crew(ThreadKind.PLATFORM)) {
            Crew.Member<Void> closes = crew.run(pool::close).awaitParked();
            assertThat(pool.workers.rest(worker, true)).isFalse();
            assertThat(pool.isTerminated()).isFalse();
            callback.countDown();
            closes.result();
        }
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    void endOfThePoolCallsTheAlarmOff() {
        stop();
        timeouts.start();
        stop();
        assertThat(alarms).hasSize(1);
        assertThat(alarms.get(0).cancel()).as("it is left to be cancelled").isFalse();
        stop();
    }

    private void stop() {
        pool.look(() -> {
            timeouts.stop();
            return true;
        });
    }
}
