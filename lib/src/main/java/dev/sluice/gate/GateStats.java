package dev.sluice.gate;

/**
 * What a {@link Gate} was doing at one moment. All figures are of the same moment; {@code acquired - released} permit
 * objects are open, which are those that make up {@code inUse} and {@code lent}.
 *
 * @param permits the present limit, a weight
 * @param available {@code permits - inUse}; below zero only while there is debt after a shrink
 * @param inUse the weight held
 * @param lent the weight that holders have given back for a time by {@link Permit#lend}
 * @param waiting how many wait for a permit, those who want a lent one back included
 * @param acquired how many permit objects have been granted so far
 * @param released how many permit objects have been closed so far
 * @param abandoned how many waits have ended by a time-out, an interrupt or a cancelled future so far
 */
public record GateStats(
        int permits, int available, int inUse, int lent, int waiting, long acquired, long released, long abandoned) {}
