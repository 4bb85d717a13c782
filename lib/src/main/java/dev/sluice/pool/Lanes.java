package dev.sluice.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of which key a {@link QueuedPool} holds, queued or running, in the order in which they were accepted.
 *
 * <p>A hash table of lanes. A lane is its first task, on which the others hang; so a key without a task takes no memory, and
 * one with a task no more than that. The table does not grow: there are never many more lanes than places in the queue.
 *
 * <p>Each slot of the table is its own lock: who works on it has put {@code LOCKED} in its place, for some tens of
 * instructions and the {@code equals} of a key, and puts the first lane back. It comes after the locks of the backlog.
 */
final class Lanes {
    private static final int FEWEST_SLOTS = 64;
    private static final int MOST_SLOTS = 1 << 16;
    private static final int SPINS = 64;
    private static final Object LOCKED = new Object();
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(Object[].class);

    private final int share;
    private final @Nullable Object[] slots;

    Lanes(int capacity, int share) {
        this.share = share;
        int wanted = Math.max(FEWEST_SLOTS, Math.min(MOST_SLOTS / 2, capacity) * 2);
        this.slots = new Object[Integer.highestOneBit(2 * wanted - 1)];
    }

    /** How many tasks of one key there may be. */
    int share() {
        return share;
    }

    /** Puts the task behind the others of its key; false when there are as many as may be. */
    boolean enter(LaneTask<?> task) {
        int slot = slot(task);
        LaneTask<?> lanes = lock(slot);
        try {
            LaneTask<?> first = find(lanes, task);
            if (first == null) {
                task.startFirst();
                task.size = 1;
                task.last = task;
                task.nextLane = lanes;
                lanes = task;
                return true;
            }
            if (first.size >= share) {
                return false;
            }
            LaneTask<?> last = Objects.requireNonNull(first.last, "a lane has a last task");
            last.after = task;
            task.before = last;
            first.last = task;
            first.size++;
            return true;
        } finally {
            unlock(slot, lanes);
        }
    }

    /** What came of taking a task out. */
    record Left(@Nullable LaneTask<?> freed, boolean roomIsAwaited) {
        static final Left NOTHING = new Left(null, false);
    }

    /**
     * Takes out a task that has ended, or will never begin. {@code freed} is the one behind it if that is first now, and a
     * worker has come upon it before: it has to be brought to one again.
     */
    Left leave(LaneTask<?> task) {
        int slot = slot(task);
        LaneTask<?> lanes = lock(slot);
        try {
            if (task.before != null) {
                boolean awaited = cutOut(lanes, task);
                task.forgetOthers();
                return awaited ? new Left(null, true) : Left.NOTHING;
            }
            LaneTask<?> after = task.after;
            if (after != null) {
                inherit(after, task);
            }
            lanes = replaced(lanes, task, after != null ? after : task.nextLane);
            task.forgetOthers();
            boolean called = after != null && after.becomeFirst();
            return called || task.awaited ? new Left(called ? after : null, task.awaited) : Left.NOTHING;
        } finally {
            unlock(slot, lanes);
        }
    }

    private static void inherit(LaneTask<?> heir, LaneTask<?> from) {
        heir.before = null;
        heir.last = from.last;
        heir.size = from.size - 1;
        heir.nextLane = from.nextLane;
    }

    /** Takes out one that is not the first; returns whether room in the lane was awaited. */
    private static boolean cutOut(@Nullable LaneTask<?> lanes, LaneTask<?> task) {
        LaneTask<?> first = Objects.requireNonNull(find(lanes, task), "a lane has a first task");
        LaneTask<?> before = Objects.requireNonNull(task.before, "it is not the first");
        before.after = task.after;
        if (task.after == null) {
            first.last = before;
        } else {
            task.after.before = before;
        }
        first.size--;
        boolean awaited = first.awaited;
        first.awaited = false;
        return awaited;
    }

    /** The slot's first lane when one of its lanes is another, or none. */
    private static @Nullable LaneTask<?> replaced(
            @Nullable LaneTask<?> lanes, LaneTask<?> lane, @Nullable LaneTask<?> by) {
        if (lanes == lane) {
            return by;
        }
        LaneTask<?> at = Objects.requireNonNull(lanes, "a lane is in its slot");
        while (at.nextLane != lane) {
            at = Objects.requireNonNull(at.nextLane, "a lane is in its slot");
        }
        at.nextLane = by;
        return lanes;
    }

    /** Whether there is room for a task of this key. If not, who takes one out will be told that somebody waits. */
    boolean hasRoom(LaneTask<?> task) {
        int slot = slot(task);
        LaneTask<?> lanes = lock(slot);
        try {
            LaneTask<?> first = find(lanes, task);
            if (first == null || first.size < share) {
                return true;
            }
            first.awaited = true;
            return false;
        } finally {
            unlock(slot, lanes);
        }
    }

    /** The task that runs, or is to run next, of this key; null when there is none. */
    @Nullable
    Task<?> first(LaneTask<?> task) {
        return firstOfAtLeast(task, 1);
    }

    /** As {@link #first}, and null too when there is room for another. */
    @Nullable
    Task<?> firstOfFull(LaneTask<?> task) {
        return firstOfAtLeast(task, share);
    }

    private @Nullable Task<?> firstOfAtLeast(LaneTask<?> task, int size) {
        int slot = slot(task);
        LaneTask<?> lanes = lock(slot);
        try {
            LaneTask<?> first = find(lanes, task);
            return first == null || first.size < size ? null : first;
        } finally {
            unlock(slot, lanes);
        }
    }

    /** The tasks of this key, in order. */
    List<LaneTask<?>> all(LaneTask<?> task) {
        List<LaneTask<?>> all = new ArrayList<>();
        int slot = slot(task);
        LaneTask<?> lanes = lock(slot);
        try {
            addAll(find(lanes, task), all);
        } finally {
            unlock(slot, lanes);
        }
        return all;
    }

    /** The tasks of all keys, those of each in order. */
    List<LaneTask<?>> all() {
        List<LaneTask<?>> all = new ArrayList<>();
        for (int slot = 0; slot < slots.length; slot++) {
            LaneTask<?> lanes = lock(slot);
            try {
                for (LaneTask<?> lane = lanes; lane != null; lane = lane.nextLane) {
                    addAll(lane, all);
                }
            } finally {
                unlock(slot, lanes);
            }
        }
        return all;
    }

    private static void addAll(@Nullable LaneTask<?> first, List<LaneTask<?>> all) {
        for (LaneTask<?> task = first; task != null; task = task.after) {
            all.add(task);
        }
    }

    private static @Nullable LaneTask<?> find(@Nullable LaneTask<?> lanes, LaneTask<?> task) {
        LaneTask<?> lane = lanes;
        while (lane != null && !(lane.hash == task.hash && lane.key.equals(task.key))) {
            lane = lane.nextLane;
        }
        return lane;
    }

    private int slot(LaneTask<?> task) {
        int spread = task.hash * 0x9E3779B9;
        return (spread ^ (spread >>> 16)) & (slots.length - 1);
    }

    private @Nullable LaneTask<?> lock(int slot) {
        for (int tries = 0; ; tries++) {
            Object seen = SLOTS.getOpaque(slots, slot);
            if (seen != LOCKED && SLOTS.compareAndSet(slots, slot, seen, LOCKED)) {
                return (LaneTask<?>) seen;
            }
            if (tries < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // the holder may have lost its core
            }
        }
    }

    private void unlock(int slot, @Nullable LaneTask<?> lanes) {
        SLOTS.setRelease(slots, slot, lanes);
    }
}
