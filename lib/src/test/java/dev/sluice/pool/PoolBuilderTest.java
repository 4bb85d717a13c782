package dev.sluice.pool;

import static dev.sluice.pool.PoolAssert.assertCloses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.gate.Gate;
import dev.sluice.testing.NoThreadLeaks;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a pool is like of which little is said, and what may not be said of one. */
@Timeout(180)
@ExtendWith(NoThreadLeaks.class)
class PoolBuilderTest {
    private static PoolSettings settings(WorkerPool pool) {
        return ((BasePool) pool).settings;
    }

    @Test
    void poolOfWhichNothingIsSaid() throws Exception {
        WorkerPool pool = WorkerPool.builder().build();
        assertThat(pool.stats().workers()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(pool.stats().queueCapacity()).isEqualTo(1024);
        PoolSettings settings = settings(pool);
        assertThat(settings.name()).matches("pool-[1-9]\\d*");
        assertThat(settings.onFull()).isEqualTo(OnFull.BLOCK);
        assertThat(settings.keepAliveNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(settings.limitsQueueTime()).isFalse();
        assertThat(settings.stuckAfter()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.needsTasks()).isFalse();
        assertThat(pool.submit(() -> Thread.currentThread().isDaemon()).get()).isFalse();
        WorkerPool next = WorkerPool.builder().build();
        assertThat(settings(next).name()).isNotEqualTo(settings.name());
        assertCloses(pool);
        assertCloses(next);
    }

    @Test
    void keysThatHoldAllWorkersLeaveHalfOfTheQueue() {
        assertThat(QueuedPool.laneShare(1000, 5)).isEqualTo(100);
        assertThat(QueuedPool.laneShare(4, 4)).as("one runs and one waits").isEqualTo(2);
        WorkerPool queued = WorkerPool.builder().workers(4).queueCapacity(80).build();
        assertThat(settings(queued).laneCapacity()).isEqualTo(10);
        assertCloses(queued);
        WorkerPool gated = WorkerPool.builder().gate(Gate.of(1)).build();
        assertThat(settings(gated).laneCapacity()).isEqualTo(64);
        assertCloses(gated);
    }

    @Test
    void whatWasSaidIsWhatThePoolHas() {
        WorkerPool pool = WorkerPool.builder()
                .name("billing")
                .workers(2)
                .queueCapacity(3)
                .laneCapacity(1)
                .onFull(OnFull.REJECT)
                .keepAlive(Duration.ofNanos(5))
                .queueTimeout(Duration.ofNanos(6))
                .stuckAfter(Duration.ofNanos(7))
                .build();
        PoolSettings settings = settings(pool);
        assertThat(settings.name()).isEqualTo("billing");
        assertThat(settings.laneCapacity()).isEqualTo(1);
        assertThat(settings.onFull()).isEqualTo(OnFull.REJECT);
        assertThat(settings.keepAliveNanos()).isEqualTo(5);
        assertThat(settings.queueTimeoutNanos()).isEqualTo(6);
        assertThat(settings.stuckAfter()).isEqualTo(Duration.ofNanos(7));
        assertThat(settings.limitsQueueTime()).isTrue();
        assertThat(settings.needsTasks()).isTrue();
        assertThat(pool.stats().queueCapacity()).isEqualTo(3);
        assertCloses(pool);
    }

    @Test
    void whatDoesNotGoTogetherIsNamed() {
        ThreadFactory factory = Thread::new;
        assertRefused(WorkerPool.builder().threadFactory(factory).daemon(true), "threadFactory and daemon");
        assertRefused(WorkerPool.builder().gate(Gate.of(1)).workers(1), "gate and workers");
        assertRefused(WorkerPool.builder().gate(Gate.of(1)).queueCapacity(1), "gate and queueCapacity");
    }

    private static void assertRefused(WorkerPool.Builder builder, String which) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(which + " must not be given together");
    }
}
