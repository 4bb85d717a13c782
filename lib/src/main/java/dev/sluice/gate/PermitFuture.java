package dev.sluice.gate;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The future by which somebody who waits without a thread is told. */
final class PermitFuture extends PlainFuture<Permit> {
    /*
     * What becomes of the waiter is decided once, under the lock of the line. Telling it happens after the unlock. Between
     * the two the owner of the future may complete it with something else. So there is one rule for everybody who has
     * completed the future or failed to: unless the future holds the permit, the permit is closed. Closing is
     * idempotent, and does nothing for a permit that was never granted, so all of them may do it.
     */
    private final Permit permit;
    private final Admission admission;
    private final LockedLine line;
    private final Executor continuations;
    private final InLine waiter;

    /** Its place in the line; and what tells its owner, so that nothing has to be made for that. */
    private final class InLine extends Waiter implements Runnable {
        InLine(int weight) {
            super(weight);
        }

        @Override
        void granted() {
            permit.granted();
            super.granted();
        }

        /** False when the executor would not do it, and the permit is marked closed but not given back. */
        @Override
        boolean tell() {
            try {
                continuations.execute(this);
                return true;
            } catch (Throwable rejection) {
                // A foreign executor may throw anything, and may have run the task all the same. The permit and the one
                // who waits for it must survive that.
                return fail(rejection);
            }
        }

        private boolean fail(Throwable rejection) {
            try {
                publishFailure(new RejectedExecutionException("the executor refused to deliver a permit", rejection));
            } catch (VirtualMachineError noMemory) {
                if (fate != Fate.GRANTED) {
                    throw noMemory;
                }
                // To fail takes memory, to succeed does not.
                publish();
            }
            return received() || !permit.revoke();
        }

        @Override
        public void run() {
            publish();
        }
    }

    PermitFuture(Permit permit, Admission admission, Executor continuations) {
        this.permit = permit;
        this.admission = admission;
        this.line = admission.line();
        this.continuations = continuations;
        this.waiter = new InLine(permit.weight());
    }

    Waiter waiter() {
        return waiter;
    }

    /** The permits were free: nobody else knows of this waiter. */
    void grantedAtOnce() {
        waiter.granted();
        if (!waiter.tell()) {
            admission.leave(waiter.weight);
        }
    }

    /** Ends the wait, whatever has become of it, for one that nobody knows of. Allocates nothing. */
    void drop() {
        line.abandon(waiter);
        super.complete(null);
        permit.close();
    }

    private void publish() {
        if (waiter.fate == Waiter.Fate.REFUSED) {
            super.completeExceptionally(waiter.refusal());
        } else {
            super.complete(permit);
            closeUnlessReceived();
        }
    }

    private void publishFailure(RuntimeException rejection) {
        super.completeExceptionally(waiter.fate == Waiter.Fate.REFUSED ? waiter.refusal() : rejection);
    }

    private boolean received() {
        return isDone() && !isCompletedExceptionally() && getNow(null) == permit;
    }

    private void closeUnlessReceived() {
        if (!received()) {
            permit.close();
        }
    }

    // The owner of the future ends the wait. The place in the line is given up first, because completing runs the
    // owner's continuations on this stack, and those may take their time.

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        line.abandon(waiter);
        boolean ended = super.cancel(mayInterruptIfRunning);
        closeUnlessReceived();
        return ended;
    }

    @Override
    public boolean complete(@Nullable Permit value) {
        line.abandon(waiter);
        boolean ended = super.complete(value);
        closeUnlessReceived();
        return ended;
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        line.abandon(waiter);
        boolean ended = super.completeExceptionally(failure);
        closeUnlessReceived();
        return ended;
    }
}
