package dev.sluice.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens once. The future through which others wait for it is made only when somebody asks.
 *
 * <p>{@code state} goes from null to {@code HAPPENED}, or by way of the future. Who makes the future puts it in place by a
 * CAS, and {@link #happen} takes the old state out in one step with its mark: so either it finds the future and completes
 * it, or the other finds the mark. What was written before {@code happen} is seen by who knows that it has happened.
 */
final class Event {
    private static final Object HAPPENED = new Object();
    private static final CompletableFuture<@Nullable Void> PAST = CompletableFuture.completedFuture(null);
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Event.class, "state", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable Object state;

    void happen() {
        if (STATE.getAndSet(this, HAPPENED) instanceof WaitersFuture future) {
            future.complete(null);
        }
    }

    /** A future that completes when it has happened; for callbacks. It is shared, and not to be given to others. */
    CompletableFuture<@Nullable Void> future() {
        Object seen = state;
        if (seen == null) {
            WaitersFuture fresh = new WaitersFuture();
            seen = STATE.compareAndSet(this, null, fresh) ? fresh : state;
        }
        return seen instanceof WaitersFuture future ? future : PAST;
    }

    /** Waits until it has happened; false when the time was up. */
    boolean await(long nanos) throws InterruptedException {
        try {
            future().get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError(e); // never completed exceptionally
        }
    }

    private static final class WaitersFuture extends CompletableFuture<@Nullable Void> {}
}
