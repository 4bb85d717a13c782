package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.OrderConfirmed;
import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.OrderRejected;
import dev.sluice.examples.orders.Event.PaymentDeclined;
import dev.sluice.examples.orders.Event.PaymentTaken;
import dev.sluice.examples.orders.Event.ProductListed;
import dev.sluice.examples.orders.Event.StockAdded;
import dev.sluice.examples.orders.Event.StockRefused;
import dev.sluice.examples.orders.Event.StockReleased;
import dev.sluice.examples.orders.Event.StockReserved;
import dev.sluice.examples.orders.Sql.Change;
import java.util.ArrayList;
import java.util.List;

/** What an event changes in the tables that are read. */
final class View {
    private final long generation;
    private final List<Change> changes = new ArrayList<>();

    private View(long generation) {
        this.generation = generation;
    }

    static List<Change> of(long generation, List<Recorded> events) {
        View view = new View(generation);
        events.forEach(view::add);
        return view.changes;
    }

    /** The state of an order after an event that is about it; "" when the event does not change it. */
    static String status(Event event) {
        if (event instanceof OrderPlaced) {
            return "placed";
        }
        if (event instanceof StockReserved) {
            return "reserved";
        }
        if (event instanceof PaymentTaken) {
            return "paid";
        }
        if (event instanceof OrderConfirmed) {
            return "confirmed";
        }
        return event instanceof OrderRejected ? "rejected" : "";
    }

    /** The order whose state an event changes. */
    static String order(Event event) {
        if (event instanceof OrderPlaced placed) {
            return placed.order();
        }
        if (event instanceof StockReserved reserved) {
            return reserved.order();
        }
        if (event instanceof PaymentTaken taken) {
            return taken.order();
        }
        return event instanceof OrderConfirmed confirmed ? confirmed.order() : ((OrderRejected) event).order();
    }

    private void add(Recorded recorded) {
        Event event = recorded.event();
        if (event instanceof OrderPlaced placed) {
            placed(recorded, placed);
        } else if (event instanceof StockReserved reserved) {
            changed(recorded, reserved.order(), "");
            history(recorded, reserved.order(), "inventory: " + reserved.quantity() + " set aside");
            stock(reserved.product(), reserved.left());
        } else if (event instanceof StockRefused refused) {
            history(recorded, refused.order(), "inventory: only " + refused.left() + " left");
        } else if (event instanceof StockReleased released) {
            history(recorded, released.order(), "inventory: " + released.quantity() + " put back");
            stock(released.product(), released.left());
        } else if (event instanceof PaymentTaken taken) {
            changed(recorded, taken.order(), "");
            history(recorded, taken.order(), "payment: taken");
        } else if (event instanceof PaymentDeclined declined) {
            history(recorded, declined.order(), "payment: " + declined.reason());
        } else if (event instanceof OrderConfirmed confirmed) {
            changed(recorded, confirmed.order(), "");
            history(recorded, confirmed.order(), "confirmed");
        } else if (event instanceof OrderRejected rejected) {
            changed(recorded, rejected.order(), rejected.reason());
            history(recorded, rejected.order(), "rejected: " + rejected.reason());
        } else if (event instanceof ProductListed listed) {
            changes.add(Sql.PRODUCT.with(generation, listed.product(), listed.name(), listed.price()));
            listed.tags().forEach(tag -> changes.add(Sql.TAG.with(generation, tag, listed.product())));
        } else if (event instanceof StockAdded added) {
            stock(added.product(), added.left());
        }
    }

    private void placed(Recorded recorded, OrderPlaced order) {
        changes.add(Sql.ORDER_PLACED.with(
                generation,
                order.order(),
                recorded.seq(),
                order.customer(),
                order.product(),
                order.quantity(),
                order.amount(),
                status(order),
                recorded.at(),
                recorded.at()));
        history(recorded, order.order(), "placed");
    }

    private void changed(Recorded recorded, String order, String reason) {
        changes.add(Sql.ORDER_CHANGED.with(status(recorded.event()), reason, recorded.at(), generation, order));
    }

    private void history(Recorded recorded, String order, String what) {
        changes.add(Sql.HISTORY.with(generation, order, recorded.seq(), recorded.at(), what));
    }

    private void stock(String product, int left) {
        changes.add(Sql.STOCK.with(left, generation, product));
    }
}
