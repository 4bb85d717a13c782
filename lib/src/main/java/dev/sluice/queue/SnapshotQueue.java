package dev.sluice.queue;

import dev.sluice.internal.Check;
import java.util.AbstractQueue;
import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.BlockingQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The methods of a queue that call foreign code: {@code equals}, predicates, the target of {@code drainTo}. That may be slow,
 * throw, or come back to this queue or to another; so it is called without a lock, on a copy of the elements, and what it
 * chose is then removed from where it was; by identity if elements have been moved meanwhile.
 */
abstract class SnapshotQueue<E> extends AbstractQueue<E> implements BlockingQueue<E> {
    /** The elements of one moment. */
    abstract Snapshot<E> snapshot();

    /** Removes one occurrence of this very object; false if there is none. */
    abstract boolean removeIdentical(Object element);

    /** Removes the element with this number in the snapshot, which knows of it then; false if it is gone. */
    abstract boolean remove(Snapshot<E> snapshot, int number);

    /** Removes the elements with these numbers in the snapshot that are still there; false if none is. */
    abstract boolean remove(Snapshot<E> snapshot, BitSet chosen);

    /** Removes the first elements, as many as there are but no more than {@code max}; their places stay taken. */
    abstract E[] takeOut(int max);

    /** Ends a {@link #takeOut}: the first {@code added} are gone for good, the others come back to the head. */
    abstract void endTransfer(E[] batch, int added);

    @Override
    public int drainTo(Collection<? super E> target) {
        return drainTo(target, Integer.MAX_VALUE);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The target is called without a lock. If it throws, the element it refused and those behind it are put back at the
     * head of the queue, in their order; the room for them is kept meanwhile.
     */
    @Override
    public int drainTo(Collection<? super E> target, int maxElements) {
        if (Check.notNull("target", target) == this) {
            throw new IllegalArgumentException("target must not be the queue itself");
        }
        E[] batch = takeOut(maxElements);
        int added = 0;
        try {
            while (added < batch.length) {
                target.add(batch[added]);
                added++;
            }
        } finally {
            endTransfer(batch, added);
        }
        return added;
    }

    @Override
    public boolean remove(@Nullable Object object) {
        if (object == null) {
            return false;
        }
        if (removeIdentical(object)) {
            return true;
        }
        boolean found;
        do {
            found = false;
            for (E element : snapshot().elements()) {
                if (object.equals(element)) {
                    if (removeIdentical(element)) {
                        return true;
                    }
                    found = true; // and gone: another one may have come before it went
                }
            }
        } while (found);
        return false;
    }

    @Override
    public boolean removeIf(Predicate<? super E> filter) {
        Check.notNull("filter", filter);
        Snapshot<E> snapshot = snapshot();
        E[] elements = snapshot.elements();
        BitSet chosen = new BitSet(elements.length);
        for (int i = 0; i < elements.length; i++) {
            chosen.set(i, filter.test(elements[i]));
        }
        return !chosen.isEmpty() && remove(snapshot, chosen);
    }

    @Override
    public boolean removeAll(Collection<?> elements) {
        Check.notNull("elements", elements);
        return removeIf(elements::contains);
    }

    @Override
    public boolean retainAll(Collection<?> elements) {
        Check.notNull("elements", elements);
        return removeIf(element -> !elements.contains(element));
    }

    @Override
    public Object[] toArray() {
        return snapshot().elements();
    }

    @Override
    public Iterator<E> iterator() {
        return new SnapshotIterator(snapshot());
    }

    /** Not the inherited one: that asks for the size and the elements at two moments, and a stream fails if they differ. */
    @Override
    public Spliterator<E> spliterator() {
        return Spliterators.spliterator(
                snapshot().elements(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
    }

    private final class SnapshotIterator implements Iterator<E> {
        private final Snapshot<E> snapshot;
        private int next;
        private boolean mayRemove;

        SnapshotIterator(Snapshot<E> snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public boolean hasNext() {
            return next < snapshot.elements().length;
        }

        @Override
        public E next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            E element = snapshot.elements()[next];
            next++;
            mayRemove = true;
            return element;
        }

        @Override
        public void remove() {
            if (!mayRemove) {
                throw new IllegalStateException("next() has not been called since the last remove()");
            }
            SnapshotQueue.this.remove(snapshot, next - 1);
            mayRemove = false;
        }
    }
}
