package dev.sluice.pipeline;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts who still works on what was made from an item of the source: it is done when nobody does, or when the first of
 * them has failed.
 *
 * <p>{@code open} begins with one, for who has the item itself; it goes up before something made from the item is put,
 * and so cannot be 0 while anybody may still put. Refusing is final: it takes {@code open} to {@link #DECIDED}, from where
 * the count cannot come back, and what is given back after it is ignored. So a ticket is told once, and what is thrown away
 * together with a refused input needs no care.
 */
final class Ticket {
    private static final int DECIDED = Integer.MIN_VALUE / 2;

    /** Who is told. May be called with a lock held: it only notes. */
    @FunctionalInterface
    interface Holder {
        /** The item is done when there is no reason; otherwise it is refused. */
        void decided(@Nullable Throwable reason);
    }

    private final Holder holder;
    private final AtomicInteger open = new AtomicInteger(1);

    Ticket(Holder holder) {
        this.holder = holder;
    }

    /** For what is made from several items: its fate is that of all of them. */
    static Ticket of(List<Ticket> parts) {
        return new Ticket(reason -> parts.forEach(part -> part.give(reason)));
    }

    private void give(@Nullable Throwable reason) {
        if (reason == null) {
            release();
        } else {
            refuse(reason);
        }
    }

    /** Something more has been made from the item. */
    void retain() {
        open.getAndIncrement();
    }

    /** Something that was made from the item is done. */
    void release() {
        if (open.decrementAndGet() == 0 && open.compareAndSet(0, DECIDED)) {
            holder.decided(null);
        }
    }

    /** Something that was made from the item will not be done. */
    void refuse(Throwable reason) {
        int seen = open.get();
        while (seen > 0 && !open.compareAndSet(seen, DECIDED)) {
            seen = open.get();
        }
        if (seen > 0) {
            holder.decided(reason);
        }
    }
}
