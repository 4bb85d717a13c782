package dev.sluice.pipeline;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds each call of a stage's own function: a permit of the stage's gate, inside of that the time limit. Belongs to
 * one worker.
 */
final class Attempt {
    private final @Nullable Gate gate;
    private final @Nullable TimeLimit limit;
    private final Meter meter;
    private boolean inFunction;

    Attempt(Settings settings, String stage, Meter meter) {
        this.gate = settings.gate();
        this.limit =
                settings.timeLimitNanos() == Settings.UNSET ? null : new TimeLimit(stage, settings.timeLimitNanos());
        this.meter = meter;
    }

    <T, R> R call(StageFunction<T, R> function, T item) throws Exception {
        if (gate == null) {
            return callInside(function, item);
        }
        try (Permit permit = permit(gate)) {
            return callInside(function, item);
        }
    }

    private <T, R> R callInside(StageFunction<T, R> function, T item) throws Exception {
        inFunction = true;
        R result = limit == null ? function.apply(item) : limit.call(function, item);
        inFunction = false;
        return result;
    }

    private Permit permit(Gate from) throws InterruptedException {
        Optional<Permit> permit = from.tryAcquire();
        if (permit.isPresent()) {
            return permit.get();
        }
        // Waits for others, not for the items of this run: an abort ends it by the interrupt.
        meter.waits(Meter.Wait.BLOCKED);
        try {
            return from.acquire();
        } finally {
            meter.goesOn();
        }
    }

    void begin() {
        inFunction = false;
    }

    /** The worker has ended. */
    void close() {
        if (limit != null) {
            limit.close();
        }
    }

    /** Whether what was thrown came from the function. */
    boolean failedInFunction() {
        return inFunction;
    }
}
