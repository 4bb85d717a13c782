package dev.sluice.examples.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.examples.orders.Sql.Change;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The events, each in the stream of its aggregate, and the ids of the commands that led to them. */
final class EventStore {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Class<?>> TYPES = Arrays.stream(Event.class.getPermittedSubclasses())
            .collect(Collectors.toMap(Class::getSimpleName, type -> type));
    private static final String COLUMNS = "e.seq, e.stream, e.version, e.type, e.body, e.at";

    private final Database database;
    private final Journal journal;

    EventStore(Database database, Journal journal) {
        this.database = database;
        this.journal = journal;
    }

    /** What a command with this id has asked for before. */
    record Handled(String stream, String content) {}

    /** The command with this id that has had its effect, if any has. */
    Optional<Handled> handled(String command) throws SQLException {
        String sql = "SELECT stream, content FROM handled WHERE id = ?";
        return database.query(row -> new Handled(row.getString(1), row.getString(2)), sql, command).stream()
                .findFirst();
    }

    /** The events of a stream, in their order. */
    List<Recorded> stream(String stream) throws SQLException {
        String sql = "SELECT 0, " + COLUMNS + " FROM events e WHERE e.stream = ? ORDER BY e.version";
        return database.query(EventStore::recorded, sql, stream);
    }

    /** Events of all streams behind a place, in their order. */
    List<Recorded> after(long seq, int limit) throws SQLException {
        String sql = "SELECT 0, " + COLUMNS + " FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT " + limit;
        return database.query(EventStore::recorded, sql, seq);
    }

    /** What is in the outbox behind a place, in the order in which it was put there. */
    List<Recorded> outbox(long ticket, int limit) throws SQLException {
        String sql =
                "SELECT o.ticket, " + COLUMNS + " FROM outbox o JOIN events e ON e.stream = o.stream AND e.version ="
                        + " o.version WHERE o.ticket > ? ORDER BY o.ticket LIMIT " + limit;
        return database.query(EventStore::recorded, sql, ticket);
    }

    /** The place of the last event; 0 when there is none. */
    long last() throws SQLException {
        return database.number("SELECT max(seq) FROM events");
    }

    /**
     * Appends what a command led to, notes its id, and puts its events into the outbox: all or nothing.
     *
     * @param version how many events the stream has, as the one who decided saw it
     * @throws SQLException when the stream has more of them, or the id is noted already, among other reasons
     */
    void append(Command<?> command, int version, List<Event> events) throws SQLException, InterruptedException {
        String stream = command.stream().name();
        long at = System.currentTimeMillis();
        List<Change> changes = new ArrayList<>();
        changes.add(Sql.HANDLED.with(command.id(), stream, command.content(), at));
        for (Event event : events) {
            version++;
            String type = event.getClass().getSimpleName();
            changes.add(Sql.EVENT.with(stream, version, type, text(event), at));
            changes.add(Sql.OUTBOX.with(stream, version));
        }
        journal.commit(changes);
    }

    /** Takes out of the outbox what is done, some time soon; {@code lost} is called when it may not have been. */
    void acknowledge(Recorded done, Runnable lost) throws SQLException, InterruptedException {
        journal.later(List.of(Sql.ACKNOWLEDGE.with(done.ticket())), lost);
    }

    private static String text(Event event) {
        try {
            return JSON.writeValueAsString(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not JSON: " + event, e);
        }
    }

    private static Recorded recorded(ResultSet row) throws SQLException {
        try {
            Class<?> type = TYPES.get(row.getString(5));
            if (type == null) {
                throw new SQLException("an event of a newer version: " + row.getString(5));
            }
            Event event = (Event) JSON.readValue(row.getString(6), type);
            return new Recorded(row.getLong(2), row.getLong(1), row.getString(3), row.getInt(4), row.getLong(7), event);
        } catch (JsonProcessingException e) {
            throw new SQLException("event " + row.getLong(2) + " cannot be read", e);
        }
    }
}
