package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.PaymentDeclined;
import dev.sluice.examples.orders.Event.PaymentTaken;
import dev.sluice.examples.orders.Event.StockRefused;
import java.sql.SQLException;

/** Ends an order: confirms it when it is paid for, rejects it when there is no stock or no money. */
final class Confirmation {
    private final Commands commands;

    Confirmation(Commands commands) {
        this.commands = commands;
    }

    static boolean wants(Recorded recorded) {
        return recorded.event() instanceof PaymentTaken
                || recorded.event() instanceof PaymentDeclined
                || recorded.event() instanceof StockRefused;
    }

    static String order(Recorded recorded) {
        if (recorded.event() instanceof PaymentTaken taken) {
            return taken.order();
        }
        return recorded.event() instanceof PaymentDeclined declined
                ? declined.order()
                : ((StockRefused) recorded.event()).order();
    }

    void handle(Recorded recorded) throws Refusal, SQLException, InterruptedException {
        String id = order(recorded);
        commands.run(Command.following("confirmation", recorded, Order.stream(id), order -> {
            if (recorded.event() instanceof PaymentTaken) {
                return order.confirm(id);
            }
            return order.reject(
                    id, recorded.event() instanceof PaymentDeclined declined ? declined.reason() : "out of stock");
        }));
    }
}
