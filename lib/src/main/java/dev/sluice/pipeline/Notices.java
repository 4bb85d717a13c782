package dev.sluice.pipeline;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What a run has to tell the user's code about its items: added where a lock may be held, told where none is. Each is
 * taken by one teller, so it is told once. Who adds something tells it soon, so they are as many as the links and workers
 * held, not more.
 */
final class Notices {
    /** Calls the user's code. */
    @FunctionalInterface
    interface Notice {
        void tell() throws Exception;
    }

    private final Execution execution;
    private final Queue<Notice> untold = new ConcurrentLinkedQueue<>();
    private final Set<Thread> tellers = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Queue<DrainReport.Undelivered> kept;
    private final AtomicBoolean somethingFailed = new AtomicBoolean();

    Notices(Execution execution) {
        this.execution = execution;
    }

    void add(Notice notice) {
        untold.add(notice);
    }

    /** An item is discarded, of which the handler is told. */
    void discarded(Object item, String stage) {
        Queue<DrainReport.Undelivered> list = kept;
        if (list != null) {
            list.add(new DrainReport.Undelivered(stage, item));
        }
    }

    /** From here on discarded items are listed, too: while the run is drained, so that it is no more than what was in it. */
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
     * Tells all that has been added; the interrupt flag of the thread is not the user's business here. A handler that
     * cancels the run comes here again: what that adds is told by the loop that the thread is in already.
     */
    void tell() {
        Thread teller = Thread.currentThread();
        if (untold.isEmpty() || !tellers.add(teller)) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            for (Notice notice = untold.poll(); notice != null; notice = untold.poll()) {
                tell(notice);
            }
        } finally {
            tellers.remove(teller);
            if (interrupted) {
                teller.interrupt();
            }
        }
    }

    /** As the last step of the run: nobody adds anything. Takes no memory of its own. */
    void tellRest() {
        boolean interrupted = Thread.interrupted();
        for (Notice notice = untold.poll(); notice != null; notice = untold.poll()) {
            tell(notice);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Notice notice) {
        try {
            notice.tell();
        } catch (Throwable e) {
            // An Error too: the rest of the items has a right to be told, and the run to end.
            if (somethingFailed.compareAndSet(false, true)) {
                tryReport(e);
            }
        }
    }

    private void tryReport(Throwable thrown) {
        try {
            report(thrown);
        } catch (Throwable e) {
            // The log is the user's, and memory may have run out: as above.
        }
    }

    private void report(Throwable thrown) {
        if (execution.failure() instanceof PipelineException failure) {
            // A handler may throw the reason that it was given, which is told already.
            if (thrown != failure && thrown != failure.getCause()) {
                failure.addSuppressed(thrown);
            }
        } else {
            LoggerFactory.getLogger(DiscardHandler.class)
                    .warn(
                            "{}: the discard handler, or the source's ack or nack, failed; the other items are told, further failures are not logged",
                            execution,
                            thrown);
        }
    }
}
