package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.PaymentDeclined;
import dev.sluice.examples.orders.Event.PaymentTaken;
import dev.sluice.examples.orders.Event.StockReserved;
import java.util.List;

/** What the provider said about the money for one order. It says so once. */
record Payment(boolean settled) implements Aggregate<Payment> {
    static Stream<Payment> stream(String order) {
        return new Stream<>("payment-" + order, new Payment(false));
    }

    List<Event> settle(StockReserved reserved, Provider.Answer answer) {
        if (settled) {
            return List.of();
        }
        return List.of(
                answer.taken()
                        ? new PaymentTaken(reserved.order(), reserved.amount())
                        : new PaymentDeclined(
                                reserved.order(), reserved.product(), reserved.quantity(), answer.reason()));
    }

    @Override
    public Payment after(Event event) {
        return new Payment(settled || event instanceof PaymentTaken || event instanceof PaymentDeclined);
    }
}
