package dev.sluice.examples.metrics;

import dev.sluice.pool.PoolStats;
import dev.sluice.pool.WorkerPool;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The accounts of a pool as Micrometer meters: {@code new PoolMetrics(pool).bindTo(registry)}. Each meter asks the pool when
 * it is read, and the pool is referred to weakly.
 */
public final class PoolMetrics implements MeterBinder {
    private final WorkerPool pool;
    private final Tags tags;

    /**
     * Binds nothing yet.
     *
     * @param pool whose name becomes a tag
     */
    public PoolMetrics(WorkerPool pool) {
        this.pool = pool;
        this.tags = Tags.of("pool", pool.stats().name());
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        ended(registry, "succeeded", PoolStats::succeeded);
        ended(registry, "failed", PoolStats::failed);
        ended(registry, "cancelled", PoolStats::cancelled);
        ended(registry, "rejected", PoolStats::rejected);
        ended(registry, "dropped", PoolStats::dropped);
        gauge(registry, "sluice.pool.queued", "Tasks in the queue", PoolStats::queued);
        gauge(registry, "sluice.pool.running", "Tasks that run", PoolStats::running);
        gauge(registry, "sluice.pool.waiting", "Submitters that wait for room", PoolStats::waiting);
        gauge(registry, "sluice.pool.workers", "Tasks that may run at once", PoolStats::workers);
        time(registry, "sluice.pool.queue.wait", "How long tasks wait", PoolStats::queueWait);
        time(registry, "sluice.pool.run.time", "How long tasks run", PoolStats::runTime);
    }

    private void ended(MeterRegistry registry, String outcome, ToDoubleFunction<PoolStats> count) {
        FunctionCounter.builder("sluice.pool.tasks", pool, each -> count.applyAsDouble(each.stats()))
                .description("Tasks that have ended")
                .tags(tags.and("outcome", outcome))
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<PoolStats> value) {
        Gauge.builder(name, pool, each -> value.applyAsDouble(each.stats()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void time(
            MeterRegistry registry, String name, String description, Function<PoolStats, PoolStats.Timing> timing) {
        quantile(
                registry, name, description, "0.5", stats -> timing.apply(stats).p50());
        quantile(
                registry,
                name,
                description,
                "0.99",
                stats -> timing.apply(stats).p99());
        quantile(registry, name, description, "1", stats -> timing.apply(stats).max());
    }

    private void quantile(
            MeterRegistry registry, String name, String description, String of, Function<PoolStats, Duration> time) {
        TimeGauge.builder(
                        name,
                        pool,
                        TimeUnit.NANOSECONDS,
                        each -> time.apply(each.stats()).toNanos())
                .description(description)
                .tags(tags.and("quantile", of))
                .register(registry);
    }
}
