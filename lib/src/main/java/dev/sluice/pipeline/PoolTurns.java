package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.internal.RingEnd;
import dev.sluice.internal.Threads;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How the workers of a stage get turns in a pool of the user's. Who has a worker called does not wait for that: when the
 * pool has no room, the worker stands in line, and a thread waits for the first ones' room, one after the other, until the
 * line is empty. The clock, whose thread must not run the pool's thread factory, has them stand in line at once.
 *
 * <p>When the stage has been aborted nothing is left to do in a turn but to discard. Then the pool is not waited for: who
 * aborts has those stand in line to whom the pool has not come, and they are run by the thread that waits for room.
 *
 * <p>A turn that the pool will not give, because it has been shut down or has dropped it, or because there is no memory for
 * it, fails the run; the worker then ends in a thread of its own, where there is nothing left to do but to discard.
 */
final class PoolTurns {
    private static final long MOMENT_NANOS = 1_000_000;
    private static final Duration LONG = Duration.ofDays(1);

    private final WorkerPool pool;
    private final StageRun stage;
    private final ThreadFactory threads;
    private final Runnable serve = this::serve;
    private final Runnable startServing = this::startServing;
    // Reaches the thread that waits for room, while it does and not after: then it may run the user's code.
    private final Interrupts server = new Interrupts();

    // Guards what follows, and a turn's place in the line, for moments: it is one that spins.
    private final RingEnd lock = new RingEnd();
    private @Nullable Turn first;
    private @Nullable Turn last;
    // From when somebody lines up until the thread, which he starts, finds the line empty. Read without the lock, too.
    private volatile boolean served;

    PoolTurns(WorkerPool pool, StageRun stage) {
        this.pool = pool;
        this.stage = stage;
        this.threads = Threads.platform("sluice-turns-", true);
    }

    private void lineUp(Turn turn) {
        lock.lock();
        append(turn);
        boolean starts = !served;
        served = true;
        lock.unlock();
        if (starts) {
            startServing();
        }
    }

    /** With the lock. */
    private void append(Turn turn) {
        if (turn.isInLine) {
            return;
        }
        turn.isInLine = true;
        if (last == null) {
            first = turn;
        } else {
            last.next = turn;
        }
        last = turn;
    }

    private @Nullable Turn next() {
        lock.lock();
        Turn turn = first;
        if (turn == null) {
            served = false;
        } else {
            first = turn.next;
            last = first == null ? null : last;
            turn.next = null;
            turn.isInLine = false;
        }
        lock.unlock();
        return turn;
    }

    private void startServing() {
        if (Threads.start(threads, serve) == null) {
            return;
        }
        try {
            // There may be one in a moment.
            Clock.in(MOMENT_NANOS, startServing);
        } catch (Throwable e) {
            for (Turn turn = next(); turn != null; turn = next()) {
                turn.isOver(e, turn.number());
            }
        }
    }

    private void serve() {
        for (Turn turn = next(); turn != null; turn = next()) {
            serve(turn);
        }
    }

    private void serve(Turn turn) {
        int number = turn.number();
        try {
            Optional<TaskHandle<?>> handle = Optional.empty();
            while (handle.isEmpty() && !stage.isAborted()) {
                handle = awaitRoom(turn);
            }
            if (handle.isPresent()) {
                turn.isGiven(handle.get(), number);
            } else {
                turn.run();
            }
        } catch (Throwable e) {
            // Shut down; or its thread factory has failed; or there is no memory.
            turn.isOver(e, number);
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

    Turn turnOf(StepWorker worker) {
        return new Turn(worker);
    }

    /**
     * The turns of one worker, one after the other. While one is due, whoever comes first takes it and works: the pool, or
     * the thread that serves the line. Who comes later, with what the pool was given for it before, does nothing or takes a
     * turn that is due since: either is right. Who learns that a turn will not be given takes that one only. So one object
     * does for all turns, and to line up takes no memory.
     */
    final class Turn implements Runnable {
        private final StepWorker worker;
        /** Odd while a turn is due: then its number. */
        private final AtomicInteger turns = new AtomicInteger();

        private final Runnable end = this::end;
        // Guarded by the lock of the line.
        private @Nullable Turn next;
        private boolean isInLine;
        /** Why it is over, by who took the turn. */
        private @Nullable Throwable reason;

        private Turn(StepWorker worker) {
            this.worker = worker;
        }

        int number() {
            return turns.get();
        }

        private boolean take(int number) {
            return (number & 1) == 1 && turns.compareAndSet(number, number + 1);
        }

        /** It is to be called soon. Throws nothing. */
        void schedule() {
            // Before the look at the abort: either that is seen here, or this turn by who aborts.
            int number = turns.incrementAndGet();
            if (Clock.isCaller() || served || stage.isAborted()) {
                lineUp(this);
                return;
            }
            try {
                Optional<TaskHandle<?>> handle = pool.trySubmit(this);
                if (handle.isPresent()) {
                    isGiven(handle.get(), number);
                } else {
                    lineUp(this);
                }
            } catch (Throwable e) {
                // As above.
                isOver(e, number);
            }
        }

        /** If the stage has been aborted, the turn comes at once, whatever else the pool is at. */
        void hurry() {
            if (!stage.isAborted()) {
                return;
            }
            if ((number() & 1) == 1) {
                lineUp(this);
            }
            server.interrupt();
        }

        @Override
        public void run() {
            if (take(number())) {
                worker.turn();
            }
        }

        private void isGiven(TaskHandle<?> handle, int number) {
            handle.toCompletableFuture().whenComplete((nothing, failure) -> isOver(failure, number));
        }

        /** The pool has no more to do with that turn. */
        private void isOver(@Nullable Throwable failure, int number) {
            if (failure != null && take(number)) {
                reason = failure;
                stage.startEnd(end);
            }
        }

        private void end() {
            Throwable why = reason;
            reason = null;
            if (why != null) {
                stage.breakDown(why);
            }
            worker.turn();
        }
    }
}
