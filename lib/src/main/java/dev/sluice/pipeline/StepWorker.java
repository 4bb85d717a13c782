package dev.sluice.pipeline;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A worker of a stepped stage. It does not wait: it works until there is no input or no room, and then returns, to be called
 * again by who makes some. The thread in which it works is its own, or one of a pool that it shares with others.
 *
 * <p>{@code phase} says whether it works or is to; a call is never lost, because who is called while he works looks again
 * before he rests.
 *
 * <pre>
 *  RESTS ──called──> DUE ──begins──> WORKS ──returns──> RESTS
 *                     ▲                │ └──called──> CALLED ──begins anew──> WORKS
 *                     └──time is up────┘
 *  WORKS, CALLED ──nothing left──> ENDED
 * </pre>
 */
final class StepWorker extends Hand {
    private static final int RESTS = 0;
    private static final int DUE = 1;
    private static final int WORKS = 2;
    private static final int CALLED = 3;
    private static final int ENDED = 4;

    private static final int YIELDS = 8;

    // The worker in whose turn the thread is; turns nest when a pool's thread helps while it waits.
    private static final ThreadLocal<@Nullable StepWorker> TURN = new ThreadLocal<>();

    private final StageRun stage;
    private final Window window;
    private final PoolTurns.@Nullable Turn turn;
    private final StepLoop loop;
    private final AtomicInteger phase = new AtomicInteger(RESTS);
    private final Runnable roomCame = this::roomCame;
    // Where the worker has left a watcher that has not been called.
    private volatile @Nullable Downstream watched;
    // Where it was called for room since it last had none to wait for.
    private volatile @Nullable Downstream calledFrom;
    private volatile @Nullable Thread thread;
    private boolean begun;
    /** Guarded by the window's lock. */
    boolean isIdle;

    /** @param pool whose threads it uses; null for one of its own */
    StepWorker(StageRun stage, Window window, @Nullable PoolTurns pool) {
        super(stage);
        this.stage = stage;
        this.window = window;
        this.turn = pool == null ? null : pool.turnOf(this);
        this.loop = StepLoop.of(stage, window, this);
    }

    /** Has it work, now or once more. */
    static void wake(@Nullable StepWorker worker) {
        if (worker != null) {
            worker.signal();
        }
    }

    /** Has it work, now or once more; false when it has ended. */
    boolean signal() {
        while (true) {
            int seen = phase.get();
            if (seen == DUE || seen == CALLED || seen == ENDED) {
                return seen != ENDED;
            }
            if (phase.compareAndSet(seen, seen == RESTS ? DUE : CALLED)) {
                if (seen == RESTS) {
                    schedule();
                }
                return true;
            }
        }
    }

    private void schedule() {
        if (turn != null) {
            turn.schedule();
        } else {
            // Not started yet: it looks at the phase when it is.
            LockSupport.unpark(thread);
        }
    }

    /** The life of a thread of its own. */
    @Override
    public void run() {
        thread = Thread.currentThread();
        meter.cpu().begin();
        signal();
        while (phase.get() != ENDED) {
            if (isDueSoon()) {
                turn();
            } else {
                // Interrupts are for the user's code, and an interrupted thread does not park.
                Thread.interrupted();
                LockSupport.park(this);
            }
        }
    }

    private boolean isDueSoon() {
        for (int i = 0; i < YIELDS && phase.get() == RESTS; i++) {
            Thread.yield();
        }
        return phase.get() == DUE;
    }

    /** Works until there is nothing to do. By one thread at a time: who is due is so once. */
    void turn() {
        StepWorker outer = null;
        boolean entered = false;
        boolean ended = false;
        try {
            outer = TURN.get();
            if (outer != null) {
                outer.interrupts.suspend();
            }
            TURN.set(this);
            entered = stage.execution().enter();
            interrupts.enter();
            ended = works();
        } catch (Throwable e) {
            // As below: it has not come to work.
            ended = true;
            stage.breakDown(e);
            abandon(e);
        } finally {
            try {
                interrupts.leave();
                if (ended) {
                    end();
                }
            } finally {
                if (entered) {
                    stage.execution().exit();
                }
                if (outer == null) {
                    TURN.remove();
                } else {
                    TURN.set(outer);
                    outer.interrupts.resume();
                }
            }
        }
        if (!ended) {
            rest();
        }
    }

    /** Gives whether it has ended. */
    private boolean works() {
        phase.set(WORKS);
        comesTo(Thread.currentThread());
        if (!begun) {
            begun = true;
            meter.begin();
        }
        meter.goesOn();
        try {
            return !loop.run();
        } catch (Throwable e) {
            // Not the user's code, which is caught where it is called: without this a defect would hang the run.
            stage.breakDown(e);
            abandon(e);
            return true;
        } finally {
            comesTo(null);
        }
    }

    private void abandon(Throwable defect) {
        try {
            loop.abandon(defect);
        } catch (Throwable e) {
            stage.breakDown(e);
        }
    }

    private void rest() {
        if (loop.hasMore() || !phase.compareAndSet(WORKS, RESTS)) {
            // Called while it worked, or its time was up: at the end of the queue of a pool.
            phase.set(DUE);
            schedule();
        }
    }

    private void end() {
        phase.set(ENDED);
        try {
            leaveRoom();
            window.passOn(this);
        } catch (Throwable e) {
            stage.breakDown(e);
        }
        try {
            stage.workerEnds(interrupts);
        } catch (Throwable e) {
            stage.breakDown(e);
        } finally {
            leave();
        }
    }

    @Override
    void neverStarts() {
        boolean interrupted = Thread.interrupted();
        StepWorker outer = TURN.get();
        if (outer != null) {
            outer.interrupts.suspend();
        }
        try {
            // No turn: in it the worker could come to wait for room, and be called where there is no thread.
            meter.begin();
            end();
        } finally {
            if (outer != null) {
                outer.interrupts.resume();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    void call() {
        signal();
        if (turn != null) {
            turn.hurry();
        }
    }

    boolean isAborted() {
        return stage.isAborted();
    }

    /** What it has in hand. */
    Work work() {
        return loop.work();
    }

    /** Whether its pool's threads are wanted by others, too. */
    boolean sharesThreads() {
        return turn != null;
    }

    boolean isAwaitingRoom() {
        return watched != null;
    }

    /** Leaves a watcher; false when there is room now. */
    boolean awaitsRoom(Downstream target) {
        watched = target;
        if (target.watchRoom(roomCame)) {
            return true;
        }
        watched = null;
        return false;
    }

    private void roomCame() {
        Downstream target = watched;
        watched = null;
        calledFrom = target;
        if (!signal() && target != null) {
            target.passOnRoom();
        }
    }

    /** It waits for no room: what it was called for and has not used is for others. */
    void leaveRoom() {
        Downstream target = calledFrom;
        if (target != null) {
            calledFrom = null;
            target.passOnRoom();
        }
    }
}
