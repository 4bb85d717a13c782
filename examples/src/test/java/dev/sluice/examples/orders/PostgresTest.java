package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same on a PostgreSQL server; skipped where none can run. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class PostgresTest {
    @TempDir
    static Path servers;

    private static @Nullable Postgres server;

    @TempDir
    Path folder;

    private String url;

    @BeforeAll
    static void start() {
        server = Postgres.start(servers.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void create() throws Exception {
        url = server.database();
    }

    @Nested
    class CommandsTest extends CommandsContract {
        @Override
        Database database() throws Exception {
            return Database.server(url, "schema.sql");
        }
    }

    @Test
    void ordersEndAndTheSumsAreRight() throws Exception {
        try (Shop shop = Shop.onServer(url)) {
            shop.provider().mood(new Provider.Mood(1, false, 0.05));
            shop.start();
            Load.Result result = new Load(shop, "load").run(300);
            assertThat(result.confirmed() + result.rejected()).isEqualTo(300);
            assertThat(shop.views().rebuild()).isTrue();
            await().until(() -> shop.undone() == 0);
        }
        try (Connection books = new Books.OfServer(url).open()) {
            Money.check(books);
        }
    }

    @Test
    void aDatabaseIsUsedByOneServiceAtATime() throws Exception {
        try (Shop shop = Shop.onServer(url)) {
            assertThatThrownBy(() -> Shop.onServer(url + "&options=-c%20lock_timeout=100"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("lock timeout");
        }
    }

    @Test
    void killsLoseAndDoubleNothing() throws Exception {
        Killing.run(folder, new Books.OfServer(url), 1);
    }
}
