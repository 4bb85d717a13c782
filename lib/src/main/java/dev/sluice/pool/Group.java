package dev.sluice.pool;

import dev.sluice.internal.Check;
import dev.sluice.internal.Clock;
import dev.sluice.internal.SureLock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The one kind of {@link TaskGroup}. All fields are guarded by the lock; tasks are cancelled, run and awaited without it.
 * A task is a member ({@code pending}, {@code alive}) before the pool sees it, so that a cancellation finds it even while
 * its submitter waits for room.
 */
final class Group<T extends @Nullable Object> implements TaskGroup<T>, TaskListener {
    private static final int MOST_FAILURES = 33;

    private final BasePool pool;
    private final OnFailure onFailure;
    private final SureLock lock = new SureLock();
    private final Condition changed = lock.newCondition();
    /** What wakes the group at its deadline; it knows it only weakly. Written by who makes the group, before others know it. */
    private Clock.@Nullable Alarm alarm;

    /** Without an outcome yet. */
    private final Set<Task<T>> pending = new LinkedHashSet<>();
    /** Not really ended yet. */
    private final Set<Task<?>> alive = new LinkedHashSet<>();

    /** In the order of their ends, until their outcomes are read; the pending ones among them are about to be done. */
    private final Set<Task<T>> ended = new LinkedHashSet<>();

    private final List<Throwable> failures = new ArrayList<>();
    /** Of the failures, those that nobody has been shown. */
    private int unseen;

    private boolean quiet;
    private boolean stopped;
    /** The passed deadline, until it has been noted as a failure; it is one only for somebody whom it stopped. */
    private @Nullable Throwable passedDeadline;

    private boolean closed;

    Group(BasePool pool, OnFailure onFailure) {
        this.pool = pool;
        this.onFailure = Check.notNull("onFailure", onFailure);
    }

    void expireAfter(Duration deadline) {
        long nanos = Check.nanos("deadline", deadline);
        TimeoutException passed = new TimeoutException("the deadline of " + deadline + " has passed");
        if (nanos == 0) {
            expire(passed);
            return;
        }
        WeakReference<Group<T>> weak = new WeakReference<>(this);
        alarm = Alarms.in(nanos, () -> {
            Group<T> group = weak.get();
            if (group != null) {
                group.expire(passed);
            }
        });
    }

    // ---- submitting ----------------------------------------------------------------------------------

    @Override
    public TaskHandle<T> submit(Callable<? extends T> task) {
        return submitted(Task.of(pool, task, this));
    }

    @Override
    public TaskHandle<T> submit(Job<? extends T> job) {
        return submitted(Task.of(pool, job, this));
    }

    private Task<T> submitted(Task<T> task) {
        add(task, member -> {
            pool.admit(member);
            return true;
        });
        return task;
    }

    /** How a member gets into the pool. */
    interface Admission<X extends Exception> {
        /** Returns false when the task has to stay out. */
        boolean admit(Task<?> task) throws X;
    }

    /** Makes the task a member, if the pool admits it; returns whether it did. */
    <X extends Exception> boolean add(Task<T> task, Admission<X> admission) throws X {
        boolean admitted = false;
        boolean arrivesCancelled = join(task);
        try {
            if (arrivesCancelled) {
                pool.admitCancelled(task);
                admitted = true;
            } else {
                admitted = admission.admit(task);
            }
        } finally {
            if (!admitted) {
                forget(task);
            }
        }
        return admitted;
    }

