package dev.sluice.pipeline;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Tells the listener of one run how far it is, in a thread of its own: now and then while the run goes on, and once when
 * it has ended. So the calls never meet, and the last one has the last numbers; the run gives its result after that.
 */
final class Progress implements Runnable {
    /** What was asked for. */
    record Choice(long periodNanos, ProgressListener listener) {}

    private final Execution execution;
    private final Choice choice;
    private final CountDownLatch over = new CountDownLatch(1);
    private boolean failed;

    Progress(Execution execution, Choice choice) {
        this.execution = execution;
        this.choice = choice;
    }

    /** The run has ended; its result is this object's matter from here on. */
    void end() {
        over.countDown();
    }

    @Override
    public void run() {
        execution.enter();
        try {
            while (!isOver()) {
                tell();
            }
            tell();
        } finally {
            try {
                execution.complete();
            } finally {
                execution.exit();
            }
        }
    }

    /** Waits for a period, or until the run has ended. */
    private boolean isOver() {
        try {
            return over.await(choice.periodNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // Of nobody who has a right to: the listener has left it, or somebody has guessed the thread.
            return false;
        }
    }

    private void tell() {
        try {
            choice.listener.progress(execution.stats());
        } catch (Throwable e) {
            // An Error too: the result of the run depends on this thread.
            if (!failed) {
                failed = true;
                LoggerFactory.getLogger(ProgressListener.class)
                        .warn("{}: the progress listener failed; further failures of it are not logged", execution, e);
            }
        } finally {
            Thread.interrupted(); // what the listener has left
        }
    }
}
