package dev.sluice.pipeline;

/**
 * An input that a worker has taken and answers for.
 *
 * @param position its number in the order in which the stage took its inputs, from 0; of a batch, that of its first
 *     item
 */
record Claim(long position, Object input) {}
