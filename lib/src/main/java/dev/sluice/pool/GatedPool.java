package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.internal.Threads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The variant without a queue: a permit of a gate and a thread for each task.
 *
 * <p>The permit is taken in the submitter's thread before the thread is made, and closed when the work has ended, before
 * the handle says so. A submitter waits at the gate with a future, which is cancelled to call it off: by the end of the
 * pool or by the cancellation of its task. The future is in {@code waiters} before its submitter looks, under the lock,
 * whether that has happened already; so either the submitter sees it or the other finds the future.
 */
final class GatedPool extends BasePool {
    final Gate gate;
    private final ThreadFactory factory;

    /** While the current thread sees to turns: those, of whatever pool, whose answers it has got meanwhile. */
    private static final ThreadLocal<@Nullable Deque<Turn>> ANSWERED = new ThreadLocal<>();

    /** One task in 64. */
    private static final long SAMPLED = 63;

    /** Who waits at the gate; guarded by the lock. */
    private final Map<Task<?>, CompletableFuture<Permit>> waiters = new HashMap<>();
    /** Guarded by the lock. */
    private final GatedLanes lanes;
    /** Guarded by the lock. */
    private int live;

    GatedPool(PoolSettings settings, Gate gate) {
        super(settings, SAMPLED);
        this.gate = gate;
        this.lanes = new GatedLanes(settings.laneCapacity());
        this.factory = settings.threads();
    }

    // ---- admission -----------------------------------------------------------------------------------

    @Override
    void admit(Task<?> task) {
        if (tryAdmit(task)) {
            return;
        }
        String full = !(task instanceof LaneTask<?>)
                ? "no permit is free"
                : "no permit is free, or its lane of " + lanes.share() + " is full";
        switch (onFull) {
            case BLOCK -> {
                if (task instanceof LaneTask<?> inLane) {
                    admitToLane(inLane);
                } else {
                    admitBlocking(task);
                }
            }
            case REJECT -> throw refusal(full, null);
            case DROP_NEWEST -> dropNewest(task, full);
            default -> throw new AssertionError(onFull); // refused by the builder
        }
    }

    private boolean tryAdmit(Task<?> task) {
        lock.lock();
        try {
            requireOpen();
            if (task instanceof LaneTask<?> inLane && lanes.isBusy(inLane)) {
                return enterLane(inLane);
            }
        } finally {
            lock.unlock();
        }
        Optional<Permit> permit;
        try {
            permit = gate.tryAcquire();
        } catch (RejectedExecutionException e) { // closed
            throw refusal("its gate gives no permits", e);
        }
        return permit.isPresent() && start(task, permit.get());
    }

    /** Puts a task behind others of its lane, and counts it, unless the lane is full. The lock is held. */
    private boolean enterLane(LaneTask<?> task) {
        if (!task.isWaiting()) {
            accounts.cancelNew();
            return true;
        }
        if (!lanes.hasRoom(task)) {
            return false;
        }
        lanes.add(task);
        accounts.submitted++;
        return true;
    }

    /** A permit comes by itself: who waits lends his. */
    @Override
    Awaited room(Task<?> task) {
        return task instanceof LaneTask<?> inLane ? new LaneRoom(inLane) : List::of;
    }

    /** What has to end before there is room for a task of a lane. */
    private final class LaneRoom implements Awaited {
        private final LaneTask<?> task;

        LaneRoom(LaneTask<?> task) {
            this.task = task;
        }

        @Override
        public Collection<? extends Task<?>> unfinished() {
            return look(() -> {
                Task<?> first = lanes.hasRoom(task) ? null : lanes.first(task);
                return first == null ? List.of() : List.of(first);
            });
        }
    }

    @Override
    void admitBare(Runnable command) {
        admit(Task.executed(this, command));
    }

