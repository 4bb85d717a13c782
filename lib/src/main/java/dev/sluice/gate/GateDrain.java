package dev.sluice.gate;

/**
 * How the draining of a {@link Gate} ended.
 *
 * @param stillHeld the weight of the permits that were not closed in time, lent ones included; 0 when all were
 */
public record GateDrain(int stillHeld) {
    /**
     * Tells whether every permit had been closed in time.
     *
     * @return true when nothing is held any more
     */
    public boolean drained() {
        return stillHeld == 0;
    }
}
