package dev.sluice.examples.orders;

/**
 * The statements that write. A group of transactions runs them in this order, whatever the order in which they were asked
 * for, and those of one kind in the order of the transactions: so a table's rows are inserted before they are updated.
 */
enum Sql {
    EVENT("INSERT INTO events (stream, version, type, body, at) VALUES (?, ?, ?, ?, ?)"),
    HANDLED("INSERT INTO handled (id, stream, content, at) VALUES (?, ?, ?, ?)"),
    OUTBOX("INSERT INTO outbox (stream, version) VALUES (?, ?)"),
    ACKNOWLEDGE("DELETE FROM outbox WHERE ticket = ?"),
    DEAD_LETTER("INSERT INTO dead_letters (stream, version, stage, reason, at) VALUES (?, ?, ?, ?, ?)"
            + " ON CONFLICT (stream, version, stage) DO UPDATE SET reason = excluded.reason, at = excluded.at"),
    FORGET_LETTER("DELETE FROM dead_letters WHERE id = ?"),

    ORDER_PLACED("INSERT INTO order_view (generation, id, seq, customer, product, quantity, amount, status, placed_at,"
            + " changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
    ORDER_CHANGED("UPDATE order_view SET status = ?, reason = ?, changed_at = ? WHERE generation = ? AND id = ?"),
    HISTORY("INSERT INTO order_history (generation, id, seq, at, what) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
    PRODUCT(
            "INSERT INTO product_view (generation, id, name, price, stock) VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING"),
    TAG("INSERT INTO product_tags (generation, tag, product) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"),
    STOCK("UPDATE product_view SET stock = ? WHERE generation = ? AND id = ?"),
    POSITION("INSERT INTO views (id, generation, position) VALUES (1, ?, ?)"
            + " ON CONFLICT (id) DO UPDATE SET generation = excluded.generation, position = excluded.position"),
    DROP_ORDERS("DELETE FROM order_view WHERE generation <> ?"),
    DROP_HISTORY("DELETE FROM order_history WHERE generation <> ?"),
    DROP_PRODUCTS("DELETE FROM product_view WHERE generation <> ?"),
    DROP_TAGS("DELETE FROM product_tags WHERE generation <> ?"),

    CHARGE("INSERT INTO charges (payment, amount, taken, reason, at) VALUES (?, ?, ?, ?, ?)"
            + " ON CONFLICT (payment) DO NOTHING");

    private final String text;

    Sql(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** This statement with its values. */
    Change with(Object... values) {
        return new Change(this, values);
    }

    /** A statement to be run; values are strings, numbers or null. */
    record Change(Sql sql, Object[] values) {}
}
