package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.queue.RingBlockingQueue;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutboxTest {
    @TempDir
    Path folder;

    private Database database;
    private Ledger ledger;
    private Outbox outbox;

    @BeforeEach
    void open() throws Exception {
        database = Database.file(folder.resolve("shop.db"), "schema.sql");
        ledger = new Ledger(database);
        // Nobody rings it: as if no commit had been answered.
        outbox = new Outbox(ledger.store, new RingBlockingQueue<>(1));
    }

    @AfterEach
    void close() throws Exception {
        ledger.close();
    }

    private void place(String id) throws Exception {
        OrderPlaced placed = new OrderPlaced(id, "Ada", "cup", 1, 450);
        ledger.commands.tryRun(new Command<>(id, Order.stream(id), id, order -> order.place(placed)));
    }

    @Test
    void eventThatNobodyTellsOfIsFound() throws Exception {
        Thread late = new Thread(() -> {
            try {
                await().until(() -> outbox.idle().toNanos() > 0);
                place("a");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        late.start();
        assertThat(outbox.next().stream()).isEqualTo(Order.stream("a").name());
        late.join();
    }

    @Test
    void acknowledgementThatIsLostIsGivenAgain() throws Exception {
        place("a");
        place("b");
        Recorded a = outbox.next();
        // The database refuses to take anything out, and then does not.
        run("CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'planned'); END");
        outbox.ack(a);
        ledger.journal.commit(List.of());
        run("DROP TRIGGER full");
        assertThat(undone()).isEqualTo(2);
        outbox.next();
        await().until(() -> undone() == 1);
    }

    private long undone() throws Exception {
        return database.number("SELECT count(*) FROM outbox");
    }

    private void run(String sql) throws Exception {
        try (Connection connection = database.writer();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            connection.commit();
        }
    }
}
