package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * One thread of a stage: how it begins and how it ends. What it does in between is in its {@link WorkLoop}.
 *
 * <p>It waits in the links and in the reorder window only, and is woken there by their state, never by an interrupt.
 * Interrupts are for the user's code; what that code leaves of them is cleared before the next claim.
 */
final class Worker implements Runnable {
    private final StageRun stage;
    private final Intake intake;
    private final Delivery delivery;
    private final Meter meter = new Meter();
    private final Interrupts interrupts = new Interrupts();

    Worker(StageRun stage, Intake intake, Delivery delivery) {
        this.stage = stage;
        this.intake = intake;
        this.delivery = delivery;
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
        @Nullable WorkLoop loop = null;
        try {
            execution.enter();
            meter.begin();
            interrupts.enter();
            // Made by this thread, so that what it writes for each item does not lie next to what another one writes.
            loop = new WorkLoop(stage, intake, delivery.outlet(this), meter);
            loop.work();
        } catch (Throwable e) {
            // Not the user's code, which is caught where it is called: without this a defect would hang the run.
            breakDown(loop, e);
        } finally {
            try {
                end();
            } finally {
                execution.exit();
            }
        }
    }

    private void breakDown(@Nullable WorkLoop loop, Throwable defect) {
        try {
            if (loop != null) {
                loop.discardAtHand(defect);
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
}
