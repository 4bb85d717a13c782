package dev.sluice.pool;

import dev.sluice.internal.SureLock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state that both variants share: the accounts, the running tasks, and the life cycle.
 *
 * <p>One lock guards it all, and in the variants the threads too. User code, threads and handles are touched only without
 * the lock. Tasks that a {@link Worker} runs as its own entries are on its accounts and not on these.
 */
abstract sealed class PoolCore permits BasePool {
    private enum Life {
        OPEN,
        SHUTDOWN,
        STOPPED
    }

    final String name;
    final PoolSettings settings;
    final SureLock lock = new SureLock();
    final Accounts accounts = new Accounts();
    /** Guarded by the lock. */
    final StuckWatch watch;

    private final TaskList running = new TaskList();
    private final AtomicLong sequence = new AtomicLong();
    final Histogram queueWait = new Histogram();
    final Histogram runTime = new Histogram();
    /** A task is stamped with the time of its submission when its number has none of these bits. */
    private final long stampMask;
    /** Signalled when a task has settled, a thread has gone, or the life cycle has moved on. */
    private final Condition changed = lock.newCondition();

    /** Written under the lock, and read without it by {@link Worker}. */
    private volatile Life life = Life.OPEN;

    /** Begun, or dropped by an alarm, and not yet through with its handle and listeners. */
    private int unsettled;

    PoolCore(PoolSettings settings, long stampMask) {
        this.name = settings.name();
        this.settings = settings;
        this.stampMask = stampMask;
        this.watch = new StuckWatch((BasePool) this, settings.stuckAfter());
    }

    /** Frees what the task held; after its end was counted, before that is published. */
    abstract void release(Task<?> task);

    /** Takes a task that a worker has run out of its lane, before its end is published. */
    abstract void leaveLane(LaneTask<?> task);

    /** The task that runs, or is to run next, in a lane; null when there is none. */
    abstract @Nullable Task<?> firstInLane(LaneTask<?> task);

    /** Moves a task that waits to another phase; false when it does not wait any more. The lock is held. */
    abstract boolean withdraw(Task<?> task, Phase next);

    /** The pool has terminated; maybe not for the first time. The lock is held. */
    abstract void ended();

    /** Lets no more entries in, from the moment on at which this returns. The lock is held. */
    abstract void closeQueue();

    /** Takes all that is queued; for each a task that is cancelled. The lock is held; the queue is closed. */
    abstract List<Task<?>> clearQueue();

    /** Interrupts what workers have begun, now that there is nothing left to begin. */
    abstract void interruptWorkers();

    /** Whether nothing is queued and no worker is at work. The lock is held. */
    abstract boolean atRest();

    /** What is queued and what workers have on their accounts, of one moment. The lock is held. */
    abstract Tally tally();

    /** What workers run. The lock is held. */
    abstract List<Task<?>> workersTasks();

    /** What workers run, for the watch. The lock is held. */
    abstract List<StuckWatch.Sight> workersSights();

    /** Makes every thread that waits for this lock's conditions look at the life cycle and its task. The lock is held. */
    abstract void wakeAll();

    /** The same for submitters that wait elsewhere; without the lock. */
    abstract void wakeSubmitters();

    /** The threads alive. The lock is held. */
    abstract int threads();

    abstract int width();

    abstract int queueCapacity();

    // ---- the life of a task ------------------------------------------------------------------------

    final long nextSequence() {
        return sequence.incrementAndGet();
    }

    /** A task that was stamped has begun. */
    final void waited(Object task, long nanos) {
        queueWait.record(nanos);
        if (Tracing.tracesWaits()) {
            Tracing.waited(name, task, nanos);
        }
    }

    /** Why a task is dropped that was queued for too long. */
    final RejectedExecutionException lateness(Task<?> task) {
        return new RejectedExecutionException("pool " + name + " dropped " + task + ": it was queued for longer than "
                + Duration.ofNanos(settings.queueTimeoutNanos()));
    }

    /** Whether a task is to know when it was submitted. */
    final boolean stamps(long number) {
        return (number & stampMask) == 0 || Tracing.tracesWaits();
    }

    /** Refuses when the pool is shut down. The lock is held. */
    final void requireOpen() {
        if (life != Life.OPEN) {
            throw reject("it is shut down", null);
        }
    }

    /** Counts a refusal. The lock is held. */
    final RejectedExecutionException reject(String why, @Nullable Throwable cause) {
        accounts.rejectNew();
        return rejection(why, cause);
    }

    final RejectedExecutionException rejection(String why, @Nullable Throwable cause) {
        return new RejectedExecutionException("pool " + name + " refused a task: " + why, cause);
    }

    /** A rejection for a task that was accepted, and has to fail; the cause itself when there is no memory for one. */
    final Throwable reasonFor(String why, @Nullable Throwable cause) {
        try {
            return rejection(why, cause);
        } catch (OutOfMemoryError e) {
            return cause == null ? e : cause;
        }
    }

