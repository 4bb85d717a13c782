package dev.sluice.examples.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.pool.OnFull;
import dev.sluice.pool.WorkerPool;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real registry, scraped as a monitoring system does. */
@Timeout(60)
class PoolMetricsTest {

    @Test
    void scrapeShowsTheAccounts() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (WorkerPool pool = WorkerPool.builder()
                .name("orders")
                .workers(1)
                .queueCapacity(2)
                .onFull(OnFull.REJECT)
                .exactTimings()
                .build()) {
            new PoolMetrics(pool).bindTo(registry);
            pool.submit(() -> 1).get(10, TimeUnit.SECONDS);
            pool.submit(() -> {
                begun.countDown();
                return release.await(10, TimeUnit.SECONDS);
            });
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            pool.submit(() -> 2);
            pool.submit(() -> 3).cancel(false);
            pool.submit(() -> 4);
            assertThat(pool.trySubmit(() -> 5)).isEmpty();

            assertThat(registry.scrape().lines())
                    .contains(
                            "sluice_pool_tasks_total{outcome=\"succeeded\",pool=\"orders\"} 1.0",
                            "sluice_pool_tasks_total{outcome=\"cancelled\",pool=\"orders\"} 1.0",
                            "sluice_pool_tasks_total{outcome=\"rejected\",pool=\"orders\"} 1.0",
                            "sluice_pool_tasks_total{outcome=\"failed\",pool=\"orders\"} 0.0",
                            "sluice_pool_queued{pool=\"orders\"} 2.0",
                            "sluice_pool_running{pool=\"orders\"} 1.0",
                            "sluice_pool_workers{pool=\"orders\"} 1.0")
                    .anyMatch(line -> line.matches(
                            "sluice_pool_run_time_seconds\\{pool=\"orders\",quantile=\"0.99\"} [0-9.E-]+"));
            release.countDown();
            assertThat(pool.awaitIdle(Duration.ofSeconds(10))).isTrue();
            assertThat(registry.get("sluice.pool.tasks")
                            .tag("outcome", "succeeded")
                            .functionCounter()
                            .count())
                    .isEqualTo(4);
        }
    }
}
