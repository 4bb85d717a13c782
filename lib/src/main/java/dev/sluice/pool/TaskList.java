package dev.sluice.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list through the tasks themselves, so that a cancelled task leaves it in constant time and no list
 * allocates. A task is in one list at a time. Guarded by the lock of the tasks' pool.
 */
final class TaskList {
    private @Nullable Task<?> first;
    private @Nullable Task<?> last;
    private int size;

    int size() {
        return size;
    }

    void add(Task<?> task) {
        task.list = this;
        task.previous = last;
        if (last == null) {
            first = task;
        } else {
            last.next = task;
        }
        last = task;
        size++;
    }

    @Nullable
    Task<?> poll() {
        Task<?> task = first;
        if (task != null) {
            remove(task);
        }
        return task;
    }

    /** The oldest task of a list that is not empty. */
    Task<?> take() {
        Task<?> task = Objects.requireNonNull(first, "the list is empty");
        remove(task);
        return task;
    }

    /** Returns whether the task was in this list. */
    boolean remove(Task<?> task) {
        if (task.list != this) {
            return false;
        }
        if (task.previous == null) {
            first = task.next;
        } else {
            task.previous.next = task.next;
        }
        if (task.next == null) {
            last = task.previous;
        } else {
            task.next.previous = task.previous;
        }
        task.list = null;
        task.previous = null;
        task.next = null;
        size--;
        return true;
    }

    List<Task<?>> toList() {
        List<Task<?>> all = new ArrayList<>(size);
        for (Task<?> task = first; task != null; task = task.next) {
            all.add(task);
        }
        return all;
    }
}
