package dev.sluice.examples.orders;

/**
 * An event as the store has it.
 *
 * @param seq its place among all events
 * @param ticket its place in the outbox; 0 when it was read from elsewhere
 * @param stream the stream of its aggregate
 * @param version its place there, from 1
 * @param at when it was appended, in milliseconds since 1970
 */
record Recorded(long seq, long ticket, String stream, int version, long at, Event event) {}
