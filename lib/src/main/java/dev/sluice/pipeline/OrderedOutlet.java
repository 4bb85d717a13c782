package dev.sluice.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of one worker through the reorder window of its stage.
 *
 * <p>Where an item has one result at most, that is kept here until the item is finished, which is at once: nothing of the
 * user's runs in between. With it the place for the next item is reserved, so that an item takes the window's lock once.
 */
final class OrderedOutlet implements Delivery.Outlet {
    private final Reorder reorder;
    private final Worker worker;
    private boolean holds;
    private boolean reserved;
    private @Nullable Slot slot;
    private @Nullable Object held;
    private @Nullable Pass pass;

    OrderedOutlet(Reorder reorder, Worker worker) {
        this.reorder = reorder;
        this.worker = worker;
    }

    @Override
    public Emitter end(Pass ofChain) {
        pass = ofChain;
        return new ChainEnd.ToOutlet(this, ofChain);
    }

    @Override
    public boolean reserve() {
        if (reserved && reorder.isOpen()) {
            reserved = false;
            return true;
        }
        leave();
        return reorder.reserve(worker.meter());
    }

    @Override
    public void release() {
        reorder.release();
    }

    @Override
    public void leave() {
        if (reserved) {
            reserved = false;
            reorder.release();
        }
    }

    @Override
    public void begin(Object input, long position) {
        Slot begun = new Slot(input, position, worker);
        slot = begun;
        held = null;
        holds = pass != null && pass.hasOneResult();
        reorder.begin(begun);
    }

    @Override
    public boolean wanted() {
        return reorder.wants(current());
    }

    @Override
    public boolean emit(Object result) {
        if (!holds) {
            return reorder.emit(current(), result);
        }
        held = result;
        return true;
    }

    @Override
    public void finish(Object input, Fate fate) {
        Object result = held;
        held = null;
        reserved = reorder.finish(current(), fate, result);
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
