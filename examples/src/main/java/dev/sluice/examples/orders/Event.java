package dev.sluice.examples.orders;

import java.util.List;

/** Something that has happened, with all that those who hear of it need to know. Amounts are in cents. */
sealed interface Event {
    /** A product is on sale. */
    record ProductListed(String product, String name, long price, List<String> tags) implements Event {}

    /** More of a product is in stock. */
    record StockAdded(String product, int quantity, int left) implements Event {}

    /** Pieces have been set aside for an order. */
    record StockReserved(String order, String product, int quantity, long amount, int left) implements Event {}

    /** There were too few pieces for an order. */
    record StockRefused(String order, String product, int quantity, int left) implements Event {}

    /** Pieces that had been set aside for an order are for sale again. */
    record StockReleased(String order, String product, int quantity, int left) implements Event {}

    /** A customer has ordered. */
    record OrderPlaced(String order, String customer, String product, int quantity, long amount) implements Event {}

    /** An order is paid for and will be sent. */
    record OrderConfirmed(String order) implements Event {}

    /** An order will not be sent. */
    record OrderRejected(String order, String reason) implements Event {}

    /** The provider has taken the money for an order. */
    record PaymentTaken(String order, long amount) implements Event {}

    /** The provider will not take the money for an order. */
    record PaymentDeclined(String order, String product, int quantity, String reason) implements Event {}
}
