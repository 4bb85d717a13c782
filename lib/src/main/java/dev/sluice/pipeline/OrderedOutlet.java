package dev.sluice.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The way of one worker through the reorder window of its stage. */
final class OrderedOutlet implements Delivery.Outlet {
    private final Reorder reorder;
    private final Worker worker;
    private @Nullable Slot slot;

    OrderedOutlet(Reorder reorder, Worker worker) {
        this.reorder = reorder;
        this.worker = worker;
    }

    @Override
    public boolean reserve() {
        return reorder.reserve(worker.meter());
    }

    @Override
    public void release() {
        reorder.release();
    }

    @Override
    public void begin(Object input, long position) {
        Slot begun = new Slot(input, position, worker);
        slot = begun;
        reorder.begin(begun);
    }

    @Override
    public boolean wanted() {
        return reorder.wants(current());
    }

    @Override
    public boolean emit(Object result) {
        return reorder.emit(current(), result);
    }

    @Override
    public void finish(Object input, Fate fate) {
        reorder.finish(current(), fate);
    }

    @Override
    public void drop(Object input, @Nullable Throwable reason) {
        reorder.drop(current(), reason);
    }

    @Override
    public void fail(Object input, PipelineException failure, Throwable cause) {
        reorder.fail(current(), failure, cause);
    }

    private Slot current() {
        return Objects.requireNonNull(slot, "no input at hand");
    }
}
