package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.internal.Check;
import dev.sluice.internal.Sleepers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The variant with workers and a bounded queue: who gets in, and what becomes of the others.
 *
 * <p><b>Waiting for room.</b> Who finds no room yields some times, for on few cores that is when the workers make it, then
 * sleeps. A worker that begins an entry looks for sleeping submitters after the CAS by which it began; a sleeper announces
 * itself before it looks for room a last time. Both are volatile: so one of them sees the other. While tasks are short a
 * sleeper is called only when half of the queue is free, and one that finds less does not stop for it; should the workers
 * come to a halt before, it looks again by itself, after 1 ms the first time, and the more rarely the more of them wait. What
 * else makes room, or ends the wait otherwise, calls without further ado. Every wait, whatever ends it, passes the call on
 * if there is still room.
 */
final class QueuedPool extends BasePool {
    /** Tasks have numbers from 1 on; what is sampled is the backlog's matter. */
    private static final long STAMPS_NONE = -1;

    /**
     * How often who finds no room lets others go first. No more: to a kernel who yields is never idle, so it leaves two workers
     * on one processor when the submitter has the other one for itself.
     */
    private static final int YIELDS = 32;

    /** After so many a queue that is still not half empty needs more workers. */
    private static final int PATIENCE = 24;

    private static final long CALL_NANOS = 50_000;
    private static final long FIRST_LOOK_NANOS = 1_000_000;
    private static final long LAST_LOOK_NANOS = 16_000_000;
    private static final long RAREST_LOOK_NANOS = 256_000_000;

    final Backlog backlog;
    private final boolean timesAll;
    private final @Nullable QueueTimeouts timeouts;
    private final int capacity;
    final Workers workers;
    private final Sleepers submitters = new Sleepers();
    /** Those who wait for room in their lanes. All are called when there is room in one. */
    private final Sleepers laneSubmitters = new Sleepers();
    /** About what the last tasks took; a hint, written by workers when it changes much. */
    private volatile long taskNanos = Worker.SHORT_NANOS;

    /** With all defaults; for tests. */
    QueuedPool(String name, int workers, int capacity, OnFull onFull, ThreadFactory factory) {
        this(PoolSettings.of(name, onFull, factory, laneShare(capacity, workers)), workers, capacity);
    }

    QueuedPool(PoolSettings settings, int workers, int capacity) {
        super(settings, STAMPS_NONE);
        this.capacity = capacity;
        this.backlog = new Backlog(capacity, settings.limitsQueueTime());
        this.timesAll = settings.exactTimings() || settings.limitsQueueTime();
        this.timeouts = settings.limitsQueueTime() ? new QueueTimeouts(this, settings.queueTimeoutNanos()) : null;
        this.workers = new Workers(this, workers, settings.threads());
    }

    /** The keys that hold all workers leave half of the queue to others. */
    static int laneShare(int capacity, int workers) {
        return Math.max(2, capacity / 2 / workers);
    }

    // ---- admission -----------------------------------------------------------------------------------

    @Override
    void admitBare(Runnable command) {
        if (settings.needsTasks() || Tracing.tracesWaits()) {
            admit(Task.executed(this, command));
            return;
        }
        if (offer(command)) {
            return;
        }
        if (onFull == OnFull.REJECT) {
            throw refusal("its queue of " + capacity + " is full", null);
        }
        if (onFull == OnFull.DROP_OLDEST) {
            admitDroppingOldest(command);
        } else if (onFull == OnFull.BLOCK && Task.current() == null) {
            awaitRoom(command);
        } else {
            handleFull(Task.executed(this, command));
        }
    }

    @Override
    void admit(Task<?> task) {
        if (offer(task)) {
            return;
        }
        if (task instanceof LaneTask<?> inLane) {
            handleFullLane(inLane);
        } else {
            handleFull(task);
        }
    }

    private void handleFull(Task<?> task) {
        switch (onFull) {
            case BLOCK -> admitBlocking(task);
            case REJECT -> throw refusal("its queue of " + capacity + " is full", null);
            case CALLER_RUNS -> runHere(task, true);
            case DROP_NEWEST -> dropNewest(task, "its queue of " + capacity + " is full");
            case DROP_OLDEST -> admitDroppingOldest(task);
        }
    }

