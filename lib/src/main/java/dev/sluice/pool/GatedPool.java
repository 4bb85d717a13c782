package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.internal.Threads;
import java.util.ArrayList;
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
    private final Gate gate;
    private final ThreadFactory factory;

    /** Who waits at the gate; guarded by the lock. */
    private final Map<Task<?>, CompletableFuture<Permit>> waiters = new HashMap<>();
    /** Guarded by the lock. */
    private int live;

    GatedPool(String name, Gate gate, OnFull onFull, ThreadFactory factory) {
        super(name, onFull);
        this.gate = gate;
        this.factory = factory;
    }

    // ---- admission -----------------------------------------------------------------------------------

    @Override
    void admit(Task<?> task) {
        if (tryAdmit(task)) {
            return;
        }
        switch (onFull) {
            case BLOCK -> admitBlocking(task);
            case REJECT -> throw refusal("no permit is free", null);
            case DROP_NEWEST -> dropNewest(task, "no permit is free");
            default -> throw new AssertionError(onFull); // refused by the builder
        }
    }

    private boolean tryAdmit(Task<?> task) {
        lock.lock();
        try {
            requireOpen();
        } finally {
            lock.unlock();
        }
        Optional<Permit> permit;
        try {
            permit = gate.tryAcquire();
        } catch (RejectedExecutionException e) { // closed
            throw refusal("its gate gives no permits", e);
        }
        permit.ifPresent(free -> start(task, free));
        return permit.isPresent();
    }

    @Override
    void admitBare(Runnable command) {
        admit(Task.executed(this, command));
    }

    @Override
    boolean tryAdmit(Task<?> task, long timeout) throws InterruptedException {
        return timeout == 0 ? tryAdmit(task) : awaitPermit(task, timeout);
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
        if (permit != null) {
            start(task, permit);
        }
        return permit != null;
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

    private void start(Task<?> task, Permit permit) {
        boolean begun = false;
        try {
            begun = begin(task);
        } finally {
            if (!begun) {
                permit.close();
            }
        }
        if (!begun) {
            return;
        }
        task.knownExtras().permit = permit;
        task.holdsSlot = true;
        Throwable why = Threads.start(factory, () -> run(task));
        if (why != null) {
            permit.close();
            throw takeBack(task, why);
        }
    }

    private boolean begin(Task<?> task) {
        Extras extras = Extras.withRunner();
        lock.lock();
        try {
            requireOpen();
            if (!task.moveTo(Phase.RUNNING)) {
                accounts.cancelNew();
                return false;
            }
            accounts.submitted++;
            begun(task, extras);
            live++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void run(Task<?> task) {
        try {
            task.run();
        } finally {
            lock.lock();
            try {
                live--;
                threadGone();
            } finally {
                lock.unlock();
            }
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
        return rejection("no thread could be started for it", why);
    }

    @Override
    void release(Task<?> task) {
        Permit permit = task.knownExtras().permit;
        if (permit != null) {
            task.holdsSlot = false;
            permit.close();
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
        return task.moveTo(next);
    }

    @Override
    void closeQueue() {
        // There is none.
    }

    @Override
    List<Task<?>> clearQueue() {
        return List.of();
    }

    @Override
    void interruptWorkers() {
        // Each thread has but its task.
    }

    @Override
    boolean atRest() {
        return true;
    }

    @Override
    Tally tally() {
        return new Tally();
    }

    @Override
    List<Task<?>> workersTasks() {
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
                if (!isOpen() || !task.isWaiting()) {
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
