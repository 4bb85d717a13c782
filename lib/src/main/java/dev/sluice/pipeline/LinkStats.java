package dev.sluice.pipeline;

/**
 * How many items have gone from one stage to another.
 *
 * @param from the stage that hands them on
 * @param to the stage in whose queue they are put; {@code iterator} stands for who reads an iterator
 * @param items how many have been put there
 */
public record LinkStats(String from, String to, long items) {}
