package dev.sluice.examples.orders;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * A database: connections for those who read, and one at a time for the {@link Journal}, which alone writes.
 *
 * <p>The file is SQLite's, with a log that is written ahead and forced to the disk with each commit: what was committed
 * survives a killed process and a power cut. (H2, the other embedded choice, forces nothing by default and so may lose its
 * last half second.)
 */
final class Database implements AutoCloseable {
    private static final int READERS = 8;
    /** Whoever holds this lock of PostgreSQL is the one service on its database. */
    private static final long THE_SERVICE = 0x0DE5L;

    private final String url;
    private final Properties properties;
    private final String identity;
    private final HikariDataSource readers;

    private Database(String url, Properties properties, String identity, String schema) throws SQLException {
        this.url = url;
        this.properties = properties;
        this.identity = identity;
        try (Connection connection = connect()) {
            create(connection, schema);
        }
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setDataSourceProperties(properties);
        config.setMaximumPoolSize(READERS);
        config.setPoolName(schema);
        this.readers = new HikariDataSource(config);
    }

    /** A file, which is made when it is not there. */
    static Database file(Path file, String schema) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", "10000");
        return new Database("jdbc:sqlite:" + file, properties, "INTEGER PRIMARY KEY AUTOINCREMENT", schema);
    }

    /** A PostgreSQL server. */
    static Database server(String url, String schema) throws SQLException {
        String own = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
        Properties properties = new Properties();
        properties.setProperty("options", "-c lock_timeout=10s");
        return new Database(url, properties, own, schema);
    }

    private void create(Connection connection, String schema) throws SQLException {
        try (InputStream resource = Database.class.getResourceAsStream(schema);
                Statement statement = connection.createStatement()) {
            String script = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            for (String part : script.replaceAll("(?m)^--.*$", "").split(";")) {
                if (!part.isBlank()) {
                    statement.execute(part.replace("IDENTITY", identity));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url, properties);
    }

    /** A connection that commits when told to. */
    Connection writer() throws SQLException {
        Connection connection = connect();
        connection.setAutoCommit(false);
        return connection;
    }

    /**
     * Waits until no other service writes to this server. One that was killed does so until the server has noticed, and
     * its last transaction may still be committed; this returns after that.
     */
    void claim(Connection writer) throws SQLException {
        if (!url.startsWith("jdbc:postgresql:")) {
            return;
        }
        try (Statement statement = writer.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + THE_SERVICE + ")");
        }
        writer.commit();
    }

    /** Makes a row of a result into a value. */
    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** All rows of a query. */
    <T> List<T> query(Row<T> row, String sql, Object... values) throws SQLException {
        try (Connection connection = readers.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            List<T> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(row.read(result));
                }
            }
            return rows;
        }
    }

    /** The number that a query gives, or 0 when it gives none. */
    long number(String sql, Object... values) throws SQLException {
        List<Long> rows = query(row -> row.getLong(1), sql, values);
        return rows.isEmpty() ? 0 : rows.get(0);
    }

    static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    @Override
    public void close() {
        readers.close();
    }
}
