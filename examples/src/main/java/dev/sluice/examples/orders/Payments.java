package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.StockReserved;
import java.sql.SQLException;

/** Has the provider take the money for an order whose pieces are set aside, and notes what it said. */
final class Payments {
    private final Provider provider;
    private final Commands commands;

    Payments(Provider provider, Commands commands) {
        this.provider = provider;
        this.commands = commands;
    }

    /** What the provider has said, and about what. */
    record Charged(Recorded recorded, Provider.Answer answer) {
        String order() {
            return Payments.order(recorded);
        }
    }

    static boolean wants(Recorded recorded) {
        return recorded.event() instanceof StockReserved;
    }

    static String order(Recorded recorded) {
        return ((StockReserved) recorded.event()).order();
    }

    /** Asks the provider. It may have been asked before, by this process or by one that was killed: the order is the key. */
    Charged charge(Recorded recorded) throws Exception {
        StockReserved reserved = (StockReserved) recorded.event();
        return new Charged(recorded, provider.charge(reserved.order(), reserved.amount()));
    }

    void settle(Charged charged) throws Refusal, SQLException, InterruptedException {
        StockReserved reserved = (StockReserved) charged.recorded().event();
        commands.run(Command.following(
                "payment",
                charged.recorded(),
                Payment.stream(reserved.order()),
                payment -> payment.settle(reserved, charged.answer())));
    }
}
