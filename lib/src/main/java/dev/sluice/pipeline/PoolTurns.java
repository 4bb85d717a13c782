package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.internal.Threads;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How the workers of a stage get turns in a pool of the user's. Who has a worker called does not wait for that: when the
 * pool has no room, the worker stands in line, and a thread waits for the first ones' room, one after the other, until the
 * line is empty. The clock, whose thread must not run the pool's thread factory, has them stand in line at once.
 *
 * <p>When the stage has been aborted nothing is left to do in a turn but to discard. Then the pool is not waited for: who
 * aborts takes back the turns that it has not begun, and they are run by the thread that waits for room.
 *
 * <p>A turn that the pool will not give, because it has been shut down or has dropped it, fails the run; the worker then
 * ends in a thread of its own, where there is nothing left to do but to discard.
 */
final class PoolTurns {
    private static final long MOMENT_NANOS = 1_000_000;
    private static final Duration LONG = Duration.ofDays(1);

    private final WorkerPool pool;
    private final StageRun stage;
    private final ThreadFactory threads;
    private final ConcurrentLinkedQueue<Turn> line = new ConcurrentLinkedQueue<>();
    // How many stand in line, the one for whom the thread waits among them. Who is the first has the thread started.
    private final AtomicInteger waiting = new AtomicInteger();
    // Reaches the thread that waits for room, while it does and not after: then it may run the user's code.
    private final Interrupts server = new Interrupts();

    PoolTurns(WorkerPool pool, StageRun stage) {
        this.pool = pool;
        this.stage = stage;
        this.threads = Threads.platform("sluice-turns-", true);
    }

    void schedule(StepWorker worker) {
        Turn turn = new Turn(worker);
        // Before the look at the abort: either that is seen here, or this turn by who aborts.
        worker.awaits(turn);
        if (Clock.isCaller() || waiting.get() > 0 || stage.isAborted()) {
            lineUp(turn);
            return;
        }
        try {
            Optional<TaskHandle<?>> handle = pool.trySubmit(turn);
            if (handle.isPresent()) {
                turn.isGiven(handle.get());
            } else {
                lineUp(turn);
            }
        } catch (Throwable e) {
            // Shut down; or its thread factory has failed.
            turn.isOver(e);
        }
    }

    /** If the stage has been aborted, the worker's turn comes at once, whatever else the pool is at. */
    void hurry(StepWorker worker) {
        if (!stage.isAborted()) {
            return;
        }
        Turn turn = worker.awaited();
        if (turn != null && turn.take()) {
            lineUp(new Turn(worker));
        }
        server.interrupt();
    }

    private void lineUp(Turn turn) {
        line.add(turn);
        if (waiting.getAndIncrement() == 0) {
            startServing();
        }
    }

    private void startServing() {
        if (Threads.start(threads, () -> serve(this::submit)) == null) {
            return;
        }
        try {
            // There may be one in a moment.
            Clock.in(MOMENT_NANOS, this::startServing);
        } catch (Throwable e) {
            serve(turn -> turn.isOver(e));
        }
    }

    private void serve(Consumer<Turn> how) {
        do {
            // Never empty: who is counted has been added before.
            how.accept(line.remove());
        } while (waiting.decrementAndGet() > 0);
    }

    private void submit(Turn turn) {
        try {
            Optional<TaskHandle<?>> handle = Optional.empty();
            while (handle.isEmpty() && !stage.isAborted()) {
                handle = awaitRoom(turn);
            }
            if (handle.isPresent()) {
                turn.isGiven(handle.get());
            } else {
                turn.run();
            }
        } catch (Throwable e) {
            // As above.
            turn.isOver(e);
        }
    }

    /** Who aborts the stage sets its mark, and then interrupts the server: either the mark is seen here, or the interrupt comes. */
    private Optional<TaskHandle<?>> awaitRoom(Turn turn) {
        server.enter();
        try {
            return stage.isAborted() ? Optional.empty() : pool.trySubmit(turn, LONG);
        } catch (InterruptedException e) {
            return Optional.empty();
        } finally {
            server.leave();
        }
    }

    /** One turn of a worker: who takes it runs it. */
    final class Turn implements Runnable {
        private final StepWorker worker;
        private final AtomicBoolean taken = new AtomicBoolean();

        Turn(StepWorker worker) {
            this.worker = worker;
        }

        private boolean take() {
            return taken.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (take()) {
                worker.turn();
            }
        }

        void isGiven(TaskHandle<?> handle) {
            handle.toCompletableFuture().whenComplete((nothing, failure) -> isOver(failure));
        }

        /** The pool has no more to do with it. */
        void isOver(@Nullable Throwable failure) {
            if (failure != null && take()) {
                stage.startEnd(() -> {
                    stage.breakDown(failure);
                    worker.turn();
                });
            }
        }
    }
}
