package dev.sluice.pool;

import dev.sluice.internal.RingEnd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link QueuedPool} has accepted and not begun, in order: entries in a circular array, and before them those that
 * workers have claimed.
 *
 * <p><b>Locks.</b> {@code back} is held to add, {@code front} to claim, both, back before front, for everything else; so
 * whoever holds both is alone but for owners that begin what they have claimed ({@link Worker}). The pool's lock comes
 * before both. What {@code cells} does as a whole is done under both. A cell is written before {@code back} is published behind it, and
 * emptied before {@code front} is.
 *
 * <p><b>Room.</b> What counts is the live entries: in cells, given back, and claimed and not begun. A task that leaves
 * WAITING otherwise than by its turn stays where it is, dead, and is counted in {@code dead}; whoever comes upon it later
 * counts it again as passed ({@link Worker}) or takes it back out of {@code dead}. The number of live entries is exact when
 * computed under both locks. The back's limit is what was found then: only additions make the room smaller, so it is never
 * too high. There are up to twice as many cells as there may be live entries; when they are used up, the dead are taken out.
 *
 * <p><b>Claims.</b> A worker claims a run under {@code front}: one entry, or several when its last were short and at least
 * twice as many for each worker lie there. What a worker cannot run, because it gives its slot away, goes to {@code
 * returned}, which comes before the cells. So with one worker entries begin in their order exactly.
 */
final class Backlog {
    private final int capacity;
    private final boolean limitsTime;
    private final RingEnd back = new RingEnd();
    private final RingEnd front = new RingEnd();

    private final Cells cells;
    private final Stamps stamps = new Stamps();
    /** How many of the back's steps did not stand for an accepted entry, since cells have moved; under both locks. */
    private long moved;
    /** Entries that workers gave back, the next one last; guarded by {@code front}. A list: one that cannot grow stays as it is. */
    private final List<Object> returned = new ArrayList<>();
    /** Entries that died before their turn, less those that have been taken out; guarded by {@code front}. */
    private long dead;
    /** Replaced under the pool's lock and {@code front}. */
    private Worker[] crew = {};
    /** Made by the first one who asks for a lane. */
    private volatile @Nullable Lanes lanes;
    /** Written under {@code back}; read without it by who then lets nothing in. */
    private volatile boolean closed;

    /** With {@code limitsTime} there are only tasks, and each knows when it was accepted. */
    Backlog(int capacity, boolean limitsTime) {
        this.capacity = capacity;
        this.limitsTime = limitsTime;
        this.cells = new Cells(capacity);
        back.limit(Math.min(capacity, cells.size()));
    }

    // ---- at the back -------------------------------------------------------------------------------

    /** What became of an entry that was offered. */
    enum Offer {
        ACCEPTED,
        FULL,
        CLOSED,
        /** Its lane holds as many as it may. */
        LANE_FULL,
        /** The task was cancelled on its way in. */
        CANCELLED
    }

    Offer offer(Object entry) {
        back.lock();
        try {
            long index = back.index();
            if (closed) {
                return Offer.CLOSED;
            }
            if (entry instanceof Task<?> task) {
                if (!task.isWaiting()) {
                    return Offer.CANCELLED;
                }
                task.queued = index < back.limit() || lookForRoom(1);
                if (!task.queued) {
                    return Offer.FULL;
                }
                if (task instanceof LaneTask<?> inLane && !lanes().enter(inLane)) {
                    task.queued = false;
                    return Offer.LANE_FULL;
                }
                startTime(task);
            } else if (index >= back.limit() && !lookForRoom(1)) {
                return Offer.FULL;
            }
            add(entry);
            return Offer.ACCEPTED;
        } finally {
            back.unlock();
        }
    }

    /** The time of a task in the queue begins, if that is to be known; before others can find it. */
    private void startTime(Task<?> task) {
        if (limitsTime || task.submitted() != 0) {
            task.accepted();
        }
    }

    private void add(Object entry) {
        long index = back.index();
        cells.set(index, entry);
        if ((index & Stamps.EACH) == 0) {
            stamps.put(index);
        }
        back.publish(index + 1);
    }

    /** The back's lock is held. */
    private boolean lookForRoom(int worthwhile) {
        front.lock();
        try {
            long room = capacity - live();
            if (room < worthwhile) {
                return false;
            }
            if (back.index() - front.index() == cells.size()) {
                makeCells();
            }
            long free = cells.size() - (back.index() - front.index());
            back.limit(back.index() + Math.min(room, free));
            return free > 0;
        } finally {
            front.unlock();
        }
    }

