package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Checks the books by plain SQL, once nothing is under way: nothing here is the service's own code. Text functions and the
 * form of the JSON are those of SQLite and PostgreSQL both.
 */
final class Money {
    private static final String SOLD = """
            SELECT count(*) FROM (
              SELECT p.id, p.stock,
                coalesce((SELECT sum(o.quantity) FROM order_view o WHERE o.product = p.id
                  AND o.generation = p.generation AND o.status = 'confirmed'), 0) AS sold,
                coalesce((SELECT sum(CAST(NUMBER AS BIGINT)) FROM events e
                  WHERE e.stream = 'stock-' || p.id AND e.type = 'StockAdded'), 0) AS added
              FROM product_view p WHERE p.generation = (SELECT generation FROM views)) AS books
            WHERE added <> sold + stock OR stock < 0""";

    private Money() {}

    /** All sums are right, and each order that is there has ended once. */
    static void check(Connection books) throws SQLException {
        assertThat(number(books, "SELECT count(*) FROM outbox"))
                .as("not handled")
                .isZero();
        assertThat(number(books, "SELECT count(*) FROM dead_letters"))
                .as("dead letters")
                .isZero();
        assertThat(number(books, "SELECT (SELECT max(seq) FROM events) - (SELECT position FROM views)"))
                .as("not shown")
                .isZero();
        assertThat(number(
                        books,
                        "SELECT count(*) FROM (SELECT stream FROM events WHERE stream LIKE 'order-%' GROUP BY stream"
                                + " HAVING sum(CASE WHEN type = 'OrderPlaced' THEN 1 ELSE 0 END) <> 1"
                                + " OR sum(CASE WHEN type IN ('OrderConfirmed', 'OrderRejected') THEN 1 ELSE 0 END) <> 1)"
                                + " AS wrong"))
                .as("orders that have not ended once")
                .isZero();
        assertThat(number(
                        books,
                        "SELECT count(*) FROM order_view WHERE generation = (SELECT generation FROM views)"
                                + " AND status NOT IN ('confirmed', 'rejected')"))
                .as("orders shown as under way")
                .isZero();
        assertThat(number(books, SOLD.replace("NUMBER", quantity(books))))
                .as("products whose stock is wrong")
                .isZero();
        assertThat(number(books, "SELECT coalesce(sum(amount), 0) FROM charges WHERE taken = 1"))
                .as("money taken by the provider")
                .isEqualTo(number(
                        books,
                        "SELECT coalesce(sum(amount), 0) FROM order_view WHERE status = 'confirmed'"
                                + " AND generation = (SELECT generation FROM views)"));
        assertThat(number(books, "SELECT count(*) FROM charges WHERE taken = 1"))
                .as("payments")
                .isEqualTo(number(books, "SELECT count(*) FROM events WHERE type = 'OrderConfirmed'"));
    }

    private static String quantity(Connection books) throws SQLException {
        return books.getMetaData().getDatabaseProductName().equals("SQLite")
                ? "json_extract(e.body, '$.quantity')"
                : "e.body::json ->> 'quantity'";
    }

    static long number(Connection books, String sql) throws SQLException {
        try (Statement statement = books.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
