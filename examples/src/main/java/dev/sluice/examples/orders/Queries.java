package dev.sluice.examples.orders;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The read side: answers from the views, which may be a moment behind. */
final class Queries {
    private static final String SHOWN = " generation = (SELECT generation FROM views) ";
    private static final String ORDERS =
            "SELECT id, seq, customer, product, quantity, amount, status, reason, placed_at,"
                    + " changed_at FROM order_view WHERE" + SHOWN;
    private static final String PRODUCTS = "SELECT id, name, price, stock FROM product_view p WHERE" + SHOWN;

    private final Database database;

    Queries(Database database) {
        this.database = database;
    }

    /** An order as it is shown; {@code seq} says how old it is beside others. */
    record OrderRow(
            String id,
            long seq,
            String customer,
            String product,
            int quantity,
            long amount,
            String status,
            String reason,
            long placedAt,
            long changedAt) {}

    /** What has happened to an order. */
    record Step(long at, String what) {}

    /** A product and its stock. */
    record Product(String id, String name, long price, int stock, List<String> tags) {}

    /** How many orders are in a state. */
    record Count(String status, long orders) {}

    /** The newest orders that are older than a place. */
    List<OrderRow> orders(long before, int limit) throws SQLException {
        return database.query(Queries::order, ORDERS + "AND seq < ? ORDER BY seq DESC LIMIT " + limit, before);
    }

    Optional<OrderRow> order(String id) throws SQLException {
        return database.query(Queries::order, ORDERS + "AND id = ?", id).stream()
                .findFirst();
    }

    List<Step> history(String order) throws SQLException {
        String sql = "SELECT at, what FROM order_history WHERE" + SHOWN + "AND id = ? ORDER BY seq";
        return database.query(row -> new Step(row.getLong(1), row.getString(2)), sql, order);
    }

    List<Count> counts() throws SQLException {
        String sql = "SELECT status, count(*) FROM order_view WHERE" + SHOWN + "GROUP BY status ORDER BY status";
        return database.query(row -> new Count(row.getString(1), row.getLong(2)), sql);
    }

    /** What a piece of a product costs; empty when there is no such product. */
    Optional<Long> price(String product) throws SQLException {
        String sql = "SELECT price FROM product_view WHERE" + SHOWN + "AND id = ?";
        return database.query(row -> row.getLong(1), sql, product).stream().findFirst();
    }

    List<Product> products() throws SQLException {
        return products(PRODUCTS + "ORDER BY id LIMIT 500");
    }

    List<Product> tagged(String tag) throws SQLException {
        return products(
                PRODUCTS + "AND id IN (SELECT product FROM product_tags WHERE" + SHOWN
                        + "AND tag = ?) ORDER BY id LIMIT 500",
                tag);
    }

    private List<Product> products(String sql, Object... values) throws SQLException {
        record Bare(String id, String name, long price, int stock) {}
        List<Bare> found = database.query(
                row -> new Bare(row.getString(1), row.getString(2), row.getLong(3), row.getInt(4)), sql, values);
        Map<String, List<String>> tags = new HashMap<>();
        String all = "SELECT product, tag FROM product_tags WHERE" + SHOWN + "ORDER BY tag";
        database.query(
                row -> tags.computeIfAbsent(row.getString(1), product -> new ArrayList<>())
                        .add(row.getString(2)),
                all);
        return found.stream()
                .map(each -> new Product(
                        each.id(), each.name(), each.price(), each.stock(), tags.getOrDefault(each.id(), List.of())))
                .toList();
    }

    private static OrderRow order(ResultSet row) throws SQLException {
        String reason = row.getString(8);
        return new OrderRow(
                row.getString(1),
                row.getLong(2),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                row.getLong(6),
                row.getString(7),
                reason == null ? "" : reason,
                row.getLong(9),
                row.getLong(10));
    }
}