    /** Returns whether the group has been stopped. */
    private boolean join(Task<T> task) {
        lock.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException("the group is closed");
            }
            pending.add(task);
            alive.add(task);
            noteDeadline();
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    private void forget(Task<T> task) {
        lock.lock();
        try {
            pending.remove(task);
            alive.remove(task);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tasks without an outcome, and outcomes that nobody has read. */
    int inFlight() {
        lock.lock();
        try {
            return pending.size() + ended.size();
        } finally {
            lock.unlock();
        }
    }

    // ---- what the tasks tell -------------------------------------------------------------------------

    @Override
    public void ending(Task<?> task, @Nullable Throwable failure) {
        Task<T> member = member(task);
        lock.lock();
        try {
            enter(member, failure);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void done(Task<?> task) {
        Task<T> member = member(task);
        Throwable failure = member.failure();
        boolean failFast;
        lock.lock();
        try {
            pending.remove(member);
            enter(member, failure);
            failFast = failure != null && onFailure == OnFailure.FAIL_FAST && !stopped;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (failFast) {
            cancel();
        }
    }

    @SuppressWarnings("unchecked") // only tasks of this group have it as a listener
    private Task<T> member(Task<?> task) {
        return (Task<T>) task;
    }

    private void enter(Task<T> member, @Nullable Throwable failure) {
        if (ended.add(member) && failure != null) {
            note(failure);
        }
    }

    @Override
    public void exited(Task<?> task) {
        lock.lock();
        try {
            alive.remove(task);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void note(Throwable failure) {
        if (failures.size() < MOST_FAILURES) {
            failures.add(failure);
        }
        unseen++;
    }

    private void noteDeadline() {
        if (passedDeadline != null && !pending.isEmpty()) {
            note(passedDeadline);
            passedDeadline = null;
        }
    }

    private void expire(TimeoutException passed) {
        lock.lock();
        try {
            passedDeadline = passed;
            stopped = true;
            noteDeadline();
        } finally {
            lock.unlock();
        }
        cancel();
    }

    @Override
    public void cancel() {
        List<Task<T>> unfinished;
        lock.lock();
        try {
            stopped = true;
            unfinished = List.copyOf(pending);
        } finally {
            lock.unlock();
        }
        unfinished.forEach(task -> task.cancel(true));
    }

    // ---- waiting -------------------------------------------------------------------------------------

    @Override
    public Iterable<Outcome<T>> outcomes() {
        return () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return awaitOutcome();
            }

            @Override
            public Outcome<T> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("every outcome so far has been read");
                }
                return take();
            }
        };
    }

    /** Waits for an outcome as an iterator may; false when none is to come. */
    boolean awaitOutcome() {
        try {
            return awaitOutcome(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            throw interrupted("waiting for an outcome", e);
        }
    }

    /** What an iterator throws that was interrupted; the flag is set again. */
    static CancellationException interrupted(String what, InterruptedException cause) {
        Thread.currentThread().interrupt();
        CancellationException interrupted = new CancellationException("interrupted while " + what);
        interrupted.initCause(cause);
        return interrupted;
    }

    /** Waits for an outcome; false when none is to come, or none came in time. */
    boolean awaitOutcome(long nanos) throws InterruptedException {
        awaitAll(new Target(pending, true), nanos);
        lock.lock();
        try {
            if (ended.isEmpty()) {
                unseen = 0;
            }
            return outcomeReady();
        } finally {
            lock.unlock();
        }
    }

    boolean isStopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }

    boolean hasPending() {
        lock.lock();
        try {
            return !pending.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** The failures of this group are somebody else's matter. */
    void markSeen() {
        lock.lock();
        try {
            quiet = true;
        } finally {
            lock.unlock();
        }
    }

    boolean hasOutcome() {
        lock.lock();
        try {
            return outcomeReady();
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. */
    private boolean outcomeReady() {
        return !ended.isEmpty() && !pending.contains(ended.iterator().next());
    }

    Outcome<T> take() {
        lock.lock();
        try {
            if (!outcomeReady()) {
                throw new NoSuchElementException("every outcome so far has been read");
            }
            Task<T> oldest = ended.iterator().next();
            ended.remove(oldest);
            unseen -= oldest.failure() == null ? 0 : 1;
            return oldest.outcome();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void join() throws InterruptedException, ExecutionException {
        awaitAll(new Target(pending, false), Long.MAX_VALUE);
        List<Throwable> seen;
        lock.lock();
        try {
            unseen = 0;
            seen = List.copyOf(failures);
        } finally {
            lock.unlock();
        }
        if (!seen.isEmpty()) {
            ExecutionException failure =
                    new ExecutionException("a task of the group failed: " + seen.get(0), seen.get(0));
            seen.stream().skip(1).forEach(failure::addSuppressed);
            throw failure;
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                awaitAll(new Target(alive, false), Long.MAX_VALUE);
                ended = true;
            } catch (InterruptedException e) {
                interrupted = true;
                cancel();
            }
        }
        if (alarm != null) {
            alarm.cancel();
        }
        logUnseen();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void logUnseen() {
        lock.lock();
        try {
            if (quiet || unseen <= 0 || failures.isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        LoggerFactory.getLogger(WorkerPool.class)
                .warn(
                        "{}: a group was closed with {} failure(s) that nobody looked at, the first of all: {}",
                        pool.name,
                        unseen,
                        failures.get(0).toString());
    }

    /** Waits for the target or the time; a task of the pool runs queued members meanwhile, if its time is not limited. */
    private void awaitAll(Target target, long nanos) throws InterruptedException {
        if (nanos != Long.MAX_VALUE) {
            Waits.lending(() -> target.await(nanos));
            return;
        }
        while (!target.reached()) {
            // Who waits for any outcome must not be held up by the work of one.
            if (target.orOutcome || !runOneHere(target)) {
                Waits.untilEnd(target, () -> target.await(nanos));
            }
        }
    }

    private boolean runOneHere(Target target) throws InterruptedException {
        if (Task.current() != null) {
            for (Task<?> task : target.unfinished()) {
                if (task.runQueuedHere()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A set of members to become empty, or an outcome to come before that. */
    private final class Target implements Awaited {
        private final Set<? extends Task<?>> members;
        private final boolean orOutcome;

        Target(Set<? extends Task<?>> members, boolean orOutcome) {
            this.members = members;
            this.orOutcome = orOutcome;
        }

        boolean reached() {
            return unfinished().isEmpty();
        }

        @Override
        public Collection<? extends Task<?>> unfinished() {
            lock.lock();
            try {
                return isReached() ? List.of() : List.copyOf(members);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean endsWhen(Predicate<? super Task<?>> willEnd) {
            Collection<? extends Task<?>> left = unfinished();
            if (members == alive) { // a cancelled member has its outcome, but not its end
                return left.stream().allMatch(willEnd);
            }
            Predicate<Task<?>> ends = task -> task.isDone() || willEnd.test(task);
            return orOutcome
                    ? left.isEmpty() || left.stream().anyMatch(ends)
                    : left.stream().allMatch(ends);
        }

        private boolean isReached() {
            return members.isEmpty() || (orOutcome && outcomeReady());
        }

        boolean await(long timeout) throws InterruptedException {
            long nanos = timeout;
            lock.lockInterruptibly();
            try {
                while (!isReached() && nanos > 0) {
                    nanos = changed.awaitNanos(nanos);
                }
                return isReached();
            } finally {
                lock.unlock();
            }
        }
    }
}
