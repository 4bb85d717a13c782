package dev.sluice.pipeline;

/**
 * One thread's work for one stage: its {@link Loop}, until there are no more inputs or nobody wants the results.
 *
 * <p>It waits in the links and in the reorder window only, and is woken there by their state, never by an interrupt.
 * Interrupts are for the user's code; what that code leaves of them is cleared before the next claim.
 */
final class Worker extends Hand {
    private final StageRun stage;
    private final Intake intake;
    private final Loop loop;

    Worker(StageRun stage, Intake intake, Delivery delivery) {
        super(stage);
        this.stage = stage;
        this.intake = intake;
        this.loop = Loop.of(stage, intake, delivery.outlet(this), this);
    }

    @Override
    public void run() {
        Execution execution = stage.execution();
        try {
            execution.enter();
            meter.begin();
            meter.cpu().begin();
            comesTo(Thread.currentThread());
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

    @Override
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
            stage.workerEnds(interrupts);
        } catch (Throwable e) {
            stage.breakDown(e);
        } finally {
            leave();
        }
    }

    private void work() {
        stage.downstream().attend();
        try {
            while (loop.run() && awaitInput()) {
                // The next inputs.
            }
        } finally {
            stage.downstream().handOver();
        }
    }

    private boolean awaitInput() {
        stage.downstream().handOver();
        try {
            return intake.await(meter);
        } finally {
            stage.downstream().attend();
        }
    }
}
