package dev.sluice.examples.orders;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Where the books of a service are, and how they are read without it. */
interface Books {
    /** What tells the service. */
    String[] options();

    /** Shop and provider in one connection. */
    Connection open() throws SQLException;

    /** In two files of SQLite's. */
    record OfFile(Path folder) implements Books {
        @Override
        public String[] options() {
            return new String[] {"--data", folder.toString()};
        }

        @Override
        public Connection open() throws SQLException {
            Connection books = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("shop.db"));
            try (Statement statement = books.createStatement()) {
                statement.execute("ATTACH '" + folder.resolve("provider.db") + "' AS provider");
            }
            return books;
        }
    }

    /** On a server of PostgreSQL's. */
    record OfServer(String url) implements Books {
        @Override
        public String[] options() {
            return new String[] {"--jdbc", url};
        }

        @Override
        public Connection open() throws SQLException {
            return DriverManager.getConnection(url);
        }
    }
}
