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
    // An input is at hand whose fate is not decided. Used by the worker's thread alone.
    private boolean holds;

    Worker(StageRun stage, Intake intake, Delivery delivery) {
        this.stage = stage;
        this.intake = intake;
        this.outlet = delivery.outlet(this);
        this.pass = new Pass(stage.name(), outlet::wanted);
        this.chain = stage.chain(outlet.end(pass), pass);
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
            stage.breakDown(e);
        } finally {
            try {
                end();
            } finally {
                execution.exit();
            }
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
        while (step() && awaitInput()) {
            // The next step.
        }
    }

    /** Works until there is no input at hand; false when no more is wanted. */
    private boolean step() {
        while (isWanted() && outlet.reserve()) {
            Object input = poll();
            if (input == null) {
                outlet.release();
                return true;
            }
            handle(input);
        }
        return false;
    }

    // An abort sets its mark before it interrupts: either the mark is seen here, or the interrupt comes after the
    // clearing.
    private boolean isWanted() {
        Thread.interrupted();
        return stage.takesMore();
    }

    private @Nullable Object poll() {
        try {
            return intake.poll(meter);
        } catch (Throwable e) {
            stage.failOutsideItems(intake.position(), e);
            return null;
        }
    }

    private boolean awaitInput() {
        stage.downstream().handOver();
        return intake.await(meter);
    }

    private void handle(Object input) {
        holds = true;
        try {
            outlet.begin(input, meter.position);
            apply(input);
        } catch (Throwable defect) {
            if (holds) {
                holds = false;
                stage.discard(input, defect);
            }
            throw defect;
        }
    }

    private void apply(Object input) {
        boolean delivered;
        try {
            pass.begin();
            delivered = outlet.wanted() && Emitter.push(chain, input);
        } catch (Throwable e) {
            failed(input, e);
            return;
        }
        if (delivered) {
            finish(input, pass.fate());
        } else {
            drop(input, null);
        }
    }

    private void finish(Object input, Fate fate) {
        holds = false;
        outlet.finish(input, fate);
    }

    private void drop(Object input, @Nullable Throwable reason) {
        holds = false;
        outlet.drop(input, reason);
    }

    private void failed(Object input, Throwable cause) {
        if (!outlet.wanted()) {
            // Most likely it tells of the interrupt that came with the abort.
            stage.execution().suppress(cause);
            drop(input, null);
        } else if (stage.onError().skips(cause)) {
            finish(input, Fate.SKIPPED);
        } else {
            fail(input, new PipelineException(stage.name(), meter.position, cause), cause);
        }
    }

    private void fail(Object input, PipelineException failure, Throwable cause) {
        stage.markFailed();
        if (stage.onError().stopsEverything()) {
            drop(input, cause);
            stage.execution().failNow(failure);
        } else {
            holds = false;
            outlet.fail(input, failure, cause);
        }
    }
}