    private void handleFullLane(LaneTask<?> task) {
        String full = "its queue of " + capacity + " or its lane of " + settings.laneCapacity() + " is full";
        switch (onFull) {
            case BLOCK -> admitToLane(task);
            case REJECT -> throw refusal(full, null);
            case DROP_NEWEST -> dropNewest(task, full);
            case DROP_OLDEST -> admitDroppingOldestOfLane(task);
            case CALLER_RUNS -> throw new AssertionError(onFull); // there are no lanes then
        }
    }

    @Override
    Awaited room(Task<?> task) {
        return new Room(task);
    }

    private final class Room implements Awaited {
        private final Task<?> task;

        Room(Task<?> task) {
            this.task = task;
        }

        @Override
        public Collection<? extends Task<?>> unfinished() {
            return backlog.inTheWayOf(task);
        }

        @Override
        public boolean endsWhen(Predicate<? super Task<?>> willEnd) {
            Collection<? extends Task<?>> inTheWay = unfinished();
            return inTheWay.isEmpty() || inTheWay.stream().anyMatch(willEnd);
        }
    }

    private boolean offer(Object entry) {
        return enter(entry) == Backlog.Offer.ACCEPTED;
    }

    /** Puts the entry into the queue, and counts it, unless the queue or the lane is full. */
    private Backlog.Offer enter(Object entry) {
        Backlog.Offer offer = backlog.offer(entry);
        switch (offer) {
            case ACCEPTED -> {
                workers.call(entry);
                if (timeouts != null) {
                    timeouts.start();
                }
            }
            case CANCELLED -> countCancelled();
            case CLOSED -> throw refusal("it is shut down", null);
            case FULL, LANE_FULL -> {
                return offer;
            }
        }
        return Backlog.Offer.ACCEPTED;
    }