    boolean hasRoom(int worthwhile) {
        back.lock();
        try {
            return lookForRoom(worthwhile);
        } finally {
            back.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasLanes() {
        return lanes != null;
    }

    /** Makes the lanes, if there are none yet. Under the pool's lock. */
    Lanes openLanes(int share) {
        Lanes known = lanes;
        if (known == null) {
            known = new Lanes(capacity, share);
            lanes = known;
        }
        return known;
    }

    /** Those of the tasks that have a turn. */
    Lanes lanes() {
        return Objects.requireNonNull(lanes, "a task with a turn comes by way of a lane");
    }

    /** Lets nothing in any more. */
    void close() {
        back.lock();
        closed = true;
        back.unlock();
    }

    // ---- at the front ------------------------------------------------------------------------------

    /** Fills the worker's run, which is empty, with up to so many entries; false when there are none. */
    boolean claim(Worker worker, int want, int workers) {
        front.lock();
        try {
            Object first = pollReturned();
            if (first != null) {
                worker.buffer()[0] = first;
                worker.fill(1);
                return true;
            }
            long index = front.index();
            int share = 2 * workers;
            if (front.limit() - index < (long) want * share) {
                front.limit(back.seenIndex());
            }
            long there = front.limit() - index;
            if (there == 0) {
                return false;
            }
            int count = (int) Math.max(1, Math.min(want, there / share));
            cells.take(index, count, worker.buffer());
            worker.fill(count);
            long sampled = (index + Stamps.EACH) & ~Stamps.EACH;
            if (sampled < index + count) {
                worker.sample((int) (sampled - index), stamps.take(sampled));
            }
            front.publish(index + count);
            return true;
        } finally {
            front.unlock();
        }
    }

    private @Nullable Object pollReturned() {
        return returned.isEmpty() ? null : returned.remove(returned.size() - 1);
    }

    /** Moves one entry that another worker has claimed into the run of this one, which is empty. */
    boolean steal(Worker thief) {
        front.lock();
        try {
            for (Worker worker : crew) {
                Object entry = worker == thief ? null : worker.steal();
                if (entry != null) {
                    thief.buffer()[0] = entry;
                    thief.fill(1);
                    return true;
                }
            }
            return false;
        } finally {
            front.unlock();
        }
    }

    /** Takes back what the worker has claimed and not begun; others claim it before all else. */
    void giveBack(Worker worker) {
        if (worker.remaining() == 0) {
            return; // only the caller fills it
        }
        front.lock();
        try {
            for (Object last = worker.last(); last != null; last = worker.last()) {
                returned.add(last); // while there is no memory for it, it stays where it is
                worker.dropLast();
            }
        } finally {
            front.unlock();
        }
    }

    /**
     * Takes a task out of its lane. If another one is first now that a worker has passed by, it is put before all else.
     *
     * @return what came of it; the caller tells workers and submitters
     */
    Lanes.Left leaveLane(LaneTask<?> task) {
        Lanes.Left left = lanes().leave(task);
        if (left.freed() != null) {
            front.lock();
            try {
                putBack(left.freed());
            } finally {
                front.unlock();
            }
        }
        return left;
    }

    /** One that was counted as passed is an entry again. The front's lock is held. */
    private void putBack(LaneTask<?> freed) {
        returned.add(freed);
        dead++;
    }

    /** As {@link #leaveLane}, when both locks are held and the pool looks by itself what is there afterwards. */
    private void cutOut(Task<?> task) {
        if (task instanceof LaneTask<?> inLane && task.queued) {
            Lanes.Left left = lanes().leave(inLane);
            if (left.freed() != null) {
                putBack(left.freed());
            }
        }
    }

    /** Counts what is taken from the front; a moment ago. */
    long taken() {
        return front.seenIndex();
    }

    /** How many cells are in use; a moment ago. */
    long size() {
        return back.seenIndex() - front.seenIndex();
    }

    /** Whether at least half of the places are free, going by the cells alone. */
    boolean isHalfEmpty() {
        return size() <= capacity / 2;
    }

    /** Under the pool's lock, too. */
    void join(Worker worker) {
        front.lock();
        try {
            Worker[] more = Arrays.copyOf(crew, crew.length + 1);
            more[crew.length] = worker;
            crew = more;
        } finally {
            front.unlock();
        }
    }

    /** Takes out a worker whose run is empty, or does nothing for want of memory; returns its accounts. Under the pool's lock, too. */
    Tally leave(Worker worker) {
        front.lock();
        try {
            List<Worker> rest = new ArrayList<>(List.of(crew));
            rest.remove(worker);
            Worker[] fewer = rest.toArray(Worker[]::new);
            Tally tally = new Tally();
            worker.addTo(tally);
            dead -= tally.passed;
            crew = fewer;
            return tally;
        } finally {
            front.unlock();
        }
    }

    /** Under the pool's lock. */
    Worker[] crew() {
        return crew;
    }

    // ---- alone ---------------------------------------------------------------------------------------

    private void lockBoth() {
        back.lock();
        front.lock();
    }

    private void unlockBoth() {
        front.unlock();
        back.unlock();
    }

    /**
     * Whether there is anything that a worker could begin. Before it says no it takes both locks: who adds an entry after that
     * sees what the calling thread wrote before.
     */
    boolean hasEntries() {
        if (size() > 0) {
            return true;
        }
        lockBoth();
        try {
            if (back.index() != front.index() || !returned.isEmpty()) {
                return true;
            }
            for (Worker worker : crew) {
                if (worker.remaining() > 0) {
                    return true;
                }
            }
            return false;
        } finally {
            unlockBoth();
        }
    }

    /** Moves a task that waits to another phase, out of its turn; false when it does not wait any more, or not here. */
    boolean withdraw(Task<?> task, Phase next) {
        lockBoth();
        try {
            if ((next == Phase.RUNNING && (!task.queued || task instanceof LaneTask<?>)) || !task.moveTo(next)) {
                return false;
            }
            dead += task.queued ? 1 : 0;
            cutOut(task);
            return true;
        } finally {
            unlockBoth();
        }
    }

    /** Takes out an entry that the caller has put in; false when it is gone. */
    boolean remove(Object entry) {
        if (entry instanceof Task<?> task) {
            return withdraw(task, Phase.DROPPING);
        }
        lockBoth();
        try {
            for (long index = back.index() - 1; index >= front.index(); index--) {
                if (cells.get(index) == entry) {
                    cells.set(index, Cells.NOTHING);
                    dead++;
                    return true;
                }
            }
            for (int i = 0; i < returned.size(); i++) {
                if (returned.get(i) == entry) {
                    returned.remove(i);
                    return true;
                }
            }
            return false;
        } finally {
            unlockBoth();
        }
    }

    /** Adds the entry in the place of the oldest, if it needs that; returns that one, moved to {@code DROPPING}, or null. */
    @Nullable
    Object addDroppingOldest(Object entry) {
        lockBoth();
        try {
            Object oldest = null;
            if (live() >= capacity) {
                oldest = takeOldestOfAll(Phase.DROPPING);
            }
            if (back.index() - front.index() == cells.size()) {
                makeCells();
            }
            if (entry instanceof Task<?> task) {
                task.queued = true;
                startTime(task);
            }
            add(entry);
            back.limit(back.index());
            return oldest;
        } finally {
            unlockBoth();
        }
    }

    /** Takes out the oldest entry that lives. */
    @Nullable
    Object poll(Phase next) {
        lockBoth();
        try {
            return takeOldestOfAll(next);
        } finally {
            unlockBoth();
        }
    }

    /** Takes out everything; returns what lived. */
    List<Object> clear(Phase next) {
        List<Object> all = new ArrayList<>();
        lockBoth();
        try {
            for (Object entry = takeOldest(next); entry != null; entry = takeOldest(next)) {
                all.add(entry);
            }
            if (lanes != null) {
                all.addAll(takeWaiting(lanes().all(), next, Integer.MAX_VALUE));
            }
        } finally {
            unlockBoth();
        }
        return all;
    }

    private @Nullable Object takeOldest(Phase next) {
        Object entry = takeAny();
        while (entry != null) {
            if (Cells.isDead(entry) || (entry instanceof Task<?> task && !task.moveTo(next))) {
                dead--;
                entry = takeAny();
            } else {
                if (entry instanceof Task<?> task) {
                    cutOut(task);
                }
                return entry;
            }
        }
        return null;
    }

    /** Takes out up to so many tasks that wait in their lanes and nowhere else, or are as good as dead where they are. */
    private List<Task<?>> takeWaiting(List<LaneTask<?>> tasks, Phase next, int most) {
        List<Task<?>> taken = new ArrayList<>();
        for (LaneTask<?> task : tasks) {
            if (taken.size() < most && task.moveTo(next)) {
                dead++;
                cutOut(task);
                taken.add(task);
            }
        }
        return taken;
    }

    /** Those that workers have passed by were before all that they have not. */
    private @Nullable Object takeOldestOfAll(Phase next) {
        if (lanes != null) {
            List<LaneTask<?>> passed = lanes().all();
            passed.removeIf(task -> !task.wasPassed());
            passed.sort(Comparator.comparingLong(task -> task.sequence));
            List<Task<?>> oldest = takeWaiting(passed, next, 1);
            if (!oldest.isEmpty()) {
                return oldest.get(0);
            }
        }
        return takeOldest(next);
    }

    /**
     * The tasks of which one has to end before there is room for this one: the first of its lane, if that is full; or, when
     * everything in a full queue is behind others in its lane, the first ones of those lanes. Empty when room comes by itself.
     */
    List<Task<?>> inTheWayOf(Task<?> task) {
        Task<?> first = task instanceof LaneTask<?> inLane ? lanes().firstOfFull(inLane) : null;
        if (first != null) {
            return List.of(first);
        }
        long live = liveNow();
        if (lanes == null || live < capacity) {
            return List.of();
        }
        Set<Task<?>> firsts = new LinkedHashSet<>();
        LaneTask<?> ahead = null;
        for (LaneTask<?> any : lanes().all()) {
            if (any.isFirst()) {
                ahead = any;
            } else if (any.isWaiting() && ahead != null) {
                live--;
                firsts.add(ahead);
            }
        }
        return live > 0 ? List.of() : List.copyOf(firsts);
    }

    /** Takes out what has been queued for too long; there are only tasks. */
    List<Task<?>> takeLate() {
        List<Task<?>> late = new ArrayList<>();
        lockBoth();
        try {
            long now = System.nanoTime();
            for (Task<?> task : waiting()) {
                if (task.isLate(now) && task.moveTo(Phase.DROPPING)) {
                    dead++;
                    cutOut(task);
                    late.add(task);
                }
            }
        } finally {
            unlockBoth();
        }
        return late;
    }

    /** When the oldest of what is queued was accepted, all of which is tasks; 0 when there is none. */
    long oldestQueued() {
        long oldest = 0;
        lockBoth();
        try {
            for (Task<?> task : waiting()) {
                long submitted = task.submitted();
                oldest = oldest == 0 || submitted - oldest < 0 ? submitted : oldest;
            }
        } finally {
            unlockBoth();
        }
        return oldest;
    }

    /** The tasks that wait. */
    private List<Task<?>> waiting() {
        List<Object> all = new ArrayList<>(returned);
        Collections.reverse(all);
        for (long index = front.index(); index < back.index(); index++) {
            Object entry = cells.get(index);
            if (entry != null) {
                all.add(entry);
            }
        }
        for (Worker worker : crew) {
            worker.addClaimed(all);
        }
        if (lanes != null) {
            lanes().all().stream().filter(LaneTask::wasPassed).forEach(all::add);
        }
        List<Task<?>> waiting = new ArrayList<>();
        for (Object entry : all) {
            if (entry instanceof Task<?> task && task.isWaiting()) {
                waiting.add(task);
            }
        }
        return waiting;
    }

    /** Takes out the oldest queued task of a lane; null when there is none. */
    @Nullable
    Task<?> pollLane(LaneTask<?> task, Phase next) {
        lockBoth();
        try {
            List<Task<?>> oldest = takeWaiting(lanes().all(task), next, 1);
            return oldest.isEmpty() ? null : oldest.get(0);
        } finally {
            unlockBoth();
        }
    }

    private @Nullable Object takeAny() {
        for (Worker worker : crew) {
            Object claimed = worker.steal();
            if (claimed != null) {
                return claimed;
            }
        }
        Object given = pollReturned();
        long index = front.index();
        if (given != null || index == back.index()) {
            return given;
        }
        Object entry = cells.take(index);
        if ((index & Stamps.EACH) == 0) {
            stamps.take(index); // its place is for another
        }
        front.publish(index + 1);
        return entry;
    }

    /** Under both locks: the entries accepted and not begun. */
    long live() {
        return live(tally());
    }

    private long live(Tally tally) {
        return back.index() - front.index() + returned.size() + tally.queued - dead;
    }

    private Tally tally() {
        Tally tally = new Tally();
        for (Worker worker : crew) {
            worker.addTo(tally);
        }
        return tally;
    }

    /** The accounts at one moment, if the pool's lock is held, too. */
    Tally snapshot() {
        lockBoth();
        try {
            Tally tally = tally();
            tally.queued = live(tally);
            tally.accepted = back.index() + moved;
            return tally;
        } finally {
            unlockBoth();
        }
    }

    boolean isEmpty() {
        return liveNow() == 0;
    }

    private long liveNow() {
        lockBoth();
        try {
            return live();
        } finally {
            unlockBoth();
        }
    }

    /** Takes the dead out of the cells, which are all used, and makes more of them if that gives less than half. */
    private void makeCells() {
        long to = cells.compact(front.index());
        long gone = back.index() - to;
        dead -= gone;
        moved += gone;
        if (gone > 0) {
            stamps.clear(); // entries have changed their places
        }
        back.publish(to);
        if (gone < cells.size() / 2) {
            cells.grow(front.index(), to);
        }
        front.limit(to);
        back.limit(to);
    }
}
