package dev.sluice.pipeline;

import dev.sluice.pipeline.Delivery.Outlet;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does: claim an input, apply the stage's steps to it, hand on what comes of it, until there are no more
 * inputs or nobody wants the results. Belongs to the worker's thread.
 */
final class WorkLoop {
    private final StageRun stage;
    private final Intake intake;
    private final Outlet outlet;
    private final Meter meter;
    private final Pass pass;
    private final Emitter chain;
    private final Claim claim = new Claim();

    WorkLoop(StageRun stage, Intake intake, Outlet outlet, Meter meter) {
        this.stage = stage;
        this.intake = intake;
        this.outlet = outlet;
        this.meter = meter;
        this.pass = new Pass(stage.name(), outlet::wanted);
        this.chain = stage.chain(this::emit, pass);
    }

    void work() {
        while (isWanted() && outlet.reserve()) {
            if (!next()) {
                outlet.release();
                return;
            }
            outlet.begin(claim);
            apply();
        }
    }

    /** For an input whose fate is not decided; it is, when the stage's outlet has been told of it. */
    void discardAtHand(Throwable defect) {
        if (claim.isHeld()) {
            stage.discard(claim, defect, meter);
        }
    }

    // An abort sets its mark before it interrupts: either the mark is seen here, or the interrupt comes after the
    // clearing.
    private boolean isWanted() {
        Thread.interrupted();
        return stage.takesMore();
    }

    private boolean next() {
        try {
            return intake.next(claim, meter);
        } catch (Throwable e) {
            stage.failOutsideItems(intake.position(), e);
            return false;
        }
    }

    private void apply() {
        boolean delivered;
        try {
            pass.begin();
            delivered = outlet.wanted() && chain.emit(claim.input());
        } catch (Throwable e) {
            failed(e);
            return;
        }
        if (delivered) {
            finish(pass.fate());
        } else {
            drop(null);
        }
    }

    private boolean emit(Object result) {
        pass.arrived();
        return outlet.emit(result);
    }

    private void finish(Fate fate) {
        claim.release();
        outlet.finish(fate);
    }

    private void drop(@Nullable Throwable reason) {
        claim.release();
        outlet.drop(reason);
    }

    private void failed(Throwable cause) {
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
            claim.release();
            outlet.fail(failure, cause);
        }
    }
}
