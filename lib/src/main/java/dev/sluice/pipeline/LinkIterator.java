package dev.sluice.pipeline;

import dev.sluice.internal.Lending;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The iterator at the end of a run: the reader takes from the last link. The run has not ended before the reader has
 * seen the end or the run was aborted, so that closing still finds what was not read.
 */
final class LinkIterator implements ItemIterator<Object>, RunEnd {
    private final Execution execution;
    private final Link link;
    private final Function<? super LinkIterator, Object> view;
    private final Meter meter = new Meter();
    /** There are no samples: several threads may read. */
    private final Timings timings = Timings.none();

    /** A source is told of what has been read. */
    private final boolean tells;

    private final AtomicBoolean left = new AtomicBoolean();
    private volatile boolean closed;

    /** Makes of this what the run gives. */
    LinkIterator(Execution execution, Link link, Function<? super LinkIterator, Object> view) {
        this.view = view;
        this.execution = execution;
        this.link = link;
        this.tells = execution.isTold();
        meter.begin();
        execution.join();
    }

    @Override
    public boolean hasNext() {
        if (closed) {
            return false;
        }
        try {
            if (link.waiting() == 0) {
                Lending.during(() -> link.awaitItem(meter));
            }
            return link.awaitItem(meter) || endsWell();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException interrupted = new CancellationException("interrupted while waiting for a result");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    @Override
    public Object next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the run has no more results");
        }
        // The source must not be closed before it is told of the item, though the run may be aborted in between.
        boolean holds = tells && execution.join();
        try {
            return take();
        } finally {
            if (holds) {
                execution.leave();
            }
        }
    }

    private Object take() {
        Object item = link.take(meter);
        if (item == null) {
            // Aborted in between, or another reader was quicker.
            endsWell();
            throw new NoSuchElementException("the run has no more results");
        }
        meter.settled(Fate.COMPLETED, 1);
        Tracked.release(item);
        execution.tellDiscards();
        return Tracked.item(item);
    }

    /**
     * Gives false when there are no more items because all have been read, or the reader has closed; throws otherwise.
     */
    private boolean endsWell() {
        leave();
        if (closed || link.hasEnded()) {
            return false;
        }
        execution.failureSeen();
        // Recorded before anybody is woken by it.
        throw Objects.requireNonNull(execution.failure(), "a run that has not ended well has no failure");
    }

    @Override
    public void close() {
        closed = true;
        execution.close();
    }

    @Override
    public void abort() {
        leave();
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            link.takersLeave();
            meter.end();
            execution.leave();
        }
    }

    @Override
    public Downstream downstream() {
        return link;
    }

    @Override
    public Object value() {
        return view.apply(this);
    }

    @Override
    public boolean isThereAtOnce() {
        return true;
    }

    @Override
    public String name() {
        return Definition.ITERATOR;
    }

    @Override
    public Link link() {
        return link;
    }

    @Override
    public List<StageStats> stats(long now, long elapsed) {
        return List.of(StageStats.of(
                Definition.ITERATOR, 1, List.of(meter), link::taken, 0, 0, link, timings, null, now, elapsed));
    }
}
