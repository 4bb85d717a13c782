package dev.sluice.gate;

import dev.sluice.internal.Check;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One {@link Gate#callAsync}: waits for its permit, starts the work, holds the permit until the work has ended. */
final class AsyncCall<T extends @Nullable Object> {
    private final Supplier<? extends CompletionStage<T>> starter;
    private final CompletableFuture<T> result = new PlainFuture<>();

    AsyncCall(Supplier<? extends CompletionStage<T>> starter) {
        this.starter = starter;
    }

    CompletableFuture<T> start(PermitFuture entry) {
        try {
            follow(entry);
        } catch (Throwable failure) { // no memory: nobody else would end the wait
            entry.drop();
            throw failure;
        }
        return result;
    }

    private void follow(PermitFuture entry) {
        // Does nothing once the permit has arrived, so that it is not taken from work that runs.
        result.whenComplete((value, failure) -> entry.cancel(false));
        entry.whenComplete((permit, refusal) -> {
            if (refusal == null) {
                work(permit);
            } else {
                result.completeExceptionally(refusal);
            }
        });
    }

    private void work(Permit permit) {
        if (result.isDone()) {
            permit.close();
            return;
        }
        try {
            Check.notNull("the stage that the starter returned", starter.get())
                    .whenComplete((value, failure) -> end(permit, value, failure));
        } catch (Throwable failure) {
            // Errors, too: nobody else would give the permit back or tell the caller.
            permit.close();
            result.completeExceptionally(failure);
        }
    }

    /** The permit first, so that whoever sees the result finds it free. */
    private void end(Permit permit, T value, @Nullable Throwable failure) {
        permit.close();
        if (failure == null) {
            result.complete(value);
        } else {
            result.completeExceptionally(failure);
        }
    }
}
