package dev.sluice.pipeline;

import dev.sluice.pipeline.Delivery.Outlet;
import org.jspecify.annotations.Nullable;

/**
 * One thread's work for one stage: claim an input, apply the stage's steps to it, hand on what comes of it, until there
 * are no more inputs or nobody wants the results.
 *
 * <p>It waits in the links and in the reorder window only, and is woken there by their state, never by an interrupt.
 * Interrupts are for the user's code; what that code leaves of them is cleared before the next claim.
 */
final class Worker implements Runnable {
    private final StageRun stage;
    private final Intake intake;
    private final Outlet outlet;
    private final Meter meter = new Meter();
    private final Interrupts interrupts = new Interrupts();
    private final Pass pass;
    private final Emitter chain;
    // Until its fate is decided. Used by the worker's thread alone.
    private @Nullable Claim atHand;

    Worker(StageRun stage, Intake intake, Delivery delivery) {
        this.stage = stage;
        this.intake = intake;
        this.outlet = delivery.outlet(this);
        this.pass = new Pass(stage.name(), outlet::wanted);
        this.chain = stage.chain(this::emit, pass);
    }

    Meter meter() {
        return meter;
    }

    Interrupts interrupts() {
        return interrupts;
    }

    @Override
    public void run() {
        Execution execution = stage.execution();
        try {
            execution.enter();
            meter.begin();
            interrupts.enter();
            work();
        } catch (Throwable e) {
            // Not the user's code, which is caught where it is called: without this a defect would hang the run.
            breakDown(e);
        } finally {
            try {
                end();
            } finally {
                execution.exit();
            }
        }
    }

    private void breakDown(Throwable defect) {
        Claim lost = atHand;
        atHand = null;
        try {
            if (lost != null) {
                stage.discard(lost, defect, meter);
            }
        } finally {
            stage.breakDown(defect);
        }
    }

    /** What the worker's thread would do at its end; for one that could not be started. */
    void neverStarts() {
        boolean interrupted = Thread.interrupted();
        meter.begin();
        end();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        try {
            // The source's close(), the discard handler and what depends on the result are not for others to interrupt.
            interrupts.leave();
            stage.workerEnds(this);
        } catch (Throwable e) {
            stage.breakDown(e);
        } finally {
            meter.end();
            stage.execution().leave();
        }
    }

    private void work() {
        while (isWanted() && outlet.reserve()) {
            Claim claim = claim();
            if (claim == null) {
                outlet.release();
                return;
            }
            atHand = claim;
            outlet.begin(claim);
            apply(claim);
        }
    }

    // An abort sets its mark before it interrupts: either the mark is seen here, or the interrupt comes after the
    // clearing.
    private boolean isWanted() {
        Thread.interrupted();
        return stage.takesMore();
    }

    private @Nullable Claim claim() {
        try {
            return intake.next(meter);
        } catch (Throwable e) {
            stage.failOutsideItems(intake.position(), e);
            return null;
        }
    }

    private void apply(Claim claim) {
        boolean delivered;
        try {
            pass.begin();
            delivered = outlet.wanted() && chain.emit(claim.input());
        } catch (Throwable e) {
            failed(claim, e);
            return;
        }
        if (delivered) {
            finish(pass.fate());
        } else {
            drop(null);
        }
    }

    private void finish(Fate fate) {
        atHand = null;
        outlet.finish(fate);
    }

    private void drop(@Nullable Throwable reason) {
        atHand = null;
        outlet.drop(reason);
    }

    private boolean emit(Object result) {
        pass.arrived();
        return outlet.emit(result);
    }

    private void failed(Claim claim, Throwable cause) {
        if (!outlet.wanted()) {
            // Most likely it tells of the interrupt that came with the abort.
            stage.execution().suppress(cause);
            drop(null);
        } else if (stage.onError().skips(cause)) {
            finish(Fate.SKIPPED);
        } else {
            fail(new PipelineException(stage.name(), claim.position(), cause), cause);
        }
    }

    private void fail(PipelineException failure, Throwable cause) {
        stage.markFailed();
        if (stage.onError().stopsEverything()) {
            drop(cause);
            stage.execution().failNow(failure);
        } else {
            atHand = null;
            outlet.fail(failure, cause);
        }
    }
}
