package dev.sluice.pool;

import dev.sluice.internal.Check;
import dev.sluice.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A piece of work with a descriptor: an id, a type and metadata that come back with its {@link Outcome}.
 *
 * <pre>{@code
 * Job<Report> job = Job.of("report-17", () -> render(order)).type("render").metadata(Map.of("order", order.id()));
 * }</pre>
 *
 * <p>A job is immutable, as far as the work and the metadata values given to it are; it may be submitted more than
 * once. Arguments are what the work captures.
 *
 * @param <T> what the work gives
 */
@CheckReturnValue
public final class Job<T extends @Nullable Object> {
    private final Object id;
    private final String type;
    private final Map<String, Object> metadata;
    private final Callable<? extends T> work;
    private final @Nullable Duration timeLimit;

    private Job(
            Object id,
            String type,
            Map<String, Object> metadata,
            Callable<? extends T> work,
            @Nullable Duration timeLimit) {
        this.id = id;
        this.type = type;
        this.metadata = metadata;
        this.work = work;
        this.timeLimit = timeLimit;
    }

    /**
     * A job of type {@code ""} without metadata.
     *
     * @param id what the job is called in outcomes, reports and messages
     * @param work what it does
     * @param <T> what the work gives
     * @return the job
     */
    public static <T extends @Nullable Object> Job<T> of(Object id, Callable<? extends T> work) {
        return new Job<>(Check.notNull("id", id), "", Map.of(), Check.notNull("work", work), null);
    }

    /**
     * This job with another type.
     *
     * @param type a word for what kind of work it is
     * @return a copy with that type
     */
    public Job<T> type(String type) {
        return new Job<>(id, Check.notNull("type", type), metadata, work, timeLimit);
    }

    /**
     * This job with other metadata.
     *
     * @param metadata copied; without null keys and values
     * @return a copy with that metadata
     */
    public Job<T> metadata(Map<String, ?> metadata) {
        Check.notNull("metadata", metadata)
                .forEach((key, value) -> Check.notNull("metadata[" + Check.notNull("metadata key", key) + "]", value));
        return new Job<>(id, type, Map.copyOf(metadata), work, timeLimit);
    }

    /**
     * This job with a limit for how long its work may run, from its begin on; time in the queue does not count. When it
     * passes, the task fails at once, with a {@link java.util.concurrent.TimeoutException}, and its thread is interrupted; it
     * holds its worker until the work has really ended. Work in which the limit is to be seen has to heed interrupts.
     *
     * @param timeLimit more than zero
     * @return a copy with that limit
     */
    public Job<T> timeLimit(Duration timeLimit) {
        return new Job<>(id, type, metadata, work, Check.positive("timeLimit", timeLimit));
    }

    /**
     * What the job is called; for work that was submitted without a job, its sequence number in the pool, a {@code Long}.
     *
     * @return the id
     */
    public Object id() {
        return id;
    }

    /**
     * What kind of work it is.
     *
     * @return the type, {@code ""} where none was given
     */
    public String type() {
        return type;
    }

    /**
     * What else is known of it.
     *
     * @return an unmodifiable map
     */
    public Map<String, Object> metadata() {
        return metadata;
    }

    /**
     * How long its work may run.
     *
     * @return the limit, or empty where none was given
     */
    public Optional<Duration> timeLimit() {
        return Optional.ofNullable(timeLimit);
    }

    @Nullable
    Duration limit() {
        return timeLimit;
    }

    Callable<? extends T> work() {
        return work;
    }

    @Override
    public String toString() {
        return "Job[" + id + (type.isEmpty() ? "" : ", " + type) + (metadata.isEmpty() ? "" : ", " + metadata) + "]";
    }
}
