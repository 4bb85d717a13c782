package dev.sluice.examples.orders;

/**
 * What the events of one stream add up to, and the rules by which more may happen. A value: {@link #after} gives another
 * one.
 *
 * @param <A> the kind of aggregate itself
 */
interface Aggregate<A extends Aggregate<A>> {
    /** This, and then the event. */
    A after(Event event);

    /**
     * The stream of one aggregate.
     *
     * @param name unique among all streams
     * @param empty the aggregate before its first event
     */
    record Stream<A extends Aggregate<A>>(String name, A empty) {}
}
