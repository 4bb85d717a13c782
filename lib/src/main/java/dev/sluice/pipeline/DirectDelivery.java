package dev.sluice.pipeline;

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

        Direct(Worker worker) {
            this.worker = worker;
        }

        @Override
        public Emitter end(Pass pass) {
            return new ChainEnd(stage.downstream(), worker.meter(), pass);
        }

        @Override
        public boolean isDirect() {
            return true;
        }

        @Override
        public boolean reserve() {
            return true;
        }

        @Override
        public void release() {}

        @Override
        public void begin(Object input, long position) {}

        @Override
        public boolean wanted() {
            return !stage.isAborted();
        }

        @Override
        public boolean emit(Object result) {
            return stage.downstream().put(result, worker.meter());
        }

        @Override
        public void finish(Object input, Fate fate) {
            stage.settle(input, fate, worker.meter());
        }

        @Override
        public void drop(Object input, @Nullable Throwable reason) {
            stage.discard(input, stage.reasonOr(reason));
        }

        @Override
        public void fail(Object input, PipelineException failure, Throwable cause) {
            drop(input, cause);
            stage.execution().fail(failure, stage.index());
        }
    }
}
