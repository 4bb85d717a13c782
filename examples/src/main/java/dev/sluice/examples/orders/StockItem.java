package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.PaymentDeclined;
import dev.sluice.examples.orders.Event.ProductListed;
import dev.sluice.examples.orders.Event.StockAdded;
import dev.sluice.examples.orders.Event.StockRefused;
import dev.sluice.examples.orders.Event.StockReleased;
import dev.sluice.examples.orders.Event.StockReserved;
import java.util.List;

/** A product and how many pieces of it can be sold. Never fewer than none. */
record StockItem(boolean listed, int left) implements Aggregate<StockItem> {
    /** More than any shop has, and far from the largest number there is. */
    static final int MOST = 1_000_000_000;

    static Stream<StockItem> stream(String product) {
        return new Stream<>("stock-" + product, new StockItem(false, 0));
    }

    List<Event> list(ProductListed product, int quantity) throws Refusal {
        if (listed) {
            throw Refusal.conflict("product " + product.product() + " is there already");
        }
        return List.of(product, new StockAdded(product.product(), quantity, quantity));
    }

    List<Event> add(String product, int quantity) throws Refusal {
        if (!listed) {
            throw Refusal.unknown("no product " + product);
        }
        if (quantity > MOST - left) {
            throw Refusal.invalid("quantity must leave no more than " + MOST + " in stock, but there are " + left);
        }
        return List.of(new StockAdded(product, quantity, left + quantity));
    }

    List<Event> reserve(OrderPlaced order) {
        int wanted = order.quantity();
        return List.of(
                wanted <= left
                        ? new StockReserved(order.order(), order.product(), wanted, order.amount(), left - wanted)
                        : new StockRefused(order.order(), order.product(), wanted, left));
    }

    List<Event> release(PaymentDeclined payment) {
        int back = payment.quantity();
        return List.of(new StockReleased(payment.order(), payment.product(), back, left + back));
    }

    @Override
    public StockItem after(Event event) {
        if (event instanceof ProductListed) {
            return new StockItem(true, left);
        }
        if (event instanceof StockAdded added) {
            return new StockItem(listed, added.left());
        }
        if (event instanceof StockReserved reserved) {
            return new StockItem(listed, reserved.left());
        }
        return event instanceof StockReleased released ? new StockItem(listed, released.left()) : this;
    }
}
