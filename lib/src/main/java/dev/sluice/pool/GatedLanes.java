package dev.sluice.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a {@link GatedPool}: of each key with a task that runs, or waits for its permit, that task and those behind
 * it, which the pool has accepted. Guarded by the pool's lock.
 */
final class GatedLanes {
    private final int share;
    private final Map<Object, Lane> lanes = new HashMap<>();
    private int queued;

    private static final class Lane {
        private LaneTask<?> first;
        private final Deque<LaneTask<?>> behind = new ArrayDeque<>();

        Lane(LaneTask<?> first) {
            this.first = first;
        }

        /** One that still waits for its permit is among those behind. */
        int size() {
            return behind.size() + (behind.peek() == first ? 0 : 1);
        }
    }

    GatedLanes(int share) {
        this.share = share;
    }

    int share() {
        return share;
    }

    /** How many tasks wait in all lanes. */
    int queued() {
        return queued;
    }

    boolean isBusy(LaneTask<?> task) {
        return lanes.containsKey(task.key);
    }

    boolean hasRoom(LaneTask<?> task) {
        Lane lane = lanes.get(task.key);
        return lane == null || lane.size() < share;
    }

    /** The task that runs, or is to run next, of this key; null when there is none. */
    @Nullable
    Task<?> first(LaneTask<?> task) {
        Lane lane = lanes.get(task.key);
        return lane == null ? null : lane.first;
    }

    /** The task is the first of its key, and has begun. */
    void open(LaneTask<?> task) {
        lanes.put(task.key, new Lane(task));
    }

    /** Puts a task behind others of its key; there are some, and there is room. */
    void add(LaneTask<?> task) {
        lane(task).behind.add(task);
        task.queued = true;
        queued++;
    }

    /** One that was queued has begun, or never will. */
    void remove(LaneTask<?> task) {
        lane(task).behind.remove(task);
        queued--;
    }

    /**
     * The first one of this key is gone; returns the next, which still waits, or null when the lane has ended, or had left the
     * task behind before.
     */
    @Nullable
    LaneTask<?> advance(LaneTask<?> task) {
        Lane lane = lanes.get(task.key);
        if (lane == null || lane.first != task) {
            return null;
        }
        LaneTask<?> next = lane.behind.peek();
        if (next == null) {
            lanes.remove(task.key);
        } else {
            lane.first = next;
        }
        return next;
    }

    private Lane lane(LaneTask<?> task) {
        return Objects.requireNonNull(lanes.get(task.key), "its lane is busy");
    }

    /** All that wait. */
    List<Task<?>> all() {
        List<Task<?>> all = new ArrayList<>();
        lanes.values().forEach(lane -> all.addAll(lane.behind));
        return all;
    }
}
