package dev.sluice.queue;

import dev.sluice.internal.Check;
import dev.sluice.internal.Sleepers;
import java.time.Duration;
import java.util.IdentityHashMap;
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
     * The elements are in a Ring, whose two ends have a lock each. Nobody waits inside: who finds no element, or no room,
     * yields some times, and then sleeps in `takers` or `putters`. It does not spin: a yield takes less than a microsecond
     * when nobody else wants the core, and when the other side is waiting for this very core it is the quickest way to
     * have it filled, or emptied, at one go.
     *
     * Visibility: an element is published with a release store and read after an acquire load of the same index, or
     * handed from lock holder to lock holder.
     *
     * Wake-ups: whoever adds calls one taker, whoever removes, in whatever way, calls one putter, after the change; see
     * Sleepers for why no call is lost. At most one sleeper of a side is on its way at a time; so one that leaves, with or
     * without success, looks whether there is more for the next. An idle queue has nobody spinning.
     */
    private static final int MAX_CAPACITY = 1 << 30;
    private static final int YIELDS = 16;
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final Ring<E> ring;
    private final Sleepers takers = new Sleepers();
    private final Sleepers putters = new Sleepers();

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
        return ring.seemsEmpty();
    }

    @Override
    public int remainingCapacity() {
        return ring.room();
    }

    // ---- putting -----------------------------------------------------------------------------------

    @Override
    public boolean offer(E element) {
        Check.notNull("element", element);
        if (!ring.add(element)) {
            return false;
        }
        takers.callOne();
        return true;
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
        if (ring.add(element)) {
            takers.callOne();
            return true;
        }
        long left = awaitRoom(nanos);
        while (left > 0) {
            if (offer(element)) {
                passOnRoom();
                return true;
            }
            left = awaitRoom(left);
        }
        passOnRoom();
        return false;
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
                int count = ring.add(elements, next, to);
                next += count;
                if (count > 0) {
                    takers.callOne();
                } else {
                    awaitRoom(FOR_EVER);
                }
            }
        } catch (InterruptedException e) {
            if (next == from) {
                throw e;
            }
            Thread.currentThread().interrupt();
        }
        passOnRoom();
        return next - from;
    }

    /** Returns the time that is left, more than 0 if there may be room. */
    private long awaitRoom(long nanos) throws InterruptedException {
        if (nanos <= 0) {
            return nanos;
        }
        // Not the first place that becomes free: the lines that both ends use would travel for each element.
        int worthwhile = Math.max(1, ring.capacity() / 8);
        for (int tries = 0; tries < YIELDS; tries++) {
            if (ring.seenRoom() >= worthwhile) {
                return nanos;
            }
            Thread.yield();
        }
        try {
            return putters.sleep(() -> ring.seenRoom() > 0, nanos);
        } catch (InterruptedException e) {
            passOnRoom();
            throw e;
        }
    }

    /** For the sleepers whose call has been left to this thread. */
    private void passOnRoom() {
        if (ring.seenRoom() > 0) {
            putters.callOne();
        }
    }

    // ---- taking ------------------------------------------------------------------------------------

    @Override
    public @Nullable E peek() {
        return ring.peek();
    }

    @Override
    public @Nullable E poll() {
        E first = ring.poll();
        if (first != null) {
            putters.callOne();
        }
        return first;
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
        E first = poll();
        if (first != null) {
            return first;
        }
        long left = awaitElement(nanos);
        while (left > 0 && first == null) {
            first = poll();
            if (first == null) {
                left = awaitElement(left);
            }
        }
        passOnElements();
        return first;
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
        long left = nanos;
        try {
            int count = ring.poll(into, max);
            while (count == 0 && left > 0) {
                left = awaitElement(left);
                count = ring.poll(into, max);
            }
            if (count > 0) {
                putters.callOne();
            }
            return count;
        } finally {
            passOnElements();
        }
    }

    private void checkTarget(E[] into, int max) {
        int length = Check.notNull("into", into).length;
        if (Check.atLeast("max", max, 1) > length) {
            throw new IllegalArgumentException("max must be <= into.length = " + length + " but was " + max);
        }
    }

    /** Returns the time that is left, more than 0 if there may be an element. */
    private long awaitElement(long nanos) throws InterruptedException {
        if (nanos <= 0) {
            return nanos;
        }
        for (int tries = 0; tries < YIELDS; tries++) {
            if (!ring.seemsEmpty()) {
                return nanos;
            }
            Thread.yield();
        }
        try {
            return takers.sleep(() -> !ring.seemsEmpty(), nanos);
        } catch (InterruptedException e) {
            passOnElements();
            throw e;
        }
    }

    /** For the sleepers whose call has been left to this thread. */
    private void passOnElements() {
        if (!ring.seemsEmpty()) {
            takers.callOne();
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
    E[] snapshot() {
        return ring.toArray();
    }

    @Override
    boolean removeIdentical(Object element) {
        return roomMade(ring.removeIdentical(element));
    }

    @Override
    boolean removeIdentical(IdentityHashMap<E, Integer> elements) {
        return roomMade(ring.removeIdentical(elements));
    }

    @Override
    E[] takeOut(int max) {
        return ring.takeOut(max);
    }

    @Override
    void endTransfer(E[] batch, int added) {
        ring.putBack(batch, added);
        roomMade(added > 0);
        passOnElements();
    }

    private boolean roomMade(boolean removed) {
        if (removed) {
            putters.callOne();
        }
        return removed;
    }
}
