package dev.sluice.pool;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list through the tasks themselves, so that a task leaves it in constant time and no list allocates. Guarded by the lock of the tasks' pool.
 */
final class TaskList {
    private @Nullable Task<?> first;
    private @Nullable Task<?> last;
    private int size;

    int size() {
        return size;
    }

    void add(Task<?> task) {
        Extras links = task.knownExtras();
        links.list = this;
        links.previous = last;
        if (last == null) {
            first = task;
        } else {
            last.knownExtras().next = task;
        }
        last = task;
        size++;
    }

    /** The task is in this list, or in none. */
    void remove(Task<?> task) {
        Extras links = task.knownExtras();
        if (links.list != this) {
            return;
        }
        if (links.previous == null) {
            first = links.next;
        } else {
            links.previous.knownExtras().next = links.next;
        }
        if (links.next == null) {
            last = links.previous;
        } else {
            links.next.knownExtras().previous = links.previous;
        }
        links.list = null;
        links.previous = null;
        links.next = null;
        size--;
    }

    List<Task<?>> toList() {
        List<Task<?>> all = new ArrayList<>(size);
        for (Task<?> task = first; task != null; task = task.knownExtras().next) {
            all.add(task);
        }
        return all;
    }
}