    @Override
    boolean tryAdmit(Task<?> task, long timeout) throws InterruptedException {
        if (timeout == 0) {
            return tryAdmit(task);
        }
        if (!(task instanceof LaneTask<?> inLane)) {
            return awaitPermit(task, timeout);
        }
        // Only without a time limit: who waits for a permit may find the lane full when he has it.
        while (!tryAdmit(task) && !(look(() -> !lanes.isBusy(inLane)) && awaitPermit(task, timeout))) {
            awaitLane(inLane);
        }
        return true;
    }

    private void awaitLane(LaneTask<?> task) throws InterruptedException {
        look(() -> accounts.waiting++);
        try {
            await(() -> lanes.hasRoom(task) || !isOpen() || !task.isWaiting(), Long.MAX_VALUE);
        } finally {
            look(() -> accounts.waiting--);
        }
    }

    private boolean awaitPermit(Task<?> task, long timeout) throws InterruptedException {
        CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);
        Permit permit;
        startWaiting(task, wait);
        try {
            permit = receive(wait, timeout);
        } catch (CancellationException e) {
            countCalledOff();
            return true;
        } catch (InterruptedException e) {
            wait.cancel(false);
            wait.thenAccept(Permit::close); // when the permit came first
            throw e;
        } catch (ExecutionException e) {
            throw refusal("its gate gives no permits", e.getCause());
        } finally {
            stopWaiting(task);
        }
        return permit != null && start(task, permit);
    }

    private void startWaiting(Task<?> task, CompletableFuture<Permit> wait) {
        boolean calledOff;
        lock.lock();
        try {
            accounts.waiting++;
            waiters.put(task, wait);
            calledOff = !isOpen() || !task.isWaiting();
        } finally {
            lock.unlock();
        }
        if (calledOff) {
            wait.cancel(false);
        }
    }

    private void stopWaiting(Task<?> task) {
        lock.lock();
        try {
            accounts.waiting--;
            waiters.remove(task);
        } finally {
            lock.unlock();
        }
    }

    /** The permit; null when the time is up. */
    private static @Nullable Permit receive(CompletableFuture<Permit> wait, long timeout)
            throws InterruptedException, ExecutionException {
        try {
            return wait.get(timeout, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return wait.cancel(false) ? null : wait.get();
        }
    }

    private void countCalledOff() {
        lock.lock();
        try {
            requireOpen();
            accounts.cancelNew();
        } finally {
            lock.unlock();
        }
    }

    // ---- running -------------------------------------------------------------------------------------

    /** Begins the task with the permit, or puts it behind others of its lane; false when that is full. */
    private boolean start(Task<?> task, Permit permit) {
        Begin begin = Begin.NOT;
        try {
            begin = begin(task);
        } finally {
            if (begin != Begin.BEGUN) {
                permit.close();
            }
        }
        if (begin == Begin.BEGUN) {
            Throwable why = startThread(task, permit);
            if (why != null) {
                permit.close();
                throw takeBack(task, why);
            }
        }
        return begin != Begin.LANE_FULL;
    }

    private @Nullable Throwable startThread(Task<?> task, Permit permit) {
        task.knownExtras().permit = permit;
        task.holdsSlot = true;
        try {
            return Threads.start(factory, () -> run(task));
        } catch (OutOfMemoryError e) {
            return e;
        }
    }

    private enum Begin {
        BEGUN,
        /** It is counted, and needs no permit. */
        NOT,
        LANE_FULL
    }

    private Begin begin(Task<?> task) {
        Extras extras = Extras.withRunner();
        lock.lock();
        try {
            requireOpen();
            if (task instanceof LaneTask<?> inLane && lanes.isBusy(inLane)) {
                return enterLane(inLane) ? Begin.NOT : Begin.LANE_FULL;
            }
            if (!task.moveTo(Phase.RUNNING)) {
                accounts.cancelNew();
                return Begin.NOT;
            }
            if (task instanceof LaneTask<?> inLane) {
                lanes.open(inLane);
            }
            accounts.submitted++;
            begun(task, extras);
            live++;
            return Begin.BEGUN;
        } finally {
            lock.unlock();
        }
    }

    // ---- lanes ---------------------------------------------------------------------------------------

    /** The first task of a lane has ended, or has not begun: sees to the next one, which gets its permit in nobody's thread. */
    private void advance(LaneTask<?> gone) {
        LaneTask<?> next = look(() -> lanes.advance(gone)); // who waits for room is told when the task has settled
        if (next != null) {
            startFrom(new Turn(next));
        }
    }

    private void startFrom(Turn first) {
        if (first.ask()) {
            goOn(first);
        }
    }

    /**
     * Sees to a task of a lane whose answer is there. A permit that is given back meanwhile, for no thread could be had, may bring
     * the answer of another lane on this very stack: that is seen to afterwards. What is heard of those that fail comes behind it
     * all: all of many long lanes may fail at once, and callbacks may take their time, and wait for other tasks.
     */
    private static void goOn(Turn first) {
        Deque<Turn> below = ANSWERED.get();
        if (below != null) {
            below.add(first);
            return;
        }
        Deque<Turn> answered = new ArrayDeque<>();
        List<Turn> failed = new ArrayList<>();
        ANSWERED.set(answered);
        try {
            for (Turn turn = first; turn != null; turn = answered.poll()) {
                turn.goOn(failed);
            }
        } finally {
            ANSWERED.remove();
        }
        failed.forEach(Turn::publishFailed);
    }

    /**
     * The way of a lane's next task to its permit. The answer and the end of {@link #ask} come in either order, maybe in two
     * threads; the second of them goes on. So no answer is handled on the stack of the one before.
     */
    private final class Turn {
        private final LaneTask<?> task;
        private final AtomicBoolean met = new AtomicBoolean();
        // Written before it has met.
        private @Nullable Permit permit;
        private @Nullable Throwable refusal;
        /** Why the task, which has begun, cannot run. */
        private @Nullable Throwable failure;

        Turn(LaneTask<?> task) {
            this.task = task;
        }

        /** Returns whether the answer is there already; else who brings it goes on. */
        boolean ask() {
            CompletableFuture<Permit> wait = gate.acquireAsync(1, Runnable::run);
            boolean calledOff = look(() -> {
                waiters.put(task, wait);
                return !task.isWaiting();
            });
            wait.whenComplete(this::answer);
            if (calledOff) {
                wait.cancel(false);
            }
            return !met.compareAndSet(false, true);
        }

        private void answer(@Nullable Permit given, @Nullable Throwable why) {
            permit = given;
            refusal = why;
            if (!met.compareAndSet(false, true)) {
                GatedPool.goOn(this);
            }
        }

        /** Sees to the tasks of the lane from this one on, until one has begun or has to wait. */
        void goOn(List<Turn> failed) {
            Turn turn = this;
            while (turn != null && !turn.take()) {
                Turn gone = turn;
                LaneTask<?> next = look(() -> lanes.advance(gone.task));
                if (gone.failure != null) {
                    gone.task.endUnrun(gone.failure); // finds that it has left its lane
                    failed.add(gone);
                }
                Turn following = next == null ? null : new Turn(next);
                turn = following != null && following.ask() ? following : null;
            }
        }

        void publishFailed() {
            task.publishFailed(Objects.requireNonNull(failure, "it failed"));
            gone();
        }

        /** Begins the task; false when it does not run, and its lane has to go on. */
        boolean take() {
            boolean begun = begin();
            Permit given = permit;
            Throwable why = given == null ? refusal : begun ? startThread(task, given) : null;
            if (begun && why == null) {
                return true;
            }
            if (given != null) {
                given.close();
            }
            if (begun) {
                task.knownExtras().permit = null;
                failure = reasonFor("it could not be started", why);
            }
            return false;
        }

        private boolean begin() {
            Extras extras = Extras.withRunner();
            return look(() -> {
                waiters.remove(task);
                boolean begins = task.moveTo(Phase.RUNNING);
                if (begins) {
                    lanes.remove(task);
                    begun(task, extras);
                    live++;
                }
                return begins;
            });
        }
    }

    private void gone() {
        lock.lock();
        try {
            live--;
            threadGone();
        } finally {
            lock.unlock();
        }
    }

    @Override
    void openLanes() {
        // They are.
    }

    @Override
    void leaveLane(LaneTask<?> task) {
        advance(task);
    }

    @Override
    @Nullable
    Task<?> firstInLane(LaneTask<?> task) {
        return look(() -> lanes.first(task));
    }

    // ---- threads -------------------------------------------------------------------------------------

    private void run(Task<?> task) {
        try {
            task.run();
        } finally {
            gone();
        }
    }

    private RuntimeException takeBack(Task<?> task, Throwable why) {
        lock.lock();
        try {
            live--;
            notBegun(task);
            accounts.rejected++;
        } finally {
            lock.unlock();
        }
        if (task instanceof LaneTask<?> inLane) {
            advance(inLane);
        }
        return rejection("no thread could be started for it", why);
    }

    @Override
    void release(Task<?> task) {
        Permit permit = task.knownExtras().permit;
        if (permit != null) {
            task.holdsSlot = false;
            permit.close();
        }
        if (task instanceof LaneTask<?> inLane) {
            leaveLane(inLane);
        }
    }

    @Override
    <T, X extends Exception> T lend(Task<?> holder, Gate.Work<T, X> work) throws X {
        return Objects.requireNonNull(holder.knownExtras().permit, "a holder has a permit")
                .lend(work);
    }

    // ---- the rest ------------------------------------------------------------------------------------

    @Override
    boolean claim(Task<?> task) {
        return false; // nothing is queued
    }

    @Override
    boolean withdraw(Task<?> task, Phase next) {
        if (!task.moveTo(next)) {
            return false;
        }
        if (task.queued && task instanceof LaneTask<?> inLane) {
            lanes.remove(inLane);
        }
        return true;
    }

    @Override
    void closeQueue() {
        // There is none.
    }

    @Override
    List<Task<?>> clearQueue() {
        return lanes.all().stream()
                .filter(task -> withdraw(task, Phase.CANCELLED))
                .toList();
    }

    @Override
    void ended() {
        // Nothing else is left.
    }

    @Override
    void interruptWorkers() {
        // Each thread has but its task.
    }

    @Override
    boolean atRest() {
        return lanes.queued() == 0;
    }

    @Override
    Tally tally() {
        Tally tally = new Tally();
        tally.queued = lanes.queued();
        return tally;
    }

    @Override
    List<Task<?>> workersTasks() {
        return List.of();
    }

    @Override
    List<StuckWatch.Sight> workersSights() {
        return List.of();
    }

    @Override
    void wakeAll() {
        // Nobody waits for the lock's conditions but those that the base class wakes.
    }

    @Override
    void wakeSubmitters() {
        List<CompletableFuture<Permit>> calledOff = new ArrayList<>();
        lock.lock();
        try {
            waiters.forEach((task, wait) -> {
                // What is queued in a lane is accepted, and runs though the pool is shut down.
                if ((!isOpen() && !task.queued) || !task.isWaiting()) {
                    calledOff.add(wait);
                }
            });
        } finally {
            lock.unlock();
        }
        calledOff.forEach(wait -> wait.cancel(false));
    }

    @Override
    int threads() {
        return live;
    }

    @Override
    int width() {
        return gate.permits();
    }

    @Override
    int queueCapacity() {
        return 0;
    }

    @Override
    int feedAhead() {
        return gate.permits();
    }

    @Override
    public void resize(int workers) {
        gate.resize(workers);
    }
}
