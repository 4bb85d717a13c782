package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * The loop of a worker that does not wait. What it has in hand stays there when it returns, and is gone on with when it is
 * called: results for which there was no room, then the rest of the steps of the item, then what became of it.
 */
final class StepLoop extends Loop {
    private static final long MOST_NANOS_AT_A_TIME = 1_000_000;

    private final Window window;
    private final StepWorker worker;
    private final StepOutlet outlet;
    private final Window.Outbox outbox;
    private final Pass pass;
    private final Emitter chain;
    private final @Nullable Retry retry;
    private @Nullable Throwable failure;
    private boolean more;
    /** What has paused for want of room behind the window's head, while this worker makes the head's next attempt. */
    private @Nullable Aside aside;

    /** Somebody is told of items that are done, too, and soon. */
    private final boolean tells;

    private record Aside(Work work, Pass.Aside steps) {}

    private StepLoop(StageRun stage, Window window, StepWorker worker, StepOutlet outlet) {
        super(stage, outlet, worker.meter());
        this.tells = stage.execution().isTold();
        this.window = window;
        this.worker = worker;
        this.outlet = outlet;
        this.outbox = outlet.outbox();
        this.pass = new Pass(stage.name(), outlet::wanted, () -> outbox.hasRoom(outlet.current()), worker.attempt);
        this.chain = stage.chain(outlet, pass, meter);
        this.retry = stage.settings().retry();
    }

    static StepLoop of(StageRun stage, Window window, StepWorker worker) {
        return new StepLoop(stage, window, worker, new StepOutlet(stage, window, worker));
    }

    Work work() {
        return outlet.current();
    }

    /** Whether it has returned although it could go on. */
    boolean hasMore() {
        return more;
    }

    @Override
    boolean run() {
        long begun = worker.sharesThreads() ? System.nanoTime() : 0;
        more = false;
        while (true) {
            Downstream.Put flushed = outbox.flush();
            if (tells) { // behind it: in an ordered stage the last result to go out decides what became of its item
                stage.execution().tellDiscards();
            }
            switch (flushed) {
                case FULL -> {
                    return waits(Meter.Wait.BLOCKED);
                }
                case REFUSED -> giveUp();
                case DONE -> worker.leaveRoom();
            }
            if (outlet.isBusy()) {
                if (!goOn()) {
                    return waits(Meter.Wait.BLOCKED);
                }
            } else if (aside != null) {
                takeUp(aside);
            } else if (worker.isDismissed()) {
                return false;
            } else if (worker.sharesThreads() && System.nanoTime() - begun > MOST_NANOS_AT_A_TIME) {
                more = true;
                return true;
            } else if (!begin()) {
                return !window.hasEnded() && waits(Meter.Wait.STARVED);
            }
        }
    }

    private boolean waits(Meter.Wait what) {
        meter.waits(what);
        return true;
    }

    /** Begins with the next work; false when there is none. */
    private boolean begin() {
        sampleIfDue();
        Work work = window.claim(worker, meter);
        if (work == null) {
            return false;
        }
        begin(work);
        return true;
    }

    private void begin(Work work) {
        takeInHand(work);
        if (work.failures > 0) {
            meter.retried();
        }
        pass.begin();
        apply(work);
    }

    private void takeInHand(Work work) {
        outlet.begin(work);
        worker.interrupts().work(work);
        meter.position = work.position;
    }

    /**
     * The head may wait for a worker to make its next attempt, and all workers for room that only the head can make: so the
     * head comes first. Until it has left the worker's hands it is the head, for which there is room whenever what
     * it has given has gone out: so no more than one work is set aside.
     */
    private boolean beginsHead() {
        Work head = window.claimHead(worker);
        if (head == null) {
            return false;
        }
        aside = new Aside(outlet.end(), pass.setAside());
        begin(head);
        return true;
    }

    private void takeUp(Aside again) {
        aside = null;
        takeInHand(again.work);
        pass.takeUp(again.steps);
    }

    private void apply(Work work) {
        try {
            if (work.keyFailure != null) {
                failure = work.keyFailure;
            } else if (!outlet.wanted() || !Emitter.push(chain, work.input)) {
                giveUp();
            }
        } catch (Throwable e) {
            pass.stop();
            failure = e;
        }
    }

    /** Goes on with the work in hand, whose results so far have gone out; false when there is no room for more. */
    private boolean goOn() {
        Work work = outlet.current();
        Throwable failed = failure;
        if (failed != null) {
            failure = null;
            meter.position = work.position;
            failed(work.input, failed);
        } else if (!pass.isPaused()) {
            outlet.finish(work.input, pass.fate());
        } else if (!outlet.wanted()) {
            giveUp();
        } else if (outbox.hasRoom(work)) {
            resume();
        } else {
            return beginsHead();
        }
        return true;
    }

    private void resume() {
        try {
            if (!pass.goOn()) {
                giveUp();
            }
        } catch (Throwable e) {
            pass.stop();
            failure = e;
        }
    }

    /** Nobody wants the results of what is in hand. */
    private void giveUp() {
        pass.stop();
        if (outlet.isBusy()) {
            Throwable failed = failure;
            failure = null;
            if (failed != null) {
                stage.execution().suppress(failed);
            }
            drop(outlet.current().input, null);
        }
    }

    @Override
    boolean retries(Throwable cause) {
        Work work = outlet.current();
        if (retry == null
                || !(cause instanceof Exception)
                || !pass.hasFailedInFunction()
                || work.failures >= retry.times()) {
            return false;
        }
        work.failures++;
        window.retry(work, retry.delayNanos(work.failures));
        outlet.end();
        return true;
    }

    /** After a defect: what is in hand is discarded. What is set aside is in the window still, and goes with that. */
    void abandon(Throwable defect) {
        if (outlet.isBusy()) {
            drop(outlet.current().input, defect);
        }
    }
}
