package dev.sluice.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A task with a place in a lane. All that is added but {@code turn} is guarded by the lock of its slot in {@link Lanes}.
 *
 * <p>A task of a lane runs when two things have come about, in either order: a worker has come upon it in the queue, and
 * all tasks before it in the lane are gone. Each is a bit of {@code turn}, set once; who sets the second one has the task
 * to itself.
 */
final class LaneTask<T extends @Nullable Object> extends Task<T> {
    private static final int FIRST = 1;
    private static final int CALLED = 2;
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(LaneTask.class, "turn", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Object key;
    final int hash;
    private volatile int turn;

    /** The neighbours in the lane. */
    @Nullable
    LaneTask<?> before;

    @Nullable
    LaneTask<?> after;

    // Of the first one of a lane only, which stands for the lane.

    @Nullable
    LaneTask<?> nextLane;

    @Nullable
    LaneTask<?> last;

    int size;
    /** Somebody waits for room in the lane. */
    boolean awaited;

    LaneTask(Lane lane, Object work, boolean isRunnable, boolean handled) {
        super(lane.pool(), work, isRunnable, handled, TaskListener.NONE);
        this.key = lane.key();
        this.hash = lane.hash();
    }

    /** It is made the first one before others know of it. */
    void startFirst() {
        TURN.set(this, FIRST); // published with the entry in the queue
    }

    /** A worker has come upon it; returns whether it may begin. */
    boolean callUpon() {
        return ((int) TURN.getAcquire(this) & FIRST) != 0 || ((int) TURN.getAndBitwiseOr(this, CALLED) & FIRST) != 0;
    }

    /** Those before it are gone; returns whether a worker has come upon it, and gone on. */
    boolean becomeFirst() {
        return ((int) TURN.getAndBitwiseOr(this, FIRST) & CALLED) != 0;
    }

    boolean isFirst() {
        return (turn & FIRST) != 0;
    }

    /** It is in no lane any more; whoever holds its handle is not to hold those behind it, too. */
    void forgetOthers() {
        before = null;
        after = null;
        last = null;
        nextLane = null;
    }

    /** Whether a worker has come upon it in vain. */
    boolean wasPassed() {
        return turn == CALLED;
    }
}
