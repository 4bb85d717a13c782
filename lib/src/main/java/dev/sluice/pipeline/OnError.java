package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import org.jspecify.annotations.Nullable;

/**
 * What a stage does when its function, or what runs inline behind it, throws.
 *
 * <p>An {@link Error} always fails the run, whatever the choice.
 */
public final class OnError {
    private static final OnError FAIL = new OnError("fail()", null);
    private static final OnError FAIL_NOW = new OnError("failNow()", null);
    private static final OnError SKIP = new OnError("skip()", null);

    private final String text;
    private final @Nullable StageConsumer<? super DeadLetter> sink;

    private OnError(String text, @Nullable StageConsumer<? super DeadLetter> sink) {
        this.text = text;
        this.sink = sink;
    }

    /**
     * The stage takes nothing more and the run fails (the default). An ordered stage, or one with one worker, delivers
     * every item before the failed one and none after it; otherwise the items that other workers hold are finished and
     * delivered. The stages downstream finish what they got. Those upstream are stopped at once.
     *
     * @return the choice
     */
    public static OnError fail() {
        return FAIL;
    }

    /**
     * The run fails at once: every thread of it is interrupted, and everything in its queues is discarded.
     *
     * @return the choice
     */
    public static OnError failNow() {
        return FAIL_NOW;
    }

    /**
     * The item is counted as skipped and the stage goes on. Results that the item had given before it failed stay
     * delivered.
     *
     * @return the choice
     */
    public static OnError skip() {
        return SKIP;
    }

    /**
     * The item is handed to {@code sink}, counted as dead-lettered, and the stage goes on. Results that the item had given
     * before it failed stay delivered.
     *
     * <p>The sink is called by the worker that had the item, by several at once when there are several, and may block.
     * When it throws, the item is discarded instead: the discard handler gets it with its failure, to which the sink's is
     * attached as suppressed. The first such exception of a run's stage is logged.
     *
     * @param sink takes the item and its failure
     * @return the choice
     */
    public static OnError deadLetter(StageConsumer<? super DeadLetter> sink) {
        return new OnError("deadLetter(...)", Check.notNull("sink", sink));
    }

    /** What becomes of an item that has failed, when the stage goes on; null when it does not. */
    @Nullable
    Fate settle(StageRun stage, Object item, Throwable failure) {
        if (!(failure instanceof Exception)) {
            return null;
        }
        return sink != null ? deadLetter(sink, stage, item, failure) : this == SKIP ? Fate.SKIPPED : null;
    }

    private static Fate deadLetter(
            StageConsumer<? super DeadLetter> sink, StageRun stage, Object item, Throwable failure) {
        try {
            sink.accept(new DeadLetter(stage.name(), Tracked.item(item), failure));
            return Fate.DEAD_LETTERED;
        } catch (Throwable e) {
            // An Error too: the item has failed already, and the stage goes on with the others.
            if (e != failure) {
                failure.addSuppressed(e);
            }
            stage.lost(item, failure, e);
            return Fate.LOST;
        }
    }

    boolean stopsEverything() {
        return this == FAIL_NOW;
    }

    @Override
    public String toString() {
        return text;
    }
}