    private void countCancelled() {
        lock.lock();
        try {
            accounts.cancelNew();
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean tryAdmit(Task<?> task, long timeout) throws InterruptedException {
        return timeout == 0 ? offer(task) : awaitRoom(task, timeout);
    }

    private void awaitRoom(Runnable command) {
        try {
            awaitRoom(command, Long.MAX_VALUE);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private boolean awaitRoom(Object entry, long timeout) throws InterruptedException {
        countWaiting(1);
        try {
            return yieldForRoom(entry) || sleepForRoom(entry, timeout);
        } finally {
            countWaiting(-1);
            passOn();
        }
    }

    /** Who was called for room that it has not used, or not all of it, calls the next. */
    private void passOn() {
        if (submitters.areWanted() && backlog.hasRoom(1)) {
            submitters.callOne();
        }
    }

    private void countWaiting(int one) {
        lock.lock();
        try {
            accounts.waiting += one;
        } finally {
            lock.unlock();
        }
    }

    private boolean yieldForRoom(Object entry) {
        int patience = isWorthACall() ? 0 : PATIENCE;
        for (int i = 0; i < YIELDS; i++) {
            if (backlog.isHalfEmpty() && offer(entry)) {
                return true;
            }
            if (i == patience) {
                workers.callMore();
            }
            Thread.yield();
        }
        return false;
    }

    private boolean sleepForRoom(Object entry, long timeout) throws InterruptedException {
        long start = System.nanoTime();
        long look = FIRST_LOOK_NANOS;
        long left = timeout;
        int worthwhile = tasksAreShort() ? Math.max(1, capacity / 2) : 1;
        Backlog.Offer offer = Backlog.Offer.FULL;
        while (left > 0) {
            if (offer == Backlog.Offer.LANE_FULL) {
                passOn();
                laneSubmitters.sleep(() -> mayEnterLane((LaneTask<?>) entry), left);
            } else {
                submitters.sleep(new Look(entry, worthwhile), Math.min(left, look));
            }
            offer = enter(entry);
            if (offer == Backlog.Offer.ACCEPTED) {
                return true;
            }
            if (offer == Backlog.Offer.FULL) {
                Deadlock.checkCurrent(); // the queue may have filled up with what waits for this task
            }
            look = Math.min(2 * look, Math.min(RAREST_LOOK_NANOS, LAST_LOOK_NANOS * waiting()));
            left = timeout == Long.MAX_VALUE ? timeout : timeout - (System.nanoTime() - start);
        }
        return false;
    }

    private long waiting() {
        return look(() -> accounts.waiting);
    }

    private boolean mayEnterLane(LaneTask<?> task) {
        return backlog.lanes().hasRoom(task) || backlog.isClosed() || !task.isWaiting();
    }

    /** Whether a submitter need not sleep: whether it finds enough before it sleeps, or anything when it was called. */
    private final class Look implements BooleanSupplier {
        private final Object entry;
        private int worthwhile;

        Look(Object entry, int worthwhile) {
            this.entry = entry;
            this.worthwhile = worthwhile;
        }

        @Override
        public boolean getAsBoolean() {
            int enough = worthwhile;
            worthwhile = 1;
            return backlog.hasRoom(enough)
                    || backlog.isClosed()
                    || (entry instanceof Task<?> task && !task.isWaiting());
        }
    }

    private void admitDroppingOldest(Object entry) {
        Object oldest = null;
        lock.lock();
        try {
            requireOpen();
            if (entry instanceof Task<?> task && !task.isWaiting()) {
                accounts.cancelNew();
                return;
            }
            oldest = backlog.addDroppingOldest(entry);
            accounts.dropped += oldest == null ? 0 : 1;
        } finally {
            lock.unlock();
        }
        if (oldest instanceof Task<?> task) {
            task.publishDropped(rejection("a newer one took its place in the full queue", null));
        }
        workers.call(entry);
        if (timeouts != null) {
            timeouts.start();
        }
    }

    /** Drops the oldest of the lane, or of the queue, whichever is full. */
    private void admitDroppingOldestOfLane(LaneTask<?> task) {
        Backlog.Offer offer = enter(task);
        while (offer != Backlog.Offer.ACCEPTED) {
            boolean laneIsFull = offer == Backlog.Offer.LANE_FULL;
            Object oldest = look(() -> {
                Object dropped = laneIsFull ? backlog.pollLane(task, Phase.DROPPING) : backlog.poll(Phase.DROPPING);
                accounts.dropped += dropped == null ? 0 : 1;
                return dropped;
            });
            if (oldest instanceof Task<?> victim) {
                victim.publishDropped(rejection("a newer one took its place in the full queue or lane", null));
            } else if (oldest == null && laneIsFull) {
                dropNewest(task, "its lane of " + settings.laneCapacity() + " is full, and all of that runs");
                return;
            }
            offer = enter(task);
        }
    }

    // ---- ways out of the queue -----------------------------------------------------------------------

    /** A worker has begun an entry by a CAS, or found none. */
    void roomMade(Worker worker) {
        if (!submitters.areWanted()) {
            return;
        }
        if (!tasksAreShort() || (worker.remaining() == 0 && backlog.isHalfEmpty())) {
            submitters.callOneUnfenced();
        }
    }

    /** Whether the last tasks were; a hint. */
    boolean tasksAreShort() {
        return taskNanos < Worker.SHORT_NANOS;
    }

    /** Whether every entry is timed, and is a task that knows when it was submitted. */
    boolean timesAll() {
        return timesAll;
    }

    /** Takes out what has been queued for too long. The lock is held. */
    List<Task<?>> dropLate() {
        List<Task<?>> late = backlog.takeLate();
        accounts.dropped += late.size();
        unsettle(late.size());
        return late;
    }

    void publishLate(List<Task<?>> late) {
        wakeSubmitters();
        for (Task<?> task : late) {
            try {
                task.publishDropped(lateness(task));
            } finally {
                look(() -> unsettle(-1));
            }
        }
    }

    @Override
    void ended() {
        if (timeouts != null) {
            timeouts.stop();
        }
    }

    /** What the last tasks took each; a worker says so. */
    void tasksTake(long nanos) {
        long about = Long.highestOneBit(nanos);
        if (about != taskNanos) {
            taskNanos = about;
        }
    }

    /** Whether what is in the queue keeps a worker busy for longer than it takes to call another. */
    boolean isWorthACall() {
        return backlog.size() * taskNanos > CALL_NANOS;
    }

    /** How many a worker may claim at once. */
    int want(Worker worker) {
        return onFull == OnFull.DROP_OLDEST ? 1 : worker.want();
    }

    /** Somebody has taken out an entry. */
    void roomMade() {
        submitters.callOne();
        laneSubmitters.callAll();
    }

    @Override
    void openLanes() {
        if (!backlog.hasLanes()) {
            look(() -> backlog.openLanes(settings.laneCapacity()));
        }
    }

    @Override
    void leaveLane(LaneTask<?> task) {
        Lanes.Left left = backlog.leaveLane(task);
        if (left.freed() != null) {
            workers.call(null);
        }
        if (left.roomIsAwaited()) {
            laneSubmitters.callAll();
        }
    }

    @Override
    @Nullable
    Task<?> firstInLane(LaneTask<?> task) {
        return backlog.lanes().first(task);
    }

    @Override
    boolean claim(Task<?> task) {
        Extras extras = Extras.withRunner();
        lock.lock();
        try {
            if (!backlog.withdraw(task, Phase.RUNNING)) {
                return false;
            }
            begun(task, extras);
        } finally {
            lock.unlock();
        }
        submitters.callOne();
        return true;
    }

    /** Takes out an entry that the caller has put in, and counts it as rejected; false when it is gone. The lock is held. */
    boolean takeBack(@Nullable Object own) {
        boolean found = own != null && backlog.remove(own);
        accounts.rejected += found ? 1 : 0;
        return found;
    }

    /** The oldest task, begun, so that it can be failed; null when there is none. The lock is held. */
    @Nullable
    Task<?> takeUnrunnable() {
        Extras extras = Extras.withRunner();
        Object oldest = backlog.poll(Phase.RUNNING);
        if (oldest == null) {
            return null;
        }
        Task<?> task;
        try {
            task = asTask(oldest, Phase.RUNNING);
        } catch (OutOfMemoryError e) { // nobody but the accounts can be told that it fails
            accounts.failed++;
            throw e;
        }
        begun(task, extras);
        return task;
    }

    /** The task itself, or one made of a bare entry. */
    private Task<?> asTask(Object entry, Phase phase) {
        if (entry instanceof Task<?> task) {
            return task;
        }
        Task<?> task = Task.executed(this, (Runnable) entry);
        task.moveTo(phase);
        return task;
    }

    @Override
    boolean withdraw(Task<?> task, Phase next) {
        return backlog.withdraw(task, next);
    }

    @Override
    void closeQueue() {
        backlog.close();
    }

    @Override
    List<Task<?>> clearQueue() {
        List<Task<?>> all = new ArrayList<>();
        backlog.clear(Phase.CANCELLED).forEach(entry -> all.add(asTask(entry, Phase.CANCELLED)));
        return all;
    }

    // ---- the rest ------------------------------------------------------------------------------------

    @Override
    <T, X extends Exception> T lend(Task<?> holder, Gate.Work<T, X> work) throws X {
        return workers.lend(Objects.requireNonNull(holder.worker, "a holder has a worker"), work);
    }

    @Override
    void release(Task<?> task) {
        // The worker keeps its slot until it comes back for the next task.
    }

    @Override
    void wakeAll() {
        workers.wakeAll();
    }

    @Override
    void wakeSubmitters() {
        submitters.callAll();
        laneSubmitters.callAll();
        workers.call(null); // a task of a lane may have been freed by the end of the one before it
    }

    @Override
    void interruptWorkers() {
        look(() -> List.of(backlog.crew())).forEach(Worker::interrupt);
    }

    @Override
    boolean atRest() {
        return workers.atRest() && backlog.isEmpty();
    }

    @Override
    Tally tally() {
        return backlog.snapshot();
    }

    @Override
    List<Task<?>> workersTasks() {
        List<Task<?>> all = new ArrayList<>();
        for (Worker worker : backlog.crew()) {
            Task<?> task = worker.shown();
            if (task != null) {
                all.add(task);
            }
        }
        return all;
    }

    @Override
    List<StuckWatch.Sight> workersSights() {
        List<StuckWatch.Sight> all = new ArrayList<>();
        for (Worker worker : backlog.crew()) {
            long number = worker.begunEntries; // before the look: a task that is taken for another one is told later
            Task<?> task = worker.shown();
            if (task != null) {
                all.add(new StuckWatch.Sight(worker, number, task));
            }
        }
        return all;
    }

    @Override
    int threads() {
        return workers.live();
    }

    @Override
    int width() {
        return workers.limit();
    }

    @Override
    int queueCapacity() {
        return capacity;
    }

    @Override
    int feedAhead() {
        return 2 * workers.limit();
    }

    @Override
    public void resize(int workers) {
        Check.atLeast("workers", workers, 1);
        lock.lock();
        try {
            this.workers.resize(workers);
        } finally {
            lock.unlock();
        }
        this.workers.startWanted();
    }
}
