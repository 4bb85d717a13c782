package dev.sluice.pool;

import dev.sluice.internal.Check;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Task} shows of itself: its phase, how it ended, and who waits for that.
 *
 * <pre>
 * WAITING ──begin──> RUNNING ──returns, throws──> (ENDING) ──> SUCCEEDED | FAILED
 *    │                  ├──cancel──> ABANDONED ──returns, throws──> CANCELLED
 *    │                  ├──time limit──> EXPIRED ──returns, throws──> TIMED_OUT
 *    │                  └──queued for too long──> (ENDING) ──> DROPPED
 *    ├──cancel──> CANCELLED
 *    └──drop──> DROPPING ──> DROPPED
 * </pre>
 *
 * <p>WAITING is left by a CAS, which decides who gets the task, together with the queue and the accounts: under the pool's
 * lock, or by a worker within one step of its own accounts. RUNNING is left by a CAS, which decides between the end of the
 * work and a cancellation. Who sees a phase that {@link Phase#isDone} finds the task counted and its outcome there: {@code
 * value} is written before; the accounts are changed before, or, by a worker, within a step of its own that nobody can look
 * into.
 *
 * <p>Who waits hangs on a future that is made when the first one comes. He puts it in place and then looks at the phase again;
 * who ends the task sets the phase and then looks for the future. All four are volatile: so one of them sees the other.
 */
abstract sealed class Handle<T extends @Nullable Object> implements TaskHandle<T> permits Task {
    private static final VarHandle PHASE;
    private static final VarHandle WAITERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PHASE = lookup.findVarHandle(Handle.class, "phase", Phase.class);
            WAITERS = lookup.findVarHandle(Handle.class, "waiters", CompletableFuture.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile Phase phase = Phase.WAITING;
    private volatile @Nullable CompletableFuture<@Nullable Void> waiters;
    /** What the work has given, or for FAILED and DROPPED why. */
    private @Nullable Object value;

    // ---- what the task does with it ------------------------------------------------------------------

    /** Cancels the task if it waits; then its end was published. */
    abstract boolean withdraw();

    /** Interrupts the running work. */
    abstract void interrupt();

    /** Tells the world that the phase is a terminal one. */
    abstract void published();

    /** When the current thread runs a task of the same pool and this one is still queued, runs it on the spot. */
    abstract boolean runQueuedHere() throws InterruptedException;

    abstract boolean awaitReturn(long nanos) throws InterruptedException;

    /** Waits as a task may, if the current thread runs one. */
    abstract void awaitDone() throws InterruptedException;

    /** Adds what is to run when the handle is terminal and all that listens to the task knows it. */
    abstract void whenTold(Runnable action);

    // ---- phases --------------------------------------------------------------------------------------

    final Phase phase() {
        return phase;
    }

    final boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    /** Whether its work has begun and not returned, as far as the phase says. */
    final boolean isAtWork() {
        Phase seen = phase;
        return seen == Phase.RUNNING || seen == Phase.ABANDONED || seen == Phase.EXPIRED;
    }

    /** Whether it is terminal while its work goes on. */
    final boolean isGivenUp() {
        Phase seen = phase;
        return seen == Phase.ABANDONED || seen == Phase.EXPIRED;
    }

    /** Whether its work has begun and neither ended nor been given up. */
    final boolean isRunning() {
        return phase == Phase.RUNNING;
    }

    /** Leaves WAITING, unless the task has left it already. */
    final boolean moveTo(Phase next) {
        return PHASE.compareAndSet(this, Phase.WAITING, next);
    }

    /** Leaves RUNNING, unless the task was cancelled; before a terminal phase {@link #outcomeIs} was called. */
    final boolean leaveRunning(Phase next) {
        return PHASE.compareAndSet(this, Phase.RUNNING, next);
    }

    /** The last step of a task that was given up, under the pool's lock. */
    final void exitGivenUp() {
        if (!PHASE.compareAndSet(this, Phase.ABANDONED, Phase.CANCELLED)) {
            PHASE.compareAndSet(this, Phase.EXPIRED, Phase.TIMED_OUT);
        }
    }

    final void outcomeIs(@Nullable Object result) {
        value = result;
    }

    /** From ENDING or DROPPING, which nobody else leaves. */
    final void finish(Phase terminal) {
        phase = terminal;
    }

    // ---- waiting -------------------------------------------------------------------------------------

    /** Frees who waits for the end; the phase says it. */
    final void wake() {
        CompletableFuture<@Nullable Void> made = waiters;
        if (made != null) {
            made.complete(null);
        }
    }

    /** Completes when the task is done, if that is not so when the caller has this. It is not to be given to others. */
    final CompletableFuture<@Nullable Void> waiters() {
        CompletableFuture<@Nullable Void> made = waiters;
        if (made != null) {
            return made;
        }
        CompletableFuture<@Nullable Void> fresh = new CompletableFuture<>();
        made = (CompletableFuture<@Nullable Void>) WAITERS.compareAndExchange(this, null, fresh);
        return made == null ? fresh : made;
    }

    /** Waits until the task is done; false when the time was up. */
    final boolean await(long nanos) throws InterruptedException {
        CompletableFuture<@Nullable Void> end = waiters();
        if (isDone()) {
            return true;
        }
        try {
            end.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return isDone();
        } catch (ExecutionException e) {
            throw new AssertionError(e); // never completed exceptionally
        }
    }

    // ---- the public handle -----------------------------------------------------------------------------

    @Override
    public final boolean cancel(boolean mayInterruptIfRunning) {
        if (isWaiting() && withdraw()) {
            return true;
        }
        if (leaveRunning(Phase.ABANDONED)) {
            if (mayInterruptIfRunning) {
                interrupt();
            }
            published();
            return true;
        }
        return false;
    }

    @Override
    public final boolean isCancelled() {
        Phase seen = phase;
        return seen == Phase.ABANDONED || seen == Phase.CANCELLED;
    }

    @Override
    public final boolean isDone() {
        return phase.isDone();
    }

    @Override
    public final T get() throws InterruptedException, ExecutionException {
        if (!isDone() && !runQueuedHere()) {
            awaitDone();
        }
        return result();
    }

    @Override
    public final T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long nanos = Check.notNull("unit", unit).toNanos(timeout);
        if (!isDone() && !Waits.lending(() -> await(nanos))) {
            throw new TimeoutException(this + " did not end within " + Duration.ofNanos(nanos));
        }
        return result();
    }

