package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How the workers of a stage get turns in a pool of the user's. Nobody waits for that: when the pool has no room, the turn is
 * asked for again after a moment.
 *
 * <p>A turn that the pool will not give, because it has been shut down or has dropped it, fails the run; the worker then
 * ends in a thread of its own, where there is nothing left to do but to discard.
 */
final class PoolTurns {
    private static final long MOMENT_NANOS = 1_000_000;

    private final WorkerPool pool;
    private final StageRun stage;

    PoolTurns(WorkerPool pool, StageRun stage) {
        this.pool = pool;
        this.stage = stage;
    }

    void schedule(StepWorker worker) {
        Turn turn = new Turn(worker);
        try {
            Optional<TaskHandle<?>> handle = pool.trySubmit(turn);
            if (handle.isEmpty()) {
                Clock.in(MOMENT_NANOS, () -> schedule(worker));
            } else {
                handle.get().toCompletableFuture().whenComplete((nothing, failure) -> turn.isOver(failure));
            }
        } catch (Throwable e) {
            // Shut down; or its thread factory has failed.
            turn.isOver(e);
        }
    }

    private final class Turn implements Runnable {
        private final StepWorker worker;
        private final AtomicBoolean taken = new AtomicBoolean();

        Turn(StepWorker worker) {
            this.worker = worker;
        }

        @Override
        public void run() {
            if (taken.compareAndSet(false, true)) {
                worker.turn();
            }
        }

        /** The pool has no more to do with it. */
        void isOver(@Nullable Throwable failure) {
            if (failure != null && taken.compareAndSet(false, true)) {
                stage.startEnd(() -> {
                    stage.breakDown(failure);
                    worker.turn();
                });
            }
        }
    }
}
