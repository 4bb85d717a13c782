package dev.sluice.gate;

import java.time.Duration;

/**
 * What a {@link Gate} was doing at one moment. All figures are of the same moment.
 *
 * @param permits the present limit, a weight
 * @param available {@code permits - inUse}; below zero only while there is debt after a shrink
 * @param inUse the weight held
 * @param lent the weight that holders have given back for a time by {@link Permit#lend}
 * @param waiting how many wait for a permit, those who want a lent one back included
 * @param oldestWait how long the oldest of these has waited, lenders excepted; zero if nobody waits
 * @param abandoned how many waits have ended by a time-out, an interrupt or a cancelled future so far
 * @param overtakes how often a newcomer has been granted a permit while others waited so far
 * @param waits how long those waited who were granted a permit after a wait so far
 * @param holds for how long the permits were held that were {@linkplain Gate.Builder#leakWatch(int) watched} and are closed
 */
public record GateStats(
        int permits,
        int available,
        int inUse,
        int lent,
        int waiting,
        Duration oldestWait,
        long abandoned,
        long overtakes,
        Durations waits,
        Durations holds) {}