    @Override
    public final boolean awaitExit(Duration timeout) throws InterruptedException {
        long nanos = Check.nanos("timeout", timeout);
        return hasExited()
                || Waits.lending(() -> {
                    long deadline = System.nanoTime() + nanos;
                    return await(nanos) && awaitReturn(deadline - System.nanoTime());
                });
    }

    /** Whether the work has ended, or will never begin, and the handle says so. */
    final boolean hasExited() {
        return isDone() && !isGivenUp();
    }

    @Override
    public final CompletableFuture<T> toCompletableFuture() {
        CompletableFuture<T> copy = new CompletableFuture<>();
        whenTold(() -> {
            Throwable failure = failure();
            if (isCancelled()) {
                copy.cancel(false);
            } else if (failure != null) {
                copy.completeExceptionally(failure);
            } else {
                copy.complete(value());
            }
        });
        return copy;
    }

    private T result() throws ExecutionException {
        if (isCancelled()) {
            throw new CancellationException(this + " was cancelled");
        }
        Throwable failure = failure();
        if (failure != null) {
            throw new ExecutionException(this + " failed: " + failure, failure);
        }
        return value();
    }

    /** How the task ended; it is done. */
    final Outcome<T> outcome() {
        if (isCancelled()) {
            return new Outcome.Cancelled<>(job());
        }
        Throwable failure = failure();
        if (failure == null) {
            return new Outcome.Success<>(job(), value());
        }
        return phase == Phase.DROPPED ? new Outcome.Dropped<>(job(), failure) : new Outcome.Failure<>(job(), failure);
    }

    /** Why it has passed its time limit, which it has. */
    abstract Throwable overrun();

    /** Why the task, which is done, failed or was dropped; null when it was not. */
    final @Nullable Throwable failure() {
        Phase seen = phase;
        if (seen == Phase.EXPIRED || seen == Phase.TIMED_OUT) {
            return overrun();
        }
        return seen == Phase.FAILED || seen == Phase.DROPPED ? (Throwable) value : null;
    }

    @SuppressWarnings({"unchecked", "NullAway"
    }) // of a task that succeeded; a Callable may return null, and Future passes it on
    private T value() {
        return (T) value;
    }
}
