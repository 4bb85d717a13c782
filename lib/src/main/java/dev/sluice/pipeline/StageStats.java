package dev.sluice.pipeline;

import dev.sluice.pipeline.Meter.Wait;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one stage at one moment.
 *
 * <p>Each count is kept on its own. When nothing moves, {@code in = completed + filtered + skipped + deadLettered +
 * discarded + inFlight}, and {@code out} of one stage {@code = in + queued + discardedInQueue} of the next.
 *
 * @param name the stage; {@code iterator} stands for who reads an iterator
 * @param workers how many workers it has; while some that are too many finish what they have in hand, there are more
 * @param in inputs that it has taken
 * @param completed inputs that are done and of which a result went out, or was not to be expected
 * @param filtered inputs of which nothing went out because a filter declined
 * @param skipped inputs whose failure was skipped
 * @param deadLettered inputs whose failure was sent elsewhere
 * @param retried attempts that followed one that failed; not a fate, an input may have several
 * @param discarded inputs that were taken and could not be delivered, the one that failed the run among them
 * @param inFlight inputs that are taken and not done; in an ordered stage also those whose results wait for their turn to go out
 * @param out results that were put into the next stage's queue; 0 for a sink
 * @param queued items that wait in its queue
 * @param queueCapacity how many can; 0 for the source
 * @param discardedInQueue items that waited in its queue when the run was aborted
 * @param fullKey in a keyed stage, the key that has so many items waiting that the stage has stopped reading
 * @param busy share of the workers' time, from 0 to 1, in which they did not wait for the pipeline
 * @param starved share in which they waited for input
 * @param blocked share in which they waited for room: in the next queue or in the reorder window
 * @param rate inputs that met a fate, for each second of the run
 * @param computing share of the busy time, from 0 to 1, that the workers spent on a processor; empty where that is not
 *     known, as of virtual threads
 * @param oldest how long the item that will be taken next has waited in its queue; zero when none does
 * @param waitTime how long items waited in its queue
 * @param serviceTime how long its workers had to do with an item, what they waited for the pipeline not included
 */
public record StageStats(
        String name,
        int workers,
        long in,
        long completed,
        long filtered,
        long skipped,
        long deadLettered,
        long retried,
        long discarded,
        long inFlight,
        long out,
        int queued,
        int queueCapacity,
        long discardedInQueue,
        Optional<Object> fullKey,
        double busy,
        double starved,
        double blocked,
        double rate,
        OptionalDouble computing,
        Duration oldest,
        Timing waitTime,
        Timing serviceTime) {

    static StageStats of(
            String name,
            int workers,
            List<Meter> meters,
            LongSupplier taken,
            long discarded,
            long out,
            @Nullable Link input,
            Timings timings,
            @Nullable Object fullKey,
            long now,
            long elapsed) {
        double time = Math.max(1.0, (double) sum(meters, m -> m.presence(now, elapsed)));
        long starved = sum(meters, m -> m.waited(Wait.STARVED, now));
        long blocked = sum(meters, m -> m.waited(Wait.BLOCKED, now));
        long life = sum(meters, m -> m.life(now));
        long completed = sum(meters, m -> m.get(Fate.COMPLETED));
        long filtered = sum(meters, m -> m.get(Fate.FILTERED));
        long skipped = sum(meters, m -> m.get(Fate.SKIPPED));
        long deadLettered = sum(meters, m -> m.get(Fate.DEAD_LETTERED));
        // Read last: what has met a fate was taken before.
        long in = taken.getAsLong();
        return new StageStats(
                name,
                workers,
                in,
                completed,
                filtered,
                skipped,
                deadLettered,
                sum(meters, Meter::retries),
                discarded,
                // What was taken and has met no fate.
                in - completed - filtered - skipped - deadLettered - discarded,
                out,
                input == null ? 0 : input.waiting(),
                input == null ? 0 : input.capacity(),
                input == null ? 0 : input.discarded(),
                Optional.ofNullable(fullKey),
                share(life - starved - blocked, time),
                share(starved, time),
                share(blocked, time),
                1e9 * (completed + filtered + skipped + deadLettered + discarded) / Math.max(1, elapsed),
                computing(meters, life - starved - blocked),
                Duration.ofNanos(input == null ? 0 : input.oldest(now)),
                timings.waitTime().timing(),
                timings.serviceTime().timing());
    }

    private static OptionalDouble computing(List<Meter> meters, long busy) {
        boolean known = meters.stream().allMatch(meter -> meter.cpu().nanos() >= 0);
        if (!known || busy <= 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(share(sum(meters, meter -> meter.cpu().nanos()), (double) busy));
    }

    private static long sum(List<Meter> meters, ToLongFunction<Meter> value) {
        return meters.stream().mapToLong(value).sum();
    }

    private static double share(long nanos, double time) {
        return Math.min(1.0, Math.max(0.0, nanos / time));
    }
}
