package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.internal.RingEnd;
import dev.sluice.pipeline.Downstream.Put;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stepped stage has taken and what has not left it yet; it hands out work to the stage's workers, and says which
 * of them to call when there is some.
 *
 * <p><b>Lock.</b> {@code lock} guards every field, here and in the subclasses, and is held for moments: nothing is waited
 * for, nobody is called and no code of the user's runs under it. So it is one that spins. Where memory may run out under it,
 * it is given back all the same; and what is read finds room in queues that are made large enough.
 *
 * <p><b>Reading.</b> One worker at a time reads the link: who has set {@code reading}. It reads no more than there is room
 * for, so never more than {@code size} items are in here. When the link has nothing, it leaves a watcher there;
 * {@code watching} says so, until the watcher is called.
 *
 * <p><b>Nobody is left asleep.</b> A worker that finds nothing is {@code idle} until it is called. There is something when
 * a subclass has work that is ready, or when somebody may read. Whoever makes that so is a worker that is going to claim,
 * or calls an idle one: {@link #itemsCame}, {@link #due}. Who has claimed calls another when there is more: so one call
 * may stand for several works, and one worker after the other is called as long as there are works for them. Who was
 * called and does not claim ({@link #passOn}) does the same.
 *
 * <p><b>End.</b> {@link #isDone} becomes true by the end of the link with nothing in here, by a failure or an abort. Who
 * makes it true calls all who are idle.
 */
abstract class Window {
    final StageRun stage;
    final RingEnd lock = new RingEnd();
    private final Link link;
    private final int size;
    private final int mostAtOnce;
    private final Runnable itemsCame = this::itemsCame;
    private final ArrayDeque<StepWorker> idle = new ArrayDeque<>();
    private final Set<Work> waiting = new LinkedHashSet<>();
    private int held;
    private boolean reading;
    private boolean watching;
    private boolean over;

    /** @param mostAtOnce how many items are read before one is handed out */
    Window(StageRun stage, Link link, int size, int mostAtOnce) {
        this.stage = stage;
        this.link = link;
        this.size = size;
        this.mostAtOnce = mostAtOnce;
    }

    /** Where the results of a worker go. */
    abstract Outbox outbox(StepWorker worker, Meter meter);

    /** What a read item becomes. By who reads, without the lock: may run the user's code. */
    abstract Work work(Object item, long position);

    /** Takes in what was read: a chain of works. With the lock. */
    abstract void admit(Work first);

    /** With the lock: the worker is about to read. */
    void beginReading() {}

    /** Without the lock, by who is about to read. */
    void beforeReading() {}

    /** With the lock: whether what is read can be taken in. */
    boolean admits() {
        return true;
    }

    /** With the lock: hands out what is ready. */
    abstract @Nullable Work pollReady(StepWorker worker);

    /**
     * For a worker that has no room for results: hands out the oldest work, if others wait for it and it waits for a worker.
     * If not, the worker is called when it does.
     */
    @Nullable
    Work claimHead(StepWorker worker) {
        return null;
    }

    /** There is something to do, and no worker that has nothing in hand; without the lock. */
    void nobodyIsIdle() {}

    abstract boolean hasReady();

    /** With the lock: its next attempt may begin. */
    abstract void readyAgain(Work work);

    /** Whether results of the work can still be delivered. */
    abstract boolean wants(Work work);

    /** The work is done, and its results have gone where {@link #outbox} takes them. */
    abstract void finish(Work work, Fate fate, Meter meter);

    /** The work was for nothing. */
    abstract void drop(Work work, @Nullable Throwable reason);

    /** The work has failed the stage. */
    void fail(Work work, PipelineException failure, Throwable cause) {
        drop(work, cause);
        stage.execution().fail(failure, stage.index());
        callAll();
    }

    /** With the lock: nothing is left to do. */
    boolean isDone() {
        return !stage.takesMore() || hasTakenAll();
    }

    /** With the lock: nothing is in here, and nothing will be. */
    final boolean hasTakenAll() {
        return held == 0 && (over || !stage.takesMore());
    }

    /** With the lock, after the last worker has left: gives what was taken and has not left. Changes nothing here. */
    abstract void addRest(List<Work> rest);

    /** The key that holds the stage up. */
    @Nullable
    Object fullKey() {
        return null;
    }

    /**
     * Gives the next work. When there is none at the moment, the worker is called when there may be; when there will be
     * none, {@link #hasEnded}.
     */
    @Nullable
    Work claim(StepWorker worker, Meter meter) {
        Work work;
        StepWorker called = null;
        boolean looks = false;
        boolean done = false;
        lock.lock();
        try {
            work = next(worker, meter);
            if (work == null) {
                done = isDone();
            } else if (!idle.isEmpty() && hasReady()) {
                called = pollIdle();
            } else if (!idle.isEmpty() && mayRead()) {
                looks = true;
                reading = true;
            }
        } finally {
            lock.unlock();
        }
        if (done) {
            callAll();
        }
        try {
            if (looks) {
                called = lookAhead();
            }
            StepWorker.wake(called);
        } catch (Throwable e) {
            if (work != null) {
                // Handed out, and in nobody's hand.
                drop(work, e);
            }
            throw e;
        }
        return work;
    }

    /** With the lock: gives what is ready; when that is nothing, the worker is idle from here on, or all is done. */
    private @Nullable Work next(StepWorker worker, Meter meter) {
        leaveIdle(worker);
        while (!isDone()) {
            Work work = pollReady(worker);
            if (work != null) {
                return work;
            }
            if (!mayRead()) {
                idle.push(worker);
                worker.isIdle = true;
                return null;
            }
            read(meter);
        }
        return null;
    }

    private void leaveIdle(StepWorker worker) {
        if (worker.isIdle) {
            // It was called for something else.
            idle.remove(worker);
            worker.isIdle = false;
        }
    }

    private boolean mayRead() {
        return !reading && !watching && !over && stage.takesMore() && held < size && admits();
    }

    /** With the lock before and after, but not in between. */
    private void read(Meter meter) {
        beginReading();
        int most = Math.min(mostAtOnce, size - held);
        Work first = null;
        boolean nothingMore = false;
        reading = true;
        lock.unlock();
        try {
            beforeReading();
            first = readUpTo(most, meter);
            nothingMore = first == null && !watch() && link.isOver();
        } finally {
            lock.lock();
            reading = false;
        }
        for (Work each = first; each != null; each = each.next) {
            held++;
        }
        if (first != null) {
            admit(first);
        } else if (nothingMore) {
            over = true;
        }
    }

    private @Nullable Work readUpTo(int most, Meter meter) {
        Work first = null;
        Work last = null;
        Object item = null;
        try {
            for (int i = 0; i < most; i++) {
                item = link.poll(meter);
                if (item == null) {
                    break;
                }
                Work work = work(item, meter.position);
                item = null;
                if (last == null) {
                    first = work;
                } else {
                    last.next = work;
                }
                last = work;
            }
            return first;
        } catch (Throwable e) {
            // There is no memory. What has been read meets its fate here; the run has failed by then, so nothing is
            // thrown.
            stage.breakDown(e);
            for (Work each = first; each != null; each = each.next) {
                stage.discard(each.input, e);
            }
            if (item != null) {
                stage.discard(item, e);
            }
            throw e;
        }
    }

    /** By who reads. The mark comes first: the call may come at once, and takes it back. */
    private boolean watch() {
        mark(true);
        if (link.watchItems(itemsCame)) {
            return true;
        }
        mark(false);
        return false;
    }

    private void mark(boolean watches) {
        lock.lock();
        watching = watches;
        lock.unlock();
    }

    private void itemsCame() {
        lock.lock();
        watching = false;
        StepWorker called = pollIdle();
        lock.unlock();
        StepWorker.wake(called);
    }

    /** Leaves a watcher at the link while the worker is busy; or calls one who is idle, when there is something. */
    private @Nullable StepWorker lookAhead() {
        boolean something = true;
        StepWorker called;
        try {
            something = link.waiting() > 0 || !watch();
        } finally {
            lock.lock();
            reading = false;
            called = something ? pollIdle() : null;
            lock.unlock();
        }
        return called;
    }

    private @Nullable StepWorker pollIdle() {
        StepWorker worker = idle.poll();
        if (worker != null) {
            worker.isIdle = false;
        }
        return worker;
    }

    /** The worker, which may have been called, does not claim: another one may have to. */
    void passOn(StepWorker worker) {
        StepWorker called;
        boolean ready;
        lock.lock();
        try {
            leaveIdle(worker);
            ready = hasReady();
            called = ready || mayRead() ? pollIdle() : null;
        } finally {
            lock.unlock();
        }
        StepWorker.wake(called);
        if (ready && called == null) {
            nobodyIsIdle();
        }
    }

    /** With the lock: a work has left. Who calls this is going to claim, and makes known that there is room and that it may
     * have been the last. */
    final void left() {
        held--;
    }

    /** Calls somebody who is idle because there was no room. */
    final void callForRoom() {
        StepWorker called;
        lock.lock();
        try {
            called = mayRead() ? pollIdle() : null;
        } finally {
            lock.unlock();
        }
        StepWorker.wake(called);
    }

    /** Calls all who are idle, because nothing may be left to do. */
    final void callAll() {
        lock.lock();
        int count = idle.size();
        lock.unlock();
        // One after the other, for a list of them would take memory. Who becomes idle meanwhile has seen why they are
        // called.
        for (int i = 0; i < count; i++) {
            lock.lock();
            StepWorker called = pollIdle();
            lock.unlock();
            StepWorker.wake(called);
        }
    }

    final boolean hasEnded() {
        lock.lock();
        try {
            return isDone();
        } finally {
            lock.unlock();
        }
    }

    /** The work waits for its next attempt; it stays in here, and counts. */
    void retry(Work work, long nanos) {
        int wait;
        lock.lock();
        try {
            waiting.add(work);
            wait = ++work.waits;
        } finally {
            lock.unlock();
        }
        Clock.Alarm alarm;
        try {
            alarm = Clock.in(nanos, () -> due(work));
        } catch (Throwable e) {
            // The clock's thread cannot be started. The caller still has the work in hand.
            withdraw(work);
            throw e;
        }
        lock.lock();
        // It may have been tried meanwhile, and wait for another alarm.
        boolean waits = waiting.contains(work) && work.waits == wait;
        if (waits) {
            work.alarm = alarm;
        }
        lock.unlock();
        if (!waits) {
            alarm.cancel();
        }
    }

    private void due(Work work) {
        StepWorker called = null;
        boolean ready;
        lock.lock();
        try {
            ready = waiting.remove(work);
            if (ready) {
                work.alarm = null;
                readyAgain(work);
                called = pollIdle();
            }
        } finally {
            lock.unlock();
        }
        StepWorker.wake(called);
        if (ready && called == null) {
            nobodyIsIdle();
        }
    }

    /** Whether it waited. */
    final boolean withdraw(Work work) {
        lock.lock();
        boolean waited = waiting.remove(work);
        Clock.Alarm alarm = work.alarm;
        lock.unlock();
        if (alarm != null) {
            alarm.cancel();
        }
        return waited;
    }

    /** With the lock: its next attempt is not due. */
    final boolean waits(Work work) {
        return waiting.contains(work);
    }

    /** With the lock. */
    final List<Work> waiting() {
        return List.copyOf(waiting);
    }

    /** By the last worker, once: gives what was taken and has not left. A list takes memory: it waits until there is some. */
    final List<Work> rest() {
        while (true) {
            try {
                List<Work> rest = listRest();
                for (int i = 0; i < rest.size(); i++) {
                    withdraw(rest.get(i));
                }
                return rest;
            } catch (OutOfMemoryError e) {
                Execution.awaitMemory();
            }
        }
    }

    private List<Work> listRest() {
        List<Work> rest = new ArrayList<>();
        lock.lock();
        try {
            addRest(rest);
        } finally {
            lock.unlock();
        }
        return rest;
    }

    /** How a worker hands on what comes of its works. */
    interface Outbox {
        /** The end of the worker's chain that leads to {@code target}. */
        Emitter end(Downstream target, Pass pass);

        /** Whether one more result of the work can be taken; if not, the worker is called when it can. */
        boolean hasRoom(Work work);

        /** Puts what there is; {@code FULL} when the worker has to wait, and will be called. */
        Put flush();
    }
}
