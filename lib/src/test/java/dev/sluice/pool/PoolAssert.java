package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** What every test of a pool asserts at its end. */
final class PoolAssert {
    static final Duration LONG = Duration.ofSeconds(30);

    private PoolAssert() {}

    static void assertAddsUp(PoolStats stats) {
        assertThat(stats.submitted())
                .as("%s", stats)
                .isEqualTo(stats.succeeded()
                        + stats.failed()
                        + stats.cancelled()
                        + stats.rejected()
                        + stats.dropped()
                        + stats.queued()
                        + stats.running());
    }

    /** Closes the pool within 10 s and checks that it is empty and adds up, and that its permits are home. */
    static PoolStats assertCloses(WorkerPool pool) {
        ShutdownReport report = pool.close(LONG);
        assertThat(report.isClean()).as("%s", report).isTrue();
        assertThat(pool.isTerminated()).isTrue();
        PoolStats stats = pool.stats();
        assertAddsUp(stats);
        assertThat(stats.queued()).isZero();
        assertThat(stats.running()).isZero();
        assertThat(stats.waiting()).isZero();
        assertThat(stats.callerRunning()).isZero();
        if (pool instanceof GatedPool gated) {
            assertThat(gated.gate.available()).as("permits at home").isEqualTo(gated.gate.permits());
        }
        return stats;
    }
}
