package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Kills the service under load, again and again, and checks its books. What a client has not been answered it asks for again,
 * with the same id, from the next process. {@code -Dorders.kills=50} for more of it, {@code -Dorders.seed} for the same
 * moments again.
 */
final class Killing {
    private static final int CLIENTS = 8;
    private static final List<String> PRODUCTS =
            List.of("cup", "bowl", "kettle", "lamp", "candle", "blanket", "pillow", "clock");
    private static final String BETWEEN = """
            SELECT count(*) FROM outbox o JOIN events e ON e.stream = o.stream AND e.version = o.version
            WHERE EXISTS (SELECT 1 FROM handled h WHERE h.id IN
              ('inventory:' || e.seq, 'payment:' || e.seq, 'confirmation:' || e.seq))""";

    private final Path folder;
    private final int kills;
    private final Set<String> orders = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> deliveries = new ConcurrentHashMap<>();
    private final List<Client> clients = new ArrayList<>();

    private Killing(Path folder, int kills) {
        this.folder = folder;
        this.kills = kills;
    }

    /**
     * Runs it all.
     *
     * @param folder where the service prints and, on a file, keeps its books
     * @param usually how many kills when nobody asks for more
     */
    static void run(Path folder, Books books, int usually) throws Exception {
        int kills = Integer.getInteger("orders.kills", usually);
        new Killing(folder, kills).run(books, Long.getLong("orders.seed", System.nanoTime()));
    }

    private void run(Books books, long seed) throws Exception {
        System.out.println("kills: " + kills + ", -Dorders.seed=" + seed);
        Random moments = new Random(seed);
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client(i, moments.nextLong()));
        }
        int between = 0;
        for (int kill = 1; kill <= kills; kill++) {
            long after = 50 + moments.nextInt(700);
            loadAndKill(books, after);
            try (Connection connection = books.open()) {
                long committed = Money.number(connection, BETWEEN);
                long charged = Money.number(
                        connection,
                        "SELECT (SELECT count(*) FROM charges) - (SELECT count(*) FROM events WHERE type IN"
                                + " ('PaymentTaken', 'PaymentDeclined'))");
                between += committed > 0 ? 1 : 0;
                System.out.printf(
                        "kill %d after %d ms: %d events were handled, committed and not acknowledged; %d in the outbox;"
                                + " %d charged and not noted; %d orders accepted so far%n",
                        kill,
                        after,
                        committed,
                        Money.number(connection, "SELECT count(*) FROM outbox"),
                        charged,
                        orders.size());
            }
        }
        finish(books);
        System.out.printf("%d of %d kills were between a commit and its acknowledgement%n", between, kills);
        check(books);
        if (kills >= 50) {
            assertThat(between).isGreaterThanOrEqualTo(15);
        }
    }

    private void loadAndKill(Books books, long after) throws Exception {
        Service service = Service.start(folder, books.options());
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            CountDownLatch accepted = new CountDownLatch(CLIENTS);
            List<Future<?>> all = new ArrayList<>();
            for (Client client : clients) {
                all.add(threads.submit(() -> client.run(service, accepted)));
            }
            assertThat(accepted.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(service.endsWithin(after)).as("ended by itself").isFalse();
            service.kill();
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            service.kill();
            threads.shutdownNow();
        }
    }

    /** Starts it once more, gives what has not been answered again, and waits until all is done. */
    private void finish(Books books) throws Exception {
        try (Service service = Service.start(folder, books.options())) {
            for (Client client : clients) {
                client.once(service);
            }
            AtomicBoolean resent = new AtomicBoolean();
            await().atMost(Duration.ofSeconds(120)).until(() -> {
                JsonNode status = service.get("/api/status");
                if (status.get("outbox").asLong() == 0
                        && status.get("deadLetters").asLong() > 0) {
                    for (JsonNode letter : service.get("/api/dead-letters")) {
                        service.send("POST", "/api/dead-letters/" + letter.get("id") + "/retry", "");
                    }
                    resent.set(true);
                }
                return status.get("outbox").asLong() == 0
                        && status.get("lag").asLong() == 0
                        && status.get("deadLetters").asLong() == 0;
            });
            if (resent.get()) {
                System.out.println("dead letters have been sent again");
            }
        }
    }

    private void check(Books books) throws SQLException {
        try (Connection connection = books.open()) {
            Money.check(connection);
            assertThat(texts(
                            connection,
                            "SELECT substr(stream, 7) FROM events WHERE type = 'OrderPlaced' ORDER BY stream"))
                    .as("orders")
                    .containsExactlyInAnyOrderElementsOf(orders);
            long delivered =
                    deliveries.values().stream().mapToLong(Integer::longValue).sum();
            assertThat(Money.number(
                            connection,
                            "SELECT sum(stock) FROM product_view WHERE generation = (SELECT"
                                    + " generation FROM views)"))
                    .as("stock")
                    .isEqualTo(1000L * PRODUCTS.size()
                            + delivered
                            - Money.number(
                                    connection,
                                    "SELECT coalesce(sum(quantity), 0) FROM order_view WHERE status = 'confirmed' AND"
                                            + " generation = (SELECT generation FROM views)"));
            System.out.printf(
                    "books: %d orders accepted, %d confirmed, %d rejected; %d cents taken; %d pieces delivered; all sums"
                            + " are right%n",
                    orders.size(),
                    Money.number(connection, "SELECT count(*) FROM events WHERE type = 'OrderConfirmed'"),
                    Money.number(connection, "SELECT count(*) FROM events WHERE type = 'OrderRejected'"),
                    Money.number(connection, "SELECT coalesce(sum(amount), 0) FROM charges WHERE taken = 1"),
                    delivered);
        }
    }

    private static List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    /** Orders, and now and then delivers; says the same thing until it is answered. */
    private final class Client {
        private final int number;
        private final Random random;
        private int count;
        private String id = "";
        private String path = "";
        private String body = "";
        private int pieces;

        Client(int number, long seed) {
            this.number = number;
            this.random = new Random(seed);
            think();
        }

        private void think() {
            count++;
            String product = PRODUCTS.get(random.nextInt(PRODUCTS.size()));
            boolean delivers = random.nextInt(25) == 0;
            pieces = delivers ? 40 : 1 + random.nextInt(3);
            id = "c" + number + "-" + count;
            path = delivers ? "/api/products/" + product + "/stock" : "/api/orders";
            body = delivers
                    ? "{\"id\": \"%s\", \"quantity\": %d}".formatted(id, pieces)
                    : "{\"id\": \"%s\", \"customer\": \"Ada\", \"product\": \"%s\", \"quantity\": %d}"
                            .formatted(id, product, pieces);
        }

        /** Until the service is gone. */
        Void run(Service service, CountDownLatch accepted) throws InterruptedException {
            while (true) {
                try {
                    once(service);
                    accepted.countDown();
                } catch (IOException e) {
                    // Killed; what was to be said is said to the next one.
                    return null;
                }
            }
        }

        void once(Service service) throws IOException, InterruptedException {
            HttpResponse<String> answer = service.send("POST", path, body);
            if (answer.statusCode() == 503) {
                return;
            }
            assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
            if (path.equals("/api/orders")) {
                orders.add(id);
            } else {
                deliveries.put(id, pieces);
            }
            think();
        }
    }
}
