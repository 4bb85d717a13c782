package dev.sluice.gate;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for a permit, and the future by which it is told. A blocking caller waits for the future; an
 * asynchronous one has been given it.
 */
final class Waiter extends CompletableFuture<Permit> {
    /*
     * What becomes of a waiter is decided once, under the lock of the Admission: it is granted its permit, it is refused
     * (then `refusal` is set), or it is unlinked because it gave up. Telling it happens after the unlock, in dispatch().
     * Between the two the owner of the future may complete it with something else. So there is one rule for everybody
     * who has completed the future or failed to: unless the future holds the permit, the permit is closed. Closing is
     * idempotent, and does nothing for a permit that was never granted, so all of them may do it.
     */

    /** For blocking callers: to be told is to be unparked, which the releasing thread can do itself. */
    static final Executor ON_THE_SPOT = Runnable::run;

    final Permit permit;
    private final Admission admission;
    private final Executor continuations;

    /** Written under the lock, or by the dispatching thread; volatile because an executor may run a task and yet throw. */
    private volatile @Nullable Supplier<? extends RuntimeException> refusal;

    /** The links of WaiterQueue, guarded by the lock of the Admission. */
    @Nullable
    WaiterQueue queue;

    @Nullable
    Waiter previous;

    @Nullable
    Waiter next;

    Waiter(Permit permit, Admission admission, Executor continuations) {
        this.permit = permit;
        this.admission = admission;
        this.continuations = continuations;
    }

    int weight() {
        return permit.weight();
    }

    /** Decides against the waiter. */
    void refuse(Supplier<? extends RuntimeException> reason) {
        refusal = reason;
    }

    /** Waits for the decision. A refusal is thrown with the stack of the calling thread, not of the one who decided. */
    Permit await() throws InterruptedException {
        try {
            return get();
        } catch (ExecutionException refused) {
            return decision();
        } catch (InterruptedException | RuntimeException | Error failure) {
            if (admission.abandon(this)) {
                throw failure;
            }
            return decisionDespite(failure);
        }
    }

    /** Waits for the decision; null when the time has passed first. */
    @Nullable
    Permit await(long nanos) throws InterruptedException {
        try {
            return get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException refused) {
            return decision();
        } catch (TimeoutException e) {
            return admission.abandon(this) ? null : decision();
        } catch (InterruptedException | RuntimeException | Error failure) {
            if (admission.abandon(this)) {
                throw failure;
            }
            return decisionDespite(failure);
        }
    }

    /**
     * The decision was made before the wait failed. Not only an interrupt can end it: in a worker of a
     * {@code ForkJoinPool} that may start no more threads, {@code get()} throws a {@code RejectedExecutionException}.
     */
    private Permit decisionDespite(Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return decision();
    }

    private Permit decision() {
        Supplier<? extends RuntimeException> reason = refusal;
        if (reason != null) {
            throw reason.get();
        }
        return permit;
    }

    /** Tells the decision; false when the executor would not do it and the permit has to be released by the caller. */
    boolean dispatch() {
        try {
            continuations.execute(this::tell);
            return true;
        } catch (Throwable rejection) {
            // A foreign executor may throw anything; the permit and the one who waits for it must survive that.
            Supplier<? extends RuntimeException> reason = refusal;
            if (reason == null) {
                reason = () -> new RejectedExecutionException("the executor refused to deliver a permit", rejection);
                refuse(reason);
            }
            super.completeExceptionally(reason.get());
            return received();
        }
    }

    private void tell() {
        Supplier<? extends RuntimeException> reason = refusal;
        if (reason == null) {
            super.complete(permit);
            closeUnlessReceived();
        } else {
            super.completeExceptionally(reason.get());
        }
    }

    private boolean received() {
        return isDone() && !isCompletedExceptionally() && getNow(null) == permit;
    }

    private void closeUnlessReceived() {
        if (!received()) {
            permit.close();
        }
    }

    // The owner of the future ends the wait. The place in the queue is given up first, because completing runs the
    // owner's continuations on this stack, and those may take their time.

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        admission.abandon(this);
        boolean ended = super.cancel(mayInterruptIfRunning);
        closeUnlessReceived();
        return ended;
    }

    @Override
    public boolean complete(Permit value) {
        admission.abandon(this);
        boolean ended = super.complete(value);
        closeUnlessReceived();
        return ended;
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        admission.abandon(this);
        boolean ended = super.completeExceptionally(failure);
        closeUnlessReceived();
        return ended;
    }

    /**
     * Never a {@code ForkJoinPool}, for then {@code get()} would run other tasks of that pool while it waits, and one
     * that wants this gate as well would queue up behind the waiter on whose stack it runs: a deadlock.
     */
    @Override
    public Executor defaultExecutor() {
        return task -> continuations.execute(task);
    }
}
