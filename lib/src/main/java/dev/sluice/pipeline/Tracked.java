package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An item on its way through a run, with the ticket of what it was made from. Only runs with a {@link Source} have such
 * items in their links, and others beside them when they have other sources, too.
 */
record Tracked(Object item, Ticket ticket) {
    /** The item itself. */
    static Object item(Object input) {
        return input instanceof Tracked tracked ? tracked.item : input;
    }

    /** The input is done. */
    static void release(Object input) {
        if (input instanceof Tracked tracked) {
            tracked.ticket.release();
        }
    }

    /** The input will not be done. */
    static void refuse(Object input, Throwable reason) {
        if (input instanceof Tracked tracked) {
            tracked.ticket.refuse(reason);
        }
    }

    /** Items as one input: a list that cannot be changed. */
    static Object all(List<Object> inputs) {
        if (inputs.stream().noneMatch(Tracked.class::isInstance)) {
            return Collections.unmodifiableList(inputs);
        }
        List<Object> items = new ArrayList<>(inputs.size());
        List<Ticket> tickets = new ArrayList<>(inputs.size());
        for (Object input : inputs) {
            items.add(item(input));
            if (input instanceof Tracked tracked) {
                tickets.add(tracked.ticket);
            }
        }
        return new Tracked(Collections.unmodifiableList(items), Ticket.of(tickets));
    }

    /** The beginning of a chain: takes the item out, and notes what it was made from. */
    static final class Opening extends Emitter {
        private final Emitter next;
        private final Pass pass;

        Opening(Emitter next, Pass pass) {
            this.next = next;
            this.pass = pass;
        }

        @Override
        boolean emit(Object input) throws Exception {
            pass.ticket = input instanceof Tracked tracked ? tracked.ticket : null;
            return push(next, item(input));
        }
    }

    /** Before the end of a chain: says of a result what it was made from. */
    static final class Closing extends Emitter {
        private final Emitter end;
        private final Pass pass;

        Closing(Emitter end, Pass pass) {
            this.end = end;
            this.pass = pass;
        }

        @Override
        boolean emit(Object result) throws Exception {
            Ticket ticket = pass.ticket;
            if (ticket == null) {
                return push(end, result);
            }
            ticket.retain();
            return push(end, new Tracked(result, ticket));
        }
    }
}
