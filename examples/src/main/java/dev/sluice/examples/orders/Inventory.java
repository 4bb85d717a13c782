package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.PaymentDeclined;
import java.sql.SQLException;

/** Sets pieces aside for an order that was placed, and puts them back when its payment was declined. */
final class Inventory {
    private final Commands commands;

    Inventory(Commands commands) {
        this.commands = commands;
    }

    static boolean wants(Recorded recorded) {
        return recorded.event() instanceof OrderPlaced || recorded.event() instanceof PaymentDeclined;
    }

    static String product(Recorded recorded) {
        return recorded.event() instanceof OrderPlaced placed
                ? placed.product()
                : ((PaymentDeclined) recorded.event()).product();
    }

    void handle(Recorded recorded) throws Refusal, SQLException, InterruptedException {
        commands.run(Command.following("inventory", recorded, StockItem.stream(product(recorded)), item -> {
            return recorded.event() instanceof OrderPlaced placed
                    ? item.reserve(placed)
                    : item.release((PaymentDeclined) recorded.event());
        }));
    }
}
