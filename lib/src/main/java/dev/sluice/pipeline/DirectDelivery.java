package dev.sluice.pipeline;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Hands results on as they come. All state is the worker's own. */
final class DirectDelivery implements Delivery {
    private final StageRun stage;

    DirectDelivery(StageRun stage) {
        this.stage = stage;
    }

    @Override
    public Outlet outlet(Worker worker) {
        return new Direct(worker);
    }

    @Override
    public void abort(Throwable reason) {
        // Nothing is held here: the worker drops what it has in hand when the next link refuses it.
    }

    private final class Direct implements Outlet {
        private final Worker worker;
        private @Nullable Claim claim;

        Direct(Worker worker) {
            this.worker = worker;
        }

        @Override
        public boolean reserve() {
            return true;
        }

        @Override
        public void release() {}

        @Override
        public void begin(Claim taken) {
            if (claim != taken) { // a worker has one for all inputs; a store would cost more than the look
                claim = taken;
            }
        }

        @Override
        public boolean wanted() {
            return !stage.isAborted();
        }

        @Override
        public boolean emit(Object result) {
            return stage.downstream().put(result, worker.meter());
        }

        @Override
        public void finish(Fate fate) {
            stage.settle(settled(), fate, worker.meter());
        }

        @Override
        public void drop(@Nullable Throwable reason) {
            stage.discard(settled(), stage.reasonOr(reason), worker.meter());
        }

        @Override
        public void fail(PipelineException failure, Throwable cause) {
            drop(cause);
            stage.execution().fail(failure, stage.index());
        }

        private Claim settled() {
            return Objects.requireNonNull(claim, "no input at hand");
        }
    }
}
