package dev.sluice.pipeline;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The discarded items of a run on their way to the handler: added where a lock may be held, told where none is. Each is
 * taken by one teller, so it is told once. They are as many as the links and workers held, not more.
 */
final class Discards {
    private static final Logger LOG = LoggerFactory.getLogger(DiscardHandler.class);

    private record Discard(Object item, String stage, Throwable reason) {}

    private final Execution execution;
    private final DiscardHandler handler;
    private final Queue<Discard> untold = new ConcurrentLinkedQueue<>();
    private final Set<Thread> tellers = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Queue<DrainReport.Undelivered> kept;
    private final AtomicBoolean handlerFailed = new AtomicBoolean();

    Discards(Execution execution, DiscardHandler handler) {
        this.execution = execution;
        this.handler = handler;
    }

    void add(Object item, String stage, Throwable reason) {
        untold.add(new Discard(item, stage, reason));
        Queue<DrainReport.Undelivered> list = kept;
        if (list != null) {
            list.add(new DrainReport.Undelivered(stage, item));
        }
    }

    /** From now on what is added is listed, too: while the run is drained, so that it is no more than what was in it. */
    void keep() {
        if (kept == null) {
            kept = new ConcurrentLinkedQueue<>();
        }
    }

    List<DrainReport.Undelivered> kept() {
        Queue<DrainReport.Undelivered> list = kept;
        return list == null ? List.of() : List.copyOf(list);
    }

    /**
     * Tells all that have been added; the interrupt flag of the thread is not the handler's business. A handler that
     * cancels the run comes here again: what that discards is told by the loop that the thread is in already.
     */
    void tell() {
        Thread teller = Thread.currentThread();
        if (untold.isEmpty() || !tellers.add(teller)) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            for (Discard discard = untold.poll(); discard != null; discard = untold.poll()) {
                tell(discard);
            }
        } finally {
            tellers.remove(teller);
            if (interrupted) {
                teller.interrupt();
            }
        }
    }

    private void tell(Discard discard) {
        try {
            handler.discarded(discard.item, discard.stage, discard.reason);
        } catch (Throwable e) {
            // An Error too: the rest of the items has a right to be told, and the run to end.
            if (handlerFailed.compareAndSet(false, true)) {
                report(e);
            }
        }
    }

    private void report(Throwable handlerFailure) {
        if (execution.failure() instanceof PipelineException failure) {
            // A handler may throw the reason that it was given, which is told already.
            if (handlerFailure != failure && handlerFailure != failure.getCause()) {
                failure.addSuppressed(handlerFailure);
            }
        } else {
            LOG.warn(
                    "{}: the discard handler failed; it is told of the other items, further failures of it are not logged",
                    execution,
                    handlerFailure);
        }
    }
}
