package dev.sluice.pipeline;

import dev.sluice.pipeline.Downstream.Put;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The window of an ordered stage: results go out in the order of the inputs.
 *
 * <p>{@code inOrder} has all that was taken and has not left, the oldest first. Whoever adds a result or ends a work, and
 * finds no {@code emitter}, becomes it and puts what the first one has, until that has nothing more; the others leave it to
 * him. When there is no room he stays the emitter and is called. So one at a time puts, and none leaves a result behind: he
 * gives up under the lock, with nothing to put.
 *
 * <p>Who has no room waits for the head to go. When the head itself is to be tried again and nobody is idle, those that wait
 * for room are called, and one of them makes the attempt first: {@link #claimHead}.
 *
 * <p>Each input meets one fate. What is completed meets it when it leaves, for its results may not go out; what is filtered,
 * skipped, dead-lettered or has failed the stage, at that moment, whatever becomes of what it gave.
 *
 * <p>{@code failedAt} is the lowest position that has failed: what is before it goes out, attempts that are still to come
 * included, and nothing after it.
 */
final class OrderedWindow extends Window {
    private final int mostKept;
    private final ArrayDeque<Work> inOrder;
    private final ArrayDeque<Work> ready;
    private final Set<StepWorker> waitForRoom = new LinkedHashSet<>();
    private int kept;
    private @Nullable StepWorker emitter;
    private @Nullable PipelineException failure;
    // Written with the lock; read without it only to spare work that will be refused with it.
    private volatile long failedAt = Long.MAX_VALUE;

    OrderedWindow(StageRun stage, Link link, int size) {
        super(stage, link, size, 1);
        this.mostKept = size;
        this.inOrder = new ArrayDeque<>(size);
        this.ready = new ArrayDeque<>(size);
    }

    @Override
    Outbox outbox(StepWorker worker, Meter meter) {
        return new Ordered(worker, meter);
    }

    private final class Ordered implements Outbox {
        private final StepWorker worker;
        private final Meter meter;

        Ordered(StepWorker worker, Meter meter) {
            this.worker = worker;
            this.meter = meter;
        }

        @Override
        public Emitter end(Downstream target, Pass pass) {
            return new Emitter() {
                @Override
                boolean emit(Object item) {
                    pass.arrived();
                    if (!add(worker.work(), item)) {
                        return false;
                    }
                    // Taken in, whatever becomes of it: when the stage is aborted now, another worker may be putting
                    // it.
                    pump(worker, meter);
                    return true;
                }
            };
        }

        @Override
        public boolean hasRoom(Work work) {
            lock.lock();
            try {
                // The first result always fits: so there may be one more for each work in here.
                boolean room = !wants(work) || work.results.isEmpty() || kept < mostKept;
                if (!room) {
                    waitForRoom.add(worker);
                }
                return room;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Put flush() {
            // What is refused stays with its work, and the work is discarded.
            Put put = pump(worker, meter);
            return put == Put.REFUSED ? Put.DONE : put;
        }
    }

    private boolean add(Work work, Object result) {
        lock.lock();
        try {
            boolean wanted = wants(work);
            if (wanted) {
                work.results.add(result);
                kept++;
            }
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /** Puts what can go out, unless somebody else does. */
    private Put pump(StepWorker worker, Meter meter) {
        if (stage.isAborted()) {
            giveUp(worker, meter);
            return Put.REFUSED;
        }
        if (worker.isAwaitingRoom()) {
            return Put.FULL;
        }
        Put put = Put.DONE;
        boolean moved = false;
        Object result = null;
        while (true) {
            boolean done;
            lock.lock();
            try {
                if (emitter != null && emitter != worker) {
                    break;
                }
                moved |= take(put, result);
                moved |= leaveDone(meter);
                Work head = inOrder.peek();
                result = put == Put.REFUSED || head == null ? null : head.results.peek();
                emitter = result == null ? null : worker;
                done = isDone();
            } finally {
                lock.unlock();
            }
            if (result == null) {
                if (done) {
                    callAll();
                }
                break;
            }
            put = stage.downstream().tryPut(result, meter);
            if (put == Put.FULL && worker.awaitsRoom(stage.downstream())) {
                break;
            }
        }
        if (moved) {
            callForRoom();
            callThoseThatWaitForRoom();
        }
        return put;
    }

    /** What has gone out already is not discarded. */
    private void giveUp(StepWorker worker, Meter meter) {
        lock.lock();
        try {
            if (emitter == null || emitter == worker) {
                emitter = null;
                leaveDone(meter);
            }
        } finally {
            lock.unlock();
        }
    }

    /** With the lock, by the emitter: notes that the result has gone out. */
    private boolean take(Put put, @Nullable Object result) {
        Work head = inOrder.peek();
        // After an abort it may have been discarded meanwhile.
        if (put != Put.DONE || result == null || head == null || head.results.poll() == null) {
            return false;
        }
        kept--;
        return true;
    }

    /** With the lock: lets those leave that have come to their end and whose results have gone out. */
    private boolean leaveDone(Meter meter) {
        boolean moved = false;
        Work head = inOrder.peek();
        while (head != null && head.fate != null && head.results.isEmpty()) {
            inOrder.remove();
            if (!head.settled) {
                stage.settle(head.input, head.fate, meter);
            }
            left();
            moved = true;
            head = inOrder.peek();
        }
        return moved;
    }

    private void callThoseThatWaitForRoom() {
        List<StepWorker> all;
        lock.lock();
        try {
            if (waitForRoom.isEmpty()) {
                return;
            }
            all = List.copyOf(waitForRoom);
            waitForRoom.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(StepWorker::signal);
    }

    @Override
    Work work(Object item, long position) {
        return new Work(item, position, null, null, true);
    }

    @Override
    void admit(Work first) {
        for (Work work = first; work != null; work = work.next) {
            inOrder.add(work);
            ready.add(work);
        }
    }

    @Override
    @Nullable
    Work pollReady(StepWorker worker) {
        Work work = ready.poll();
        if (work != null) {
            work.worker = worker;
        }
        return work;
    }

    @Override
    @Nullable
    Work claimHead(StepWorker worker) {
        lock.lock();
        try {
            Work head = inOrder.peek();
            if (head == null || head.worker != null || waits(head) || !ready.remove(head)) {
                return null;
            }
            head.worker = worker;
            return head;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void nobodyIsIdle() {
        callThoseThatWaitForRoom();
    }

    @Override
    boolean hasReady() {
        return !ready.isEmpty();
    }

    @Override
    void readyAgain(Work work) {
        ready.addFirst(work);
    }

    @Override
    void retry(Work work, long nanos) {
        lock.lock();
        work.worker = null;
        lock.unlock();
        super.retry(work, nanos);
        if (!wants(work) && withdraw(work)) {
            // Something before it has failed since, and has not seen it wait.
            drop(work, null);
        }
    }

    @Override
    boolean wants(Work work) {
        return !stage.isAborted() && work.position <= failedAt;
    }

    @Override
    boolean isDone() {
        if (stage.isAborted() || failure == null) {
            return stage.isAborted() || hasTakenAll();
        }
        Work head = inOrder.peek();
        return head == null || (head.position == failedAt && head.results.isEmpty());
    }

    @Override
    void finish(Work work, Fate fate, Meter meter) {
        boolean settled = fate != Fate.COMPLETED;
        lock.lock();
        work.fate = fate;
        work.settled = settled;
        lock.unlock();
        if (settled) {
            stage.settle(work.input, fate, meter);
        }
        // The worker puts what can go out before it claims the next.
    }

    @Override
    void drop(Work work, @Nullable Throwable reason) {
        lock.lock();
        try {
            discard(work, reason);
        } finally {
            lock.unlock();
        }
    }

    /** With the lock. */
    private void discard(Work work, @Nullable Throwable reason) {
        boolean losesResults = !work.results.isEmpty();
        kept -= work.results.size();
        work.results.clear();
        work.fate = Fate.LOST;
        Throwable why = reason == null && failure != null ? failure : stage.reasonOr(reason);
        if (!work.settled) {
            work.settled = true;
            stage.discard(work.input, why);
        } else if (losesResults) {
            stage.refuse(work.input, why);
        }
    }

    @Override
    void fail(Work work, PipelineException cause, Throwable reason) {
        List<Work> calledOff = new ArrayList<>();
        List<Work> withdrawn = new ArrayList<>();
        boolean recorded = false;
        boolean first;
        lock.lock();
        try {
            first = wants(work);
            if (first) {
                recorded = stage.execution().recordBefore(failure, cause);
                failAt(work, cause, reason, calledOff, withdrawn);
            } else {
                discard(work, null);
            }
        } finally {
            lock.unlock();
        }
        withdrawn.forEach(this::withdraw);
        if (!recorded) {
            stage.execution().suppress(first ? cause : reason);
        }
        if (first) {
            stage.execution().abortUpstream(stage.index(), cause);
            calledOff.forEach(OrderedWindow::interrupt);
            callAll();
            callThoseThatWaitForRoom();
        }
    }

    private static void interrupt(Work work) {
        StepWorker worker = work.worker;
        if (worker != null) {
            worker.interrupts().interrupt(work);
        }
    }

    private void failAt(
            Work failed, PipelineException cause, Throwable reason, List<Work> calledOff, List<Work> withdrawn) {
        failure = cause;
        failedAt = failed.position;
        failed.settled = true;
        stage.discard(failed.input, reason);
        List<Work> idle = waiting();
        withdrawn.addAll(idle.stream().filter(work -> work.position > failedAt).toList());
        ready.removeIf(work -> work.position > failedAt);
        for (Work work : inOrder) {
            if (work.position <= failedAt) {
                continue;
            }
            if (work.worker != null && work.fate == null && !work.settled) {
                calledOff.add(work);
            } else {
                discard(work, null);
            }
        }
    }

    @Override
    void addRest(List<Work> rest) {
        inOrder.stream()
                .filter(work -> !work.settled || !work.results.isEmpty())
                .forEach(rest::add);
    }
}
