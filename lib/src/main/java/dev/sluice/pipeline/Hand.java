package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** One of a stage's workers, as the run sees it: it is started, counts, can be interrupted, and leaves the run once. */
abstract class Hand implements Runnable {
    final Meter meter;
    final Interrupts interrupts = new Interrupts();
    /** What surrounds its calls of the stage's function. */
    final Attempt attempt;

    private final StageRun stage;
    private volatile @Nullable Thread thread;
    /** The worker's own. */
    private boolean dismissed;

    Hand(StageRun stage) {
        this.stage = stage;
        this.meter = new Meter(stage.tracing());
        this.attempt = new Attempt(stage.settings(), stage.name(), meter);
    }

    /** Whether it is to leave, because there are too many; asked by the worker when it has nothing in hand. */
    final boolean isDismissed() {
        if (!dismissed && stage.letsGo()) {
            dismissed = true;
        }
        return dismissed;
    }

    /** It leaves the stage before it has begun; by who has made it. */
    final void dismiss() {
        dismissed = true;
    }

    /** The last step of its end. Whatever happens, it leaves the run, which would not end without it. */
    final void leave() {
        try {
            comesTo(null);
            attempt.close();
            if (!stage.sharesThreads()) {
                meter.cpu().end();
            }
            meter.end();
            if (dismissed) {
                stage.hasLeft(this);
            }
        } catch (Throwable e) {
            stage.breakDown(e);
        } finally {
            stage.execution().leave();
        }
    }

    final Meter meter() {
        return meter;
    }

    final Interrupts interrupts() {
        return interrupts;
    }

    /** The thread in which it works from here on; null when it does not. */
    final void comesTo(@Nullable Thread place) {
        thread = place;
    }

    /** The thread in which it works on an item; null when it does not, as far as is known. By any thread. */
    final @Nullable Thread atWork() {
        return meter.isAtWork() ? thread : null;
    }

    /** What the worker's thread would do at its end; for one that could not be started. */
    abstract void neverStarts();

    /** Has it look at what has changed, if it rests. */
    void call() {}
}
