package dev.sluice.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waiters in the order of their arrival; the links are in the waiters, so that one in the middle leaves in O(1). */
final class WaiterQueue {
    /*
     * Everything here, and the three link fields of Waiter, is guarded by the lock of the Admission that owns the queue.
     * waiter.queue == this exactly while the waiter is linked in this queue.
     */
    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
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

    /** Unlinks the waiters that match and returns them, oldest first. */
    List<Waiter> removeAll(Predicate<Waiter> condition) {
        List<Waiter> removed = new ArrayList<>();
        for (Waiter waiter = first; waiter != null; ) {
            Waiter after = waiter.next;
            if (condition.test(waiter)) {
                remove(waiter);
                removed.add(waiter);
            }
            waiter = after;
        }
        return removed;
    }
}
