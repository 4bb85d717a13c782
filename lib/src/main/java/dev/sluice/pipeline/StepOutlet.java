package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** What a worker that does not wait has in hand, and how it leaves the window. */
final class StepOutlet implements Delivery.Outlet {
    private final StageRun stage;
    private final Window window;
    private final Meter meter;
    private final Window.Outbox outbox;
    private @Nullable Work work;

    StepOutlet(StageRun stage, Window window, StepWorker worker) {
        this.stage = stage;
        this.window = window;
        this.meter = worker.meter();
        this.outbox = window.outbox(worker, meter);
    }

    Window.Outbox outbox() {
        return outbox;
    }

    @Override
    public Emitter end(Pass pass) {
        return outbox.end(stage.downstream(), pass);
    }

    @Override
    public Emitter end(Downstream target, Meter ofWorker, Pass pass) {
        return outbox.end(target, pass);
    }

    boolean isBusy() {
        return work != null;
    }

    Work current() {
        Work current = work;
        if (current == null) {
            throw new IllegalStateException("stage '" + stage.name() + "': no input at hand");
        }
        return current;
    }

    void begin(Work begun) {
        work = begun;
    }

    /** It is in hand no longer. */
    Work end() {
        Work ended = current();
        work = null;
        return ended;
    }

    @Override
    public boolean wanted() {
        return window.wants(current());
    }

    @Override
    public void finish(Object input, Fate fate) {
        window.finish(end(), fate, meter);
    }

    @Override
    public void drop(Object input, @Nullable Throwable reason) {
        window.drop(end(), reason);
    }

    @Override
    public void fail(Object input, PipelineException failure, Throwable cause) {
        window.fail(end(), failure, cause);
    }

    // The window has reserved the place and noted the input, and takes the results from the chain's end.

    @Override
    public boolean reserve() {
        return true;
    }

    @Override
    public void release() {}

    @Override
    public void begin(Object input, long position) {}

    @Override
    public boolean emit(Object result) {
        throw new IllegalStateException("results go through the outbox");
    }
}
