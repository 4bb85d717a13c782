package dev.sluice.pipeline;

/**
 * An item whose work failed and that was sent elsewhere: what the sink of {@link OnError#deadLetter} gets.
 *
 * @param stage the stage in which it failed
 * @param item the item, as the stage got it
 * @param cause what the user's code threw
 */
public record DeadLetter(String stage, Object item, Throwable cause) {}
