package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Aggregate.Stream;
import java.util.List;

/**
 * What somebody wants to happen to one aggregate.
 *
 * @param id whoever gives it chooses it; the same id twice has one effect
 * @param stream the aggregate
 * @param content what it asks for, in words: the same id with another content is a mistake
 * @param decision what happens, given the aggregate as it is
 */
record Command<A extends Aggregate<A>>(String id, Stream<A> stream, String content, Decision<A> decision) {
    /** What a handler does about an event. The id is the event's, so that it is done once. */
    static <A extends Aggregate<A>> Command<A> following(
            String handler, Recorded event, Stream<A> stream, Decision<A> decision) {
        return new Command<>(handler + ":" + event.seq(), stream, "", decision);
    }

    /** Decides by what the aggregate is. */
    @FunctionalInterface
    interface Decision<A> {
        List<Event> decide(A now) throws Refusal;
    }
}
