package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queue inside a link, of the user's choice and so not trusted: it keeps its own count, and what the queue
 * throws or gets wrong becomes a {@link QueueFailure}. Guarded by the link's lock.
 */
final class LinkQueue {
    private final BlockingQueue<Object> queue;
    private final int capacity;
    private int size;

    private LinkQueue(BlockingQueue<Object> queue, int capacity) {
        this.queue = queue;
        this.capacity = capacity;
    }

    /** The queue threw, or broke its promises; the cause says how. */
    static final class QueueFailure extends Exception {
        private static final long serialVersionUID = 1L;

        private final Throwable cause;

        QueueFailure(Throwable cause) {
            super(cause);
            this.cause = cause;
        }

        Throwable cause() {
            return cause;
        }
    }

    static LinkQueue of(String stage, Settings settings, Supplier<? extends BlockingQueue<Object>> supplier) {
        BlockingQueue<Object> queue = supplier.get();
        if (queue == null) {
            throw new NullPointerException("the queue that was supplied for stage '" + stage + "' is null");
        }
        return new LinkQueue(queue, capacity(stage, queue, settings.capacity()));
    }

    private static int capacity(String stage, BlockingQueue<Object> queue, int asked) {
        if (!queue.isEmpty()) {
            throw new IllegalArgumentException("the queue that was supplied for stage '" + stage
                    + "' must be empty but has " + queue.size() + " elements");
        }
        int own = queue.remainingCapacity();
        if (own < 1) {
            throw new IllegalArgumentException(
                    "the queue that was supplied for stage '" + stage + "' must be able to hold an element but is a "
                            + queue.getClass().getName() + " of capacity " + own);
        }
        if (asked != Settings.UNSET) {
            return Math.min(asked, own);
        }
        return own == Integer.MAX_VALUE ? Settings.DEFAULT_CAPACITY : own;
    }

    int size() {
        return size;
    }

    int capacity() {
        return capacity;
    }

    /** Puts an element in; false when there is no room. */
    boolean offer(Object item) throws QueueFailure {
        if (size >= capacity) {
            return false;
        }
        boolean accepted;
        try {
            accepted = queue.offer(item);
        } catch (Throwable e) {
            throw new QueueFailure(e);
        }
        if (accepted) {
            size++;
        } else if (size == 0) {
            throw failure("refuses an element although it is empty");
        }
        return accepted;
    }

    /** Takes an element; null when there is none, or the queue holds it back. */
    @Nullable
    Object poll() throws QueueFailure {
        if (size == 0) {
            return null;
        }
        Object item;
        boolean lost;
        try {
            item = queue.poll();
            lost = item == null && queue.isEmpty();
        } catch (Throwable e) {
            throw new QueueFailure(e);
        }
        if (lost) {
            throw failure("is empty but should have " + size + " elements");
        }
        if (item != null) {
            size--;
        }
        return item;
    }

    /** Empties the queue; gives what it gives, but not more than was put in. */
    List<Object> drain() {
        int most = size;
        size = 0;
        List<Object> rest = new ArrayList<>();
        try {
            for (int i = 0; i < most; i++) {
                Object item = queue.poll();
                if (item == null) {
                    break;
                }
                rest.add(item);
            }
            // What a queue holds back, such as an element whose delay has not passed, poll() does not give.
            Arrays.stream(queue.toArray())
                    .filter(Objects::nonNull)
                    .limit(most - rest.size())
                    .forEach(rest::add);
            queue.clear();
        } catch (Throwable e) {
            // An Error too: it must not keep the abort from the other links. The run is ending anyway; of the rest
            // nothing can be known.
            return rest;
        }
        return rest;
    }

    private QueueFailure failure(String what) {
        return new QueueFailure(new IllegalStateException(
                "the queue " + what + ": " + queue.getClass().getName()));
    }
}
