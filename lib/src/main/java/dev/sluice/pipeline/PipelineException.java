package dev.sluice.pipeline;

/**
 * The failure of a run: which stage failed, on which of its items, and why.
 *
 * <p>The cause is what the user's code threw. Failures that came later in the same run are attached as suppressed.
 */
public final class PipelineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * The stage that failed.
     *
     * @serial its name
     */
    private final String stage;

    /**
     * The item in the stage's input.
     *
     * @serial its number, or -1
     */
    private final long position;

    PipelineException(String stage, long position, Throwable cause) {
        super(
                "stage '" + stage + "' failed" + (position < 0 ? "" : " on item " + position) + ": " + text(cause),
                cause);
        this.stage = stage;
        this.position = position;
    }

    /** Made while there is memory, for when there is none; it has no cause yet. */
    PipelineException(String stage) {
        super("stage '" + stage + "' failed when there was no memory");
        this.stage = stage;
        this.position = -1;
    }

    private static String text(Throwable cause) {
        try {
            return cause.toString();
        } catch (Throwable e) {
            // The user's class: a failure that cannot say its name is still the failure.
            return cause.getClass().getName();
        }
    }

    /**
     * The stage whose code failed.
     *
     * @return the stage's name; {@code source} when the source failed or what runs inline behind it
     */
    public String stage() {
        return stage;
    }

    /**
     * The item on which the stage failed, counted from 0 in the order in which the stage took its inputs.
     *
     * @return the number, or -1 when it did not fail on an item: in the finisher of a collector, in a queue of the
     *     user's
     *     choice, when a thread could not be started, when a wait was interrupted
     */
    public long position() {
        return position;
    }
}
