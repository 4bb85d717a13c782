package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.examples.orders.Commands.Effect;
import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.ProductListed;
import dev.sluice.examples.orders.Event.StockAdded;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds for commands, whatever the database. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class CommandsContract {
    private static final int CLIENTS = 16;

    private Ledger ledger;

    /** Opens the database of this test, the same one each time. */
    abstract Database database() throws Exception;

    @BeforeEach
    void open() throws Exception {
        ledger = new Ledger(database());
    }

    @AfterEach
    void close() throws Exception {
        ledger.close();
    }

    @Test
    void theSameCommandFrom16ClientsAtOnceHasOneEffect() throws Exception {
        List<Effect> effects = fromClients(client -> () -> ledger.commands.run(place("a", 2)));

        assertThat(effects).hasSize(CLIENTS).containsOnlyOnce(Effect.NOW);
        assertThat(ledger.store.after(0, 100)).hasSize(1);
        assertThat(ledger.store.outbox(0, 100)).hasSize(1);
    }

    @Test
    void sixteenClientsOfOneAggregateLoseNoUpdate() throws Exception {
        ledger.commands.run(list("cup"));

        fromClients(client -> () -> {
            for (int i = 0; i < 25; i++) {
                ledger.commands.run(add("c" + client + "-" + i, "cup", 3));
            }
            return client;
        });

        List<Recorded> events = ledger.store.stream("stock-cup");
        assertThat(events).hasSize(2 + CLIENTS * 25);
        assertThat(events.get(events.size() - 1).event()).isEqualTo(new StockAdded("cup", 3, 10 + 3 * CLIENTS * 25));
    }

    /** Two services on one database are not allowed; that the second cannot spoil anything is the version's merit. */
    @Test
    void anUpdateBySomebodyElseIsNotLost() throws Exception {
        try (Ledger other = new Ledger(database())) {
            ledger.commands.run(list("cup"));
            for (int i = 0; i < 20; i++) {
                ledger.commands.run(add("ours-" + i, "cup", 1));
                other.commands.run(add("theirs-" + i, "cup", 1));
            }
        }

        List<Recorded> events = ledger.store.stream("stock-cup");
        assertThat(events.get(events.size() - 1).event()).isEqualTo(new StockAdded("cup", 1, 50));
    }

    @Test
    void whatWasCommittedIsThereAfterwards() throws Exception {
        ledger.commands.run(list("cup"));
        ledger.commands.run(add("1", "cup", 5));
        ledger.close();
        ledger = new Ledger(database());

        assertThat(ledger.commands.run(add("1", "cup", 5))).isEqualTo(Effect.BEFORE);
        assertThat(ledger.commands.run(add("2", "cup", 5))).isEqualTo(Effect.NOW);

        assertThat(ledger.store.stream("stock-cup"))
                .extracting(Recorded::event)
                .endsWith(new StockAdded("cup", 5, 15), new StockAdded("cup", 5, 20));
    }

    @Test
    void anIdIsNotUsedForTwoThings() throws Exception {
        ledger.commands.run(place("a", 2));

        assertThatThrownBy(() -> ledger.commands.run(place("a", 3)))
                .isInstanceOf(Refusal.class)
                .hasMessage("id a has been used for something else");
    }

    @Test
    void whatIsRefusedLeavesNothingBehind() throws Exception {
        assertThatThrownBy(() -> ledger.commands.run(add("1", "cup", 5)))
                .isInstanceOf(Refusal.class)
                .hasMessage("no product cup");

        assertThat(ledger.store.handled("1")).isEmpty();
        ledger.commands.run(list("cup"));
        assertThat(ledger.commands.run(add("1", "cup", 5))).isEqualTo(Effect.NOW);
    }

    /** They are committed as one group, or in several; a group with a transaction that fails is tried one by one. */
    @Test
    void aTransactionFailsForNoOther() throws Exception {
        ledger.commands.run(place("taken", 1));
        List<Boolean> committed = fromClients(client -> () -> {
            String id = client % 4 == 0 ? "taken" : "free-" + client;
            try {
                ledger.store.append(place(id, 1), 0, List.of(placed(id, 1)));
                return true;
            } catch (SQLException e) {
                return false;
            }
        });

        assertThat(committed).filteredOn(done -> done).hasSize(12);
        assertThat(ledger.store.after(0, 100)).hasSize(13);
        assertThat(ledger.database.number("SELECT count(*) FROM handled")).isEqualTo(13);
    }

    private <T> List<T> fromClients(IntFunction<Callable<T>> work) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            CyclicBarrier together = new CyclicBarrier(CLIENTS);
            List<Future<T>> results = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Callable<T> call = work.apply(i);
                results.add(clients.submit(() -> {
                    together.await();
                    return call.call();
                }));
            }
            List<T> all = new ArrayList<>();
            for (Future<T> result : results) {
                all.add(result.get());
            }
            return all;
        } finally {
            clients.shutdownNow();
        }
    }

    private static OrderPlaced placed(String id, int quantity) {
        return new OrderPlaced(id, "Ada", "cup", quantity, 450L * quantity);
    }

    private static Command<Order> place(String id, int quantity) {
        OrderPlaced placed = placed(id, quantity);
        return new Command<>(id, Order.stream(id), "place " + quantity, order -> order.place(placed));
    }

    private static Command<StockItem> list(String product) {
        ProductListed listed = new ProductListed(product, product, 450, List.of("kitchen"));
        return new Command<>("list", StockItem.stream(product), "list", item -> item.list(listed, 10));
    }

    private static Command<StockItem> add(String id, String product, int quantity) {
        return new Command<>(id, StockItem.stream(product), "add " + quantity, item -> item.add(product, quantity));
    }
}
