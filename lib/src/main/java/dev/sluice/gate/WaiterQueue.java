package dev.sluice.gate;

import org.jspecify.annotations.Nullable;

/** Waiters in the order of their arrival; the links are in the waiters, so that one in the middle leaves in O(1). */
final class WaiterQueue {
    /*
     * Everything here, and the three link fields of Waiter, is guarded by the lock of the line; those of a chain that has
     * been taken belong to the thread that has taken it. waiter.queue == this exactly while the waiter is linked in this
     * queue, or in a chain that was taken from it.
     */
    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int size;

    int size() {
        return size;
    }

    @Nullable
    Waiter first() {
        return first;
    }

    void add(Waiter waiter) {
        waiter.queue = this;
        waiter.previous = last;
        if (last == null) {
            first = waiter;
        } else {
            last.next = waiter;
        }
        last = waiter;
        size++;
    }

    /** Unlinks the waiter; false when it is not in this queue any more. */
    boolean remove(Waiter waiter) {
        if (waiter.queue != this) {
            return false;
        }
        Waiter before = waiter.previous;
        Waiter after = waiter.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        waiter.queue = null;
        waiter.previous = null;
        waiter.next = null;
        size--;
        return true;
    }

    /** Takes them all, as a chain of which this is the first. */
    @Nullable
    Waiter takeAll() {
        Waiter chain = first;
        first = null;
        last = null;
        size = 0;
        return chain;
    }

    /** The oldest of at most this weight. */
    @Nullable
    Waiter firstUpTo(int weight) {
        Waiter waiter = weight > 0 ? first : null;
        while (waiter != null && waiter.weight > weight) {
            waiter = waiter.next;
        }
        return waiter;
    }
}
