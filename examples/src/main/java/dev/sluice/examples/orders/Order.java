package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.OrderConfirmed;
import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.OrderRejected;
import java.util.List;

/** An order: placed once, then confirmed or rejected, once. */
record Order(Status status) implements Aggregate<Order> {
    enum Status {
        NONE,
        PLACED,
        CONFIRMED,
        REJECTED
    }

    static Stream<Order> stream(String id) {
        return new Stream<>("order-" + id, new Order(Status.NONE));
    }

    List<Event> place(OrderPlaced order) throws Refusal {
        if (status != Status.NONE) {
            throw Refusal.conflict("order " + order.order() + " is there already");
        }
        return List.of(order);
    }

    List<Event> confirm(String order) {
        return status == Status.PLACED ? List.of(new OrderConfirmed(order)) : List.of();
    }

    List<Event> reject(String order, String reason) {
        return status == Status.PLACED ? List.of(new OrderRejected(order, reason)) : List.of();
    }

    @Override
    public Order after(Event event) {
        if (event instanceof OrderPlaced) {
            return new Order(Status.PLACED);
        }
        if (event instanceof OrderConfirmed) {
            return new Order(Status.CONFIRMED);
        }
        return event instanceof OrderRejected ? new Order(Status.REJECTED) : this;
    }
}
