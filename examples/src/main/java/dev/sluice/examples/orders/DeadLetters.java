package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Payments.Charged;
import dev.sluice.pipeline.DeadLetter;
import java.sql.SQLException;
import java.util.List;

/** The events that a handler has given up on. They are kept until somebody sends them again. */
final class DeadLetters {
    private final Database database;
    private final Journal journal;

    DeadLetters(Database database, Journal journal) {
        this.database = database;
        this.journal = journal;
    }

    /**
     * One that is kept.
     *
     * @param stage the stage that has given up
     * @param event the event, as it is stored
     */
    record Letter(long id, String stage, String stream, String type, String event, String reason, long at) {}

    /** Keeps an event. It is in the database when this returns, and only then acknowledged. */
    void add(DeadLetter letter) throws SQLException, InterruptedException {
        Recorded recorded = letter.item() instanceof Charged charged ? charged.recorded() : (Recorded) letter.item();
        journal.commit(List.of(Sql.DEAD_LETTER.with(
                recorded.stream(),
                recorded.version(),
                letter.stage(),
                letter.cause().toString(),
                System.currentTimeMillis())));
    }

    /** The oldest of them. */
    List<Letter> list(int limit) throws SQLException {
        String sql =
                "SELECT d.id, d.stage, d.stream, e.type, e.body, d.reason, d.at FROM dead_letters d JOIN events e ON"
                        + " e.stream = d.stream AND e.version = d.version ORDER BY d.id LIMIT " + limit;
        return database.query(
                row -> new Letter(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getLong(7)),
                sql);
    }

    long count() throws SQLException {
        return database.number("SELECT count(*) FROM dead_letters");
    }

    /** Puts the event of a letter into the outbox again; those handlers that have handled it see that. */
    void resend(long id) throws Refusal, SQLException, InterruptedException {
        record Place(String stream, int version) {}
        List<Place> places = database.query(
                row -> new Place(row.getString(1), row.getInt(2)),
                "SELECT stream, version FROM dead_letters WHERE id = ?",
                id);
        if (places.isEmpty()) {
            throw Refusal.unknown("no dead letter " + id);
        }
        Place place = places.get(0);
        journal.commit(List.of(Sql.FORGET_LETTER.with(id), Sql.OUTBOX.with(place.stream(), place.version())));
    }
}
