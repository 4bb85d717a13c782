package dev.sluice.queue;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded {@code BlockingQueue} in a circular array, with transfers of many elements.
 *
 * <pre>{@code
 * RingBlockingQueue<String> queue = new RingBlockingQueue<>(1024);
 * queue.put("one");                            // waits while the queue is full
 * String[] some = new String[64];
 * int count = queue.takeUpTo(some, 64);        // waits for the first, then takes what is there
 * }</pre>
 *
 * <p><b>Bounds.</b> The capacity is allocated when the queue is made, and never exceeded. Any removal frees its place at
 * once, and one that is waiting to put goes on.
 *
 * <p><b>Order.</b> First in, first out. Which of several waiting threads goes first is not specified. The elements of one
 * {@link #putAll} keep their order, but when it has to wait, those of others may come between.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. Iterators, streams, {@code toArray} and {@code toString}
 * show the elements of one moment and never fail because of changes; {@code Iterator.remove} removes the element it
 * returned, by identity, if it is still there. The methods that have to compare or test elements ({@code contains},
 * {@code remove(Object)}, {@code removeIf}, {@code removeAll}, {@code retainAll}) do so without a lock, on the elements
 * that were there when the call began, and tell exactly whether they removed something.
 *
 * <p><b>Interruption.</b> The methods that throw {@code InterruptedException} have done nothing when they do.
 *
 * <p><b>Failure.</b> Null elements are refused with a {@code NullPointerException}.
 *
 * <p><b>Memory consistency.</b> What a thread did before it put an element happens-before what follows its removal in
 * another thread.
 *
 * @param <E> the type of the elements
 */
public final class RingBlockingQueue<E> extends SnapshotQueue<E> {
    /*
     * `lock` guards `ring` and `inTransfer`; it is never held while foreign code runs (equals, predicates, the target of
     * drainTo). ring.size() + inTransfer <= capacity.
     *
     * Each element that comes in signals notEmpty once and each place that becomes free signals notFull once, under the
     * lock. A waiter looks again whether it can go on before it gives up on a time-out, and Condition itself does not end
     * a wait by an interrupt once it has been signalled; so no signal is used up by somebody who leaves with nothing while
     * there is something to have.
     */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private final Ring<E> ring;
    /** Places of elements that a drainTo has taken out and may have to bring back. */
    private int inTransfer;

    /**
     * Makes an empty queue.
     *
     * @param capacity how many elements it can hold, at least 1
     */
    public RingBlockingQueue(int capacity) {
        ring = new Ring<>(Check.atLeast("capacity", capacity, 1));
    }

    /** {@return how many elements the queue can hold} */
    public int capacity() {
        return ring.capacity();
    }

    @Override
    public int size() {
        lock.lock();
        try {
            return ring.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int remainingCapacity() {
        lock.lock();
        try {
            return free();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean offer(E element) {
        Check.notNull("element", element);
        lock.lock();
        try {
            return free() > 0 && append(element);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean offer(E element, long timeout, TimeUnit unit) throws InterruptedException {
        Check.notNull("element", element);
        long left = Check.notNull("unit", unit).toNanos(timeout);
        lock.lockInterruptibly();
        try {
            while (free() == 0) {
                if (left <= 0) {
                    return false;
                }
                left = notFull.awaitNanos(left);
            }
            return append(element);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void put(E element) throws InterruptedException {
        Check.notNull("element", element);
        lock.lockInterruptibly();
        try {
            while (free() == 0) {
                notFull.await();
            }
            append(element);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts a range of an array, waiting for room as often as necessary; the range may be larger than the capacity.
     *
     * @param elements holds the elements; the range must not be changed meanwhile
     * @param from the index of the first
     * @param to the index after the last
     * @return how many have been put: all, or fewer if the thread was interrupted while it waited with some already in; its
     *     interrupt flag is then set
     * @throws InterruptedException if the thread is interrupted before the first one was put
     * @throws IndexOutOfBoundsException if the range is not one of the array
     */
    public int putAll(E[] elements, int from, int to) throws InterruptedException {
        Objects.checkFromToIndex(from, to, Check.notNull("elements", elements).length);
        for (int i = from; i < to; i++) {
            Check.notNull("elements[" + i + "]", elements[i]);
        }
        int next = from;
        lock.lockInterruptibly();
        try {
            while (next < to) {
                while (free() == 0) {
                    notFull.await();
                }
                append(elements[next]);
                next++;
            }
        } catch (InterruptedException e) {
            if (next == from) {
                throw e;
            }
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return next - from;
    }

    @Override
    public @Nullable E peek() {
        lock.lock();
        try {
            return ring.get(0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable E poll() {
        lock.lock();
        try {
            return takeFirst();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
        long left = Check.notNull("unit", unit).toNanos(timeout);
        lock.lockInterruptibly();
        try {
            while (ring.size() == 0 && left > 0) {
                left = notEmpty.awaitNanos(left);
            }
            return takeFirst();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public E take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            E first = takeFirst();
            while (first == null) {
                notEmpty.await();
                first = takeFirst();
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is an element, then takes all that are there, up to a number.
     *
     * @param into receives the elements, from its index 0 on
     * @param max how many at most, from 1 to the length of {@code into}
     * @return how many were taken, at least 1
     * @throws InterruptedException if the thread is interrupted before it took any
     * @throws ArrayStoreException if an element does not fit the array's type; then none was taken
     */
    public int takeUpTo(E[] into, int max) throws InterruptedException {
        checkTarget(into, max);
        lock.lockInterruptibly();
        try {
            while (ring.size() == 0) {
                notEmpty.await();
            }
            return takeFirst(into, max);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits, but not longer than {@code timeout}, until there is an element, then takes all that are there, up to a number.
     *
     * @param into receives the elements, from its index 0 on
     * @param max how many at most, from 1 to the length of {@code into}
     * @param timeout how long to wait; zero or less: not at all
     * @return how many were taken; 0 if the time has passed
     * @throws InterruptedException if the thread is interrupted before it took any
     * @throws ArrayStoreException if an element does not fit the array's type; then none was taken
     */
    public int takeUpTo(E[] into, int max, Duration timeout) throws InterruptedException {
        checkTarget(into, max);
        long left = Check.nanos("timeout", timeout);
        lock.lockInterruptibly();
        try {
            while (ring.size() == 0 && left > 0) {
                left = notEmpty.awaitNanos(left);
            }
            return takeFirst(into, max);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void clear() {
        lock.lock();
        try {
            int count = ring.size();
            ring.removeFirst(count);
            signal(notFull, count);
        } finally {
            lock.unlock();
        }
    }

    private void checkTarget(E[] into, int max) {
        int length = Check.notNull("into", into).length;
        if (Check.atLeast("max", max, 1) > length) {
            throw new IllegalArgumentException("max must be <= into.length = " + length + " but was " + max);
        }
    }

    @Override
    E[] snapshot() {
        lock.lock();
        try {
            return copyFirst(ring.size());
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean removeIdentical(Object element) {
        lock.lock();
        try {
            int position = ring.positionOf(element);
            if (position < 0) {
                return false;
            }
            ring.removeAt(position);
            notFull.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean removeIdentical(IdentityHashMap<E, Integer> elements) {
        lock.lock();
        try {
            int removed = ring.removeIdentical(elements);
            signal(notFull, removed);
            return removed > 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    E[] takeOut(int max) {
        lock.lock();
        try {
            int count = Math.max(0, Math.min(max, ring.size()));
            E[] batch = copyFirst(count);
            ring.removeFirst(count);
            inTransfer += count;
            return batch;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void endTransfer(E[] batch, int added) {
        lock.lock();
        try {
            for (int i = batch.length - 1; i >= added; i--) {
                ring.addFirst(batch[i]);
            }
            inTransfer -= batch.length;
            signal(notEmpty, batch.length - added);
            signal(notFull, added);
        } finally {
            lock.unlock();
        }
    }

    // All below: lock held.

    private int free() {
        return ring.capacity() - ring.size() - inTransfer;
    }

    private boolean append(E element) {
        ring.addLast(element);
        notEmpty.signal();
        return true;
    }

    private @Nullable E takeFirst() {
        E first = ring.removeFirst();
        if (first != null) {
            notFull.signal();
        }
        return first;
    }

    private int takeFirst(E[] into, int max) {
        int count = Math.min(max, ring.size());
        ring.copyFirst(count, into);
        ring.removeFirst(count);
        signal(notFull, count);
        return count;
    }

    /** Not of the runtime type {@code E[]}; for use within this class. */
    @SuppressWarnings("unchecked")
    private E[] copyFirst(int count) {
        Object[] copy = new Object[count];
        ring.copyFirst(count, copy);
        return (E[]) copy;
    }

    private void signal(Condition condition, int times) {
        for (int i = 0; i < times && lock.hasWaiters(condition); i++) {
            condition.signal();
        }
    }
}
