package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.orders.Desk.AddStock;
import dev.sluice.examples.orders.Desk.ListProduct;
import dev.sluice.examples.orders.Desk.PlaceOrder;
import dev.sluice.examples.orders.Queries.OrderRow;
import dev.sluice.examples.orders.Queries.Step;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ShopTest {
    private static final Provider.Mood QUICK = new Provider.Mood(1, false, 0);

    @TempDir
    Path folder;

    private Shop shop;

    @BeforeEach
    void open() throws Exception {
        shop = Shop.inFolder(folder);
        shop.provider().mood(QUICK);
        shop.start();
        shop.desk().list(new ListProduct("list-cup", "cup", "A cup", 450L, 10, List.of("kitchen", "blue")));
        await().until(() -> shop.queries().price("cup").isPresent());
    }

    @AfterEach
    void close() throws Exception {
        shop.close();
    }

    @Test
    void anOrderIsConfirmedWhenThereAreStockAndMoney() throws Exception {
        place("a", 2);

        OrderRow order = ended("a");
        assertThat(order.status()).isEqualTo("confirmed");
        assertThat(order.amount()).isEqualTo(900);
        assertThat(shop.queries().history("a"))
                .extracting(Step::what)
                .containsExactly("placed", "inventory: 2 set aside", "payment: taken", "confirmed");
        assertThat(stock()).isEqualTo(8);
        assertBooks();
    }

    @Test
    void anOrderIsRejectedWhenThereIsTooLittleStock() throws Exception {
        place("a", 11);

        assertThat(ended("a").reason()).isEqualTo("out of stock");
        assertThat(stock()).isEqualTo(10);
        assertBooks();
    }

    @Test
    void thePiecesOfAnOrderWhosePaymentIsDeclinedAreSoldToOthers() throws Exception {
        shop.desk().add("cup", new AddStock("more", 990));
        place("rich", 1000);
        assertThat(ended("rich").reason()).isEqualTo("over the limit");
        place("b", 10);
        assertThat(ended("b").status()).isEqualTo("confirmed");

        await().untilAsserted(() -> assertThat(stock()).isEqualTo(990));
        assertBooks();
    }

    @Test
    void whatTheProviderDoesNotAnswerIsADeadLetterUntilItIsSentAgain() throws Exception {
        shop.provider().mood(new Provider.Mood(1, true, 0));
        place("a", 1);
        await().atMost(Duration.ofSeconds(20)).until(() -> shop.letters().count() == 1);
        DeadLetters.Letter letter = shop.letters().list(10).get(0);
        assertThat(letter.stage()).isEqualTo("charge");
        assertThat(letter.reason()).contains("the provider does not answer");
        await().until(() -> shop.undone() == 0);
        assertThat(shop.queries().order("a").orElseThrow().status()).isEqualTo("reserved");

        shop.provider().mood(QUICK);
        shop.letters().resend(letter.id());

        assertThat(ended("a").status()).isEqualTo("confirmed");
        assertThat(stock()).isEqualTo(9);
        assertBooks();
    }

    @Test
    void moneyIsTakenOnceThoughTheProvidersAnswersAreLost() throws Exception {
        shop.provider().mood(new Provider.Mood(1, false, 0.5));
        for (int i = 0; i < 10; i++) {
            place("o" + i, 1);
        }
        await().until(() -> shop.undone() == 0);
        shop.provider().mood(QUICK);
        for (DeadLetters.Letter letter : shop.letters().list(10)) {
            shop.letters().resend(letter.id());
        }

        for (int i = 0; i < 10; i++) {
            ended("o" + i);
        }
        assertBooks();
    }

    @Test
    void viewsAreTheSameWhenTheyAreMadeAnewWhileOrdersComeIn() throws Exception {
        shop.desk().add("cup", new AddStock("more", 5000));
        for (int i = 0; i < 200; i++) {
            place("o" + i, 1);
            if (i % 50 == 10) {
                assertThat(shop.views().rebuild()).isTrue();
            }
        }
        await().until(() -> shop.undone() == 0);
        assertBooks();
        List<OrderRow> before = shop.queries().orders(Long.MAX_VALUE, 500);
        List<Queries.Product> products = shop.queries().products();

        assertThat(shop.views().rebuild()).isTrue();

        assertThat(before).hasSize(200);
        assertThat(shop.queries().orders(Long.MAX_VALUE, 500)).isEqualTo(before);
        assertThat(shop.queries().products()).isEqualTo(products);
        assertThat(shop.queries().tagged("blue")).hasSize(1);
        assertThat(shop.queries().tagged("green")).isEmpty();
        assertBooks();
    }

    /** As after a kill between a commit and its acknowledgement: every event comes again; and the first ones once more. */
    @Test
    void eventsThatComeAgainChangeNothing() throws Exception {
        shop.desk().add("cup", new AddStock("more", 990));
        place("a", 2);
        place("rich", 500);
        ended("a");
        ended("rich");
        await().until(() -> shop.undone() == 0);
        shop.close();
        try (Connection books = books();
                Statement statement = books.createStatement()) {
            String again = "INSERT INTO outbox (stream, version) SELECT stream, version FROM events ";
            statement.execute(again + "ORDER BY seq");
            statement.execute(again + "WHERE type = 'OrderPlaced' ORDER BY seq");
        }

        shop = Shop.inFolder(folder);
        shop.provider().mood(QUICK);
        List<OrderRow> before = shop.queries().orders(Long.MAX_VALUE, 10);
        shop.start();
        await().until(() -> shop.undone() == 0);

        assertThat(shop.queries().orders(Long.MAX_VALUE, 10)).isEqualTo(before);
        assertThat(stock()).isEqualTo(998);
        assertBooks();
    }

    @Test
    void aFolderIsUsedByOneServiceAtATime() {
        assertThatThrownBy(() -> Shop.inFolder(folder))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("another service is using");
    }

    @Test
    void oneEventAtATimeComesToTheSameEnd() throws Exception {
        shop.close();
        shop = Shop.inFolder(folder.resolve("alone"));
        shop.provider().mood(QUICK);
        Load.Result result = new Load(shop, "load").runAlone(10);

        assertThat(result.confirmed() + result.rejected()).isEqualTo(10);
        folder = folder.resolve("alone");
        assertBooks();
    }

    @Test
    void underLoadEveryOrderEnds() throws Exception {
        Load.Result result = new Load(shop, "load").run(300);

        assertThat(result.confirmed() + result.rejected()).isEqualTo(300);
        assertThat(result.micros().getTotalCount()).isEqualTo(300);
        assertBooks();
    }

    private void place(String id, int quantity) throws Exception {
        assertThat(shop.desk().place(new PlaceOrder(id, "Ada", "cup", quantity)))
                .contains(Commands.Effect.NOW);
    }

    private OrderRow ended(String id) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> shop.queries().order(id),
                        order -> order.isPresent()
                                && List.of("confirmed", "rejected")
                                        .contains(order.get().status()))
                .orElseThrow();
    }

    private int stock() throws Exception {
        return shop.queries().products().stream()
                .filter(product -> product.id().equals("cup"))
                .findFirst()
                .orElseThrow()
                .stock();
    }

    private void assertBooks() throws Exception {
        await().until(() -> shop.undone() == 0);
        try (Connection books = books()) {
            Money.check(books);
        }
    }

    private Connection books() throws Exception {
        return new Books.OfFile(folder).open();
    }
}