    /** A task that has just left WAITING for RUNNING, with what it needs to run apart from workers. The lock is held. */
    final void begun(Task<?> task, Extras extras) {
        task.runsApart(extras);
        unsettled++;
        running.add(task);
        watch.start();
    }

    final void ended(Task<?> task, Ending ending) {
        Worker worker = task.worker;
        if (worker != null) {
            worker.ended(ending);
            if (task instanceof LaneTask<?> inLane) {
                leaveLane(inLane);
            }
            return;
        }
        lock.lock();
        try {
            running.remove(task);
            accounts.end(ending);
            if (task.knownExtras().byCaller) {
                accounts.callerRunning--;
            }
        } finally {
            lock.unlock();
        }
        release(task);
    }

    /** The last thing heard of a begun task: its handle is terminal, its work has ended. */
    final void settled(Task<?> task) {
        if (task.worker != null && !task.isGivenUp()) {
            return; // nobody waits for it but by its handle
        }
        lock.lock();
        try {
            unsettled -= task.worker == null ? 1 : 0;
            task.exitGivenUp();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Cancels a task that has not begun: it is queued, or its submitter still waits. */
    final boolean withdraw(Task<?> task) {
        lock.lock();
        try {
            if (!withdraw(task, Phase.CANCELLED)) {
                return false;
            }
            if (task.queued) {
                accounts.cancelled++;
                changed.signalAll(); // the pool may be idle
            } // else its submitter counts it
        } finally {
            lock.unlock();
        }
        wakeSubmitters();
        return true;
    }

    /** So many tasks, fewer if negative, are through but for their publication. The lock is held. */
    final int unsettle(int tasks) {
        unsettled += tasks;
        threadGone();
        return unsettled;
    }

    /** A begun task for which no thread could be started. The lock is held. */
    final void notBegun(Task<?> task) {
        unsettled--;
        running.remove(task);
        changed.signalAll();
    }

    // ---- the life of the pool ------------------------------------------------------------------------

    /** Lets nothing in any more. */
    final void end() {
        advance(Life.SHUTDOWN, new ArrayList<>(), new ArrayList<>());
    }

    /** Lets nothing in any more, cancels the queued tasks, which it returns, and interrupts the running ones. */
    final List<Task<?>> stop() {
        List<Task<?>> unrun = new ArrayList<>();
        List<Task<?>> begun = new ArrayList<>();
        advance(Life.STOPPED, unrun, begun);
        begun.forEach(Task::interrupt); // first: callbacks of the others may take their time
        interruptWorkers();
        unrun.forEach(Task::publishUnrun);
        return unrun;
    }

    private void advance(Life next, List<Task<?>> unrun, List<Task<?>> begun) {
        lock.lock();
        try {
            life = life.compareTo(next) < 0 ? next : life;
            closeQueue();
            if (next == Life.STOPPED) {
                unrun.addAll(clearQueue());
                accounts.cancelled += unrun.size();
                begun.addAll(running.toList());
            }
            wakeAll();
            threadGone();
        } finally {
            lock.unlock();
        }
        wakeSubmitters();
    }

    /** The lock is held. */
    final boolean isOpen() {
        return life == Life.OPEN;
    }

    final boolean isStopped() {
        return life == Life.STOPPED;
    }

    /** A thread has gone, or has come to rest. The lock is held. */
    final void threadGone() {
        changed.signalAll();
        if (terminated()) {
            watch.stop();
            ended();
        }
    }

    /** The lock is held. */
    final boolean terminated() {
        return life != Life.OPEN && idle() && threads() == 0;
    }

    /** The lock is held. */
    final boolean idle() {
        return unsettled == 0 && atRest();
    }

    final boolean awaitExit(Task<?> task, long nanos) throws InterruptedException {
        return await(task::hasExited, nanos);
    }

    /** Waits for something that comes with a signal of {@code changed}. */
    final boolean await(BooleanSupplier condition, long timeout) throws InterruptedException {
        return Waits.lending(() -> {
            long nanos = timeout;
            lock.lockInterruptibly();
            try {
                while (!condition.getAsBoolean()) {
                    if (nanos <= 0) {
                        return false;
                    }
                    nanos = changed.awaitNanos(nanos);
                }
                return true;
            } finally {
                lock.unlock();
            }
        });
    }

    final List<Task<?>> runningTasks() {
        return look(() -> {
            List<Task<?>> all = new ArrayList<>(running.toList());
            all.addAll(workersTasks());
            return all;
        });
    }

    /** What runs. The lock is held. */
    final List<StuckWatch.Sight> sights() {
        List<StuckWatch.Sight> all = new ArrayList<>(workersSights());
        running.toList().forEach(task -> all.add(new StuckWatch.Sight(task.sequence, 0, task)));
        return all;
    }

    final PoolStats snapshot() {
        return look(() -> accounts.snapshot(
                name, width(), queueCapacity(), tally(), running.size(), queueWait.timing(), runTime.timing()));
    }

    /** Reads under the lock. */
    final <R> R look(Supplier<R> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }
}
