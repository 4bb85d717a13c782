package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * A source that is told what became of its items, such as a message broker that is read at least once.
 *
 * <pre>{@code
 * class Messages implements Source<Message> {
 *     public Message next() throws Exception { return consumer.receive(); }
 *     public void ack(Message message) { message.acknowledge(); }
 *     public void nack(Message message, Throwable reason) { message.returnToQueue(); }
 *     public void close() { consumer.close(); }
 * }
 * }</pre>
 *
 * <p>Each item that {@code next()} gave is told once, by {@code ack} or {@code nack}, before the run ends. It is
 * acknowledged when everything that was made from it is done, or nothing was made from it: a sink has returned, a queue
 * or a reader has got it, a collector's finisher has returned, a filter declined it, a dead-letter sink took it. It is
 * refused at once when it, or something made from it, fails or is discarded; an item whose failure was skipped is refused
 * with that failure.
 *
 * <p>Bounds: items that have not been told are those in the queues and workers of the run, and all that a collector has
 * got.
 *
 * <p>Threads: {@code next()} is called by the run's source thread alone, which is interrupted when no more items are
 * wanted. {@code ack} and {@code nack} are called by any thread of the run and by one that cancels, closes or reads it,
 * several at once and while {@code next()} waits, in no order, and without a lock held. {@code close()} comes once, after
 * all the others.
 *
 * <p>Failure: what {@code next()} or {@code close()} throws fails the run. What {@code ack} or {@code nack} throws does
 * not: the first such exception is added as suppressed to the failure of the run, or logged when there is none.
 *
 * @param <T> the items
 */
public interface Source<T> extends AutoCloseable {
    /**
     * Waits for the next item.
     *
     * @return the item, or null when there are no more
     * @throws Exception when there can be no more items; fails the run
     */
    @Nullable
    T next() throws Exception;

    /**
     * An item is done.
     *
     * @param item the item, as {@code next()} gave it
     * @throws Exception is noted and otherwise ignored
     */
    default void ack(T item) throws Exception {}

    /**
     * An item has failed, or could not be delivered.
     *
     * @param item the item, as {@code next()} gave it
     * @param reason what it failed with, or what ended the run
     * @throws Exception is noted and otherwise ignored
     */
    default void nack(T item, Throwable reason) throws Exception {}

    /**
     * The run has ended, whatever the end.
     *
     * @throws Exception fails the run
     */
    @Override
    default void close() throws Exception {}
}
