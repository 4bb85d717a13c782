package dev.sluice.gate;

import java.util.List;

/**
 * How the draining of a {@link Gate} ended.
 *
 * @param stillHeld the weight of the permits that were not closed in time, lent ones included; 0 when all were
 * @param holders who holds them, as far as they are {@linkplain Gate.Builder#leakWatch(int) watched}
 */
public record GateDrain(int stillHeld, List<Holder> holders) {
    /**
     * Tells whether every permit had been closed in time.
     *
     * @return true when nothing is held any more
     */
    public boolean drained() {
        return stillHeld == 0;
    }
}
