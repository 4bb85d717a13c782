package dev.sluice.pipeline;

/**
 * What a stage does when its function, or what runs inline behind it, throws.
 *
 * <p>An {@link Error} always fails the run, whatever the choice.
 */
public final class OnError {
    private static final OnError FAIL = new OnError("fail()");
    private static final OnError FAIL_NOW = new OnError("failNow()");
    private static final OnError SKIP = new OnError("skip()");

    private final String text;

    private OnError(String text) {
        this.text = text;
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

    boolean skips(Throwable failure) {
        return this == SKIP && failure instanceof Exception;
    }

    boolean stopsEverything() {
        return this == FAIL_NOW;
    }

    @Override
    public String toString() {
        return text;
    }
}
