package dev.sluice.examples.orders;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A PostgreSQL server of this test's own, from the binaries in a dependency. As root it is run in a name space of its own. */
final class Postgres implements AutoCloseable {
    static {
        System.setProperty("org.slf4j.simpleLogger.log.io.zonky", "warn");
        System.setProperty("org.slf4j.simpleLogger.log.pg_ctl", "warn");
    }

    private final EmbeddedPostgres server;
    private int databases;

    private Postgres(EmbeddedPostgres server) {
        this.server = server;
    }

    /** Starts it, or skips the test where that cannot be done. */
    static Postgres start(Path folder) {
        try {
            return new Postgres(EmbeddedPostgres.builder()
                    .setDataDirectory(folder)
                    .setOverrideWorkingDirectory(
                            folder.resolveSibling("postgres").toFile())
                    .start());
        } catch (IOException | IllegalStateException e) {
            return abort("PostgreSQL is not tested, it cannot be run here: " + e);
        }
    }

    /** The address of a new database. */
    String database() throws SQLException {
        String name = "shop" + ++databases;
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return server.getJdbcUrl("postgres", name);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
