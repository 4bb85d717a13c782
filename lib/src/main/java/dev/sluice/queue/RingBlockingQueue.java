package dev.sluice.queue;

import dev.sluice.internal.Check;
import java.time.Duration;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
 * once, and one that is waiting to put goes on; but {@code drainTo} keeps the places of all that it takes out until the
 * target has accepted them, so meanwhile a queue that shows no elements may refuse one.
 *
 * <p><b>Order.</b> First in, first out. Which of several waiting threads goes first is not specified. The elements of one
 * {@link #putAll} keep their order, but when it has to wait, those of others may come between.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. Iterators, streams, {@code toArray} and {@code toString}
 * show the elements of one moment and never fail because of changes; {@code Iterator.remove} removes the element it
 * returned, if it is still there. The methods that have to compare or test elements ({@code contains},
 * {@code remove(Object)}, {@code removeIf}, {@code removeAll}, {@code retainAll}) do so without a lock, on the elements
 * that were there when the call began, and tell exactly whether they removed something. If one object is in the queue
 * several times, and others remove from its middle meanwhile, it may be another of its occurrences that goes.
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
     * The elements are in a Ring, whose two ends have a lock each. Nobody waits inside: who finds no element, or no room,
     * waits among `takers` or `putters`, for moments awake, then asleep. A method that may wait asks for a worthwhile
     * number when it has to look at the other end, but after it has waited, whatever for, takes what there is.
     *
     * Visibility: an element is published with a release store and read after an acquire load of the same index, or
     * handed from lock holder to lock holder.
     *
     * Wake-ups: whoever adds calls one taker, whoever removes, in whatever way, calls one putter, after the change and
     * without the ring's locks. At most one sleeper of a side is on its way at a time; so every wait, whether it ends with
     * success, time-out or an exception, passes the call on if there is more. An idle queue has nobody spinning.
     */
    private static final int MAX_CAPACITY = 1 << 30;
    /** Elements on four cache lines: so many that the two ends are rarely on the same one. */
    private static final int WORTHWHILE_ELEMENTS = 64;

    private static final long FOR_EVER = Long.MAX_VALUE;

    private final Ring<E> ring;
    private final Waiters takers;
    private final Waiters putters;

    /**
     * Makes an empty queue.
     *
     * @param capacity how many elements it can hold, from 1 to 2<sup>30</sup>
     */
    public RingBlockingQueue(int capacity) {
        if (Check.atLeast("capacity", capacity, 1) > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity must be <= " + MAX_CAPACITY + " but was " + capacity);
        }
        ring = new Ring<>(capacity);
        int worthwhile = Math.max(1, capacity / 8);
        takers = new Waiters(Math.min(WORTHWHILE_ELEMENTS, worthwhile), ring::seenCount, ring::hasElements);
        putters = new Waiters(worthwhile, ring::seenRoom, ring::hasRoom);
    }

    /** {@return how many elements the queue can hold} */
    public int capacity() {
        return ring.capacity();
    }

    @Override
    public int size() {
        return ring.size();
    }

    @Override
    public boolean isEmpty() {
        return !ring.hasElements();
    }

    @Override
    public int remainingCapacity() {
        return ring.room();
    }

    // ---- putting -----------------------------------------------------------------------------------

    @Override
    public boolean offer(E element) {
        Check.notNull("element", element);
        return add(element, 1);
    }

    @Override
    public boolean offer(E element, long timeout, TimeUnit unit) throws InterruptedException {
        Check.notNull("element", element);
        return offer(element, Check.notNull("unit", unit).toNanos(timeout));
    }

    @Override
    public void put(E element) throws InterruptedException {
        Check.notNull("element", element);
        offer(element, FOR_EVER);
    }

    private boolean offer(E element, long nanos) throws InterruptedException {
        checkInterrupt();
        return add(element, putters.worthwhile(nanos)) || (nanos > 0 && offerWaiting(element, nanos));
    }

    private boolean add(E element, int worthwhile) {
        if (!ring.add(element, worthwhile)) {
            return false;
        }
        takers.callOne();
        return true;
    }

    private boolean offerWaiting(E element, long nanos) throws InterruptedException {
        long deadline = Waiters.deadline(nanos);
        try {
            putters.awaitAwake(deadline);
            while (!add(element, 1)) {
                if (!putters.awaitAsleep(deadline)) {
                    return false;
                }
            }
            return true;
        } finally {
            putters.passOn();
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
            if (elements[i] == null) {
                throw new NullPointerException("elements[" + i + "] must not be null");
            }
        }
        checkInterrupt();
        int next = from;
        try {
            while (next < to) {
                int count = addAll(elements, next, to, putters.worthwhile(FOR_EVER));
                next += count > 0 ? count : addAllWaiting(elements, next, to);
            }
        } catch (InterruptedException e) {
            if (next == from) {
                throw e;
            }
            Thread.currentThread().interrupt();
        }
        return next - from;
    }

    private int addAll(E[] elements, int from, int to, int worthwhile) {
        int count = ring.add(elements, from, to, worthwhile);
        if (count > 0) {
            takers.callOne();
        }
        return count;
    }

    private int addAllWaiting(E[] elements, int from, int to) throws InterruptedException {
        try {
            putters.awaitAwake(FOR_EVER);
            int count = addAll(elements, from, to, 1);
            while (count == 0) {
                putters.awaitAsleep(FOR_EVER);
                count = addAll(elements, from, to, 1);
            }
            return count;
        } finally {
            putters.passOn();
        }
    }

    // ---- taking ------------------------------------------------------------------------------------

    @Override
    public @Nullable E peek() {
        return ring.peek();
    }

    @Override
    public @Nullable E poll() {
        return remove(1);
    }

    @Override
    public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
        return poll(Check.notNull("unit", unit).toNanos(timeout));
    }

    @Override
    public E take() throws InterruptedException {
        return Objects.requireNonNull(poll(FOR_EVER));
    }

    private @Nullable E poll(long nanos) throws InterruptedException {
        checkInterrupt();
        E first = remove(takers.worthwhile(nanos));
        return first == null && nanos > 0 ? pollWaiting(nanos) : first;
    }

    private @Nullable E remove(int worthwhile) {
        E first = ring.poll(worthwhile);
        if (first != null) {
            putters.callOne();
        }
        return first;
    }

    private @Nullable E pollWaiting(long nanos) throws InterruptedException {
        long deadline = Waiters.deadline(nanos);
        try {
            takers.awaitAwake(deadline);
            E first = remove(1);
            while (first == null) {
                if (!takers.awaitAsleep(deadline)) {
                    return null;
                }
                first = remove(1);
            }
            return first;
        } finally {
            takers.passOn();
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
        return takeUpTo(into, max, FOR_EVER);
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
        return takeUpTo(into, max, Check.nanos("timeout", timeout));
    }

    private int takeUpTo(E[] into, int max, long nanos) throws InterruptedException {
        checkTarget(into, max);
        checkInterrupt();
        int count = removeInto(into, max, takers.worthwhile(nanos));
        return count == 0 && nanos > 0 ? takeWaiting(into, max, nanos) : count;
    }

    private void checkTarget(E[] into, int max) {
        int length = Check.notNull("into", into).length;
        if (Check.atLeast("max", max, 1) > length) {
            throw new IllegalArgumentException("max must be <= into.length = " + length + " but was " + max);
        }
    }

    private int removeInto(E[] into, int max, int worthwhile) {
        int count = ring.poll(into, max, worthwhile);
        if (count > 0) {
            putters.callOne();
        }
        return count;
    }

    private int takeWaiting(E[] into, int max, long nanos) throws InterruptedException {
        long deadline = Waiters.deadline(nanos);
        try {
            takers.awaitAwake(deadline);
            int count = removeInto(into, max, 1);
            while (count == 0 && takers.awaitAsleep(deadline)) {
                count = removeInto(into, max, 1);
            }
            return count;
        } finally {
            takers.passOn();
        }
    }

    private static void checkInterrupt() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    // ---- the middle --------------------------------------------------------------------------------

    @Override
    public void clear() {
        roomMade(ring.clear());
    }

    @Override
    Snapshot<E> snapshot() {
        return ring.snapshot();
    }

    @Override
    boolean removeIdentical(Object element) {
        return roomMade(ring.removeIdentical(element));
    }

    @Override
    boolean remove(Snapshot<E> snapshot, int number) {
        return roomMade(ring.remove(snapshot, number));
    }

    @Override
    boolean remove(Snapshot<E> snapshot, BitSet chosen) {
        return roomMade(ring.remove(snapshot, chosen));
    }

    @Override
    E[] takeOut(int max) {
        return ring.takeOut(max);
    }

    @Override
    void endTransfer(E[] batch, int added) {
        ring.putBack(batch, added);
        roomMade(added > 0);
        if (added < batch.length) {
            takers.callOne();
        }
    }

    private boolean roomMade(boolean removed) {
        if (removed) {
            putters.callOne();
        }
        return removed;
    }
}
