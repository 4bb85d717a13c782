package dev.sluice.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.examples.orders.Queries.OrderRow;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One service for all of them: none needs to be alone with it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Shop shop;
    private HttpService service;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        shop = Shop.inFolder(folder);
        Samples.list(shop);
        shop.start();
        service = new HttpService(shop, 0);
        await().until(() -> shop.queries().price("clock").isPresent());
    }

    @AfterAll
    void close() throws Exception {
        service.close();
        shop.close();
    }

    @Test
    void anOrderIsPlacedOnceAndFollowed() throws Exception {
        HttpResponse<String> placed = send("POST", "api/orders", cups("a1", 2));
        assertThat(placed.statusCode()).isEqualTo(201);
        assertThat(placed.headers().firstValue("Location")).contains("/api/orders/a1");
        HttpResponse<String> again = send("POST", "api/orders", cups("a1", 2));
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo("{\"id\":\"a1\",\"repeated\":true}");

        await().until(() -> get("api/orders/a1").at("/order/status").asText().equals("confirmed"));
        assertThat(get("api/orders/a1").get("history")).hasSize(4);
        assertThat(get("api/orders").findValuesAsText("id")).contains("a1");
        assertThat(get("api/orders?before=" + get("api/orders/a1").at("/order/seq"))
                        .findValuesAsText("id"))
                .doesNotContain("a1");
        assertThat(get("api/products?tag=blue").findValuesAsText("id")).containsExactly("blanket", "cup");
        await().until(() -> get("api/status").get("outbox").asLong() == 0);
        assertThat(get("api/status").at("/orders/confirmed").asLong()).isPositive();
        assertThat(get("api/pipeline").get("stages")).hasSize(8);
        assertThat(send("GET", "api/pipeline.mmd", "").body()).startsWith("flowchart LR");
    }

    @Test
    void productsAndStockAreAdded() throws Exception {
        String product = "{\"id\": \"p\", \"product\": \"pan\", \"name\": \"A pan\", \"price\": 100, \"quantity\": 5,"
                + " \"tags\": [\"kitchen\"]}";
        assertThat(send("POST", "api/products", product).statusCode()).isEqualTo(201);
        assertThat(send("POST", "api/products/pan/stock", "{\"id\": \"s\", \"quantity\": 7}")
                        .statusCode())
                .isEqualTo(201);
        assertThat(send("POST", "api/products/pan/stock", "{\"id\": \"s\", \"quantity\": 7}")
                        .statusCode())
                .isEqualTo(200);

        await().until(() -> shop.undone() == 0);
        assertThat(get("api/products?tag=kitchen").toString()).contains("\"id\":\"pan\"", "\"stock\":12");
        assertThat(send("POST", "api/views/rebuild", "").statusCode()).isEqualTo(202);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    POST   | api/orders | {"id":                                                        | 400 | bad JSON
                    POST   | api/orders | ``                                                            | 400 | bad JSON
                    POST   | api/orders | null                                                          | 400 | must be a JSON object
                    POST   | api/orders | [1]                                                           | 400 | bad JSON
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":1} x               | 400 | bad JSON
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":1,"colour":"red"}  | 400 | colour
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":"1"}               | 400 | bad JSON
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":1.5}               | 400 | bad JSON
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":99999999999}       | 400 | bad JSON
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":-1}                | 422 | quantity must be from 1 to 10000 but was -1
                    POST   | api/orders | {"customer":"A","product":"cup","quantity":0}                 | 422 | quantity must be from 1
                    POST   | api/orders | {"customer":"A","product":"cup"}                              | 422 | quantity must be from 1 to 10000 but was null
                    POST   | api/orders | {"customer":" ","product":"cup","quantity":1}                 | 422 | customer must be
                    POST   | api/orders | {"customer":"A\\ud800","product":"cup","quantity":1}         | 422 | customer must be
                    GET    | api/products?tag=%00 | ``                                                  | 422 | tag must be
                    POST   | api/orders | {"id":"a b","customer":"A","product":"cup","quantity":1}      | 422 | id must be
                    POST   | api/orders | {"customer":"A","product":"vase","quantity":1}                | 404 | no product vase
                    POST   | api/products/vase/stock | {"quantity":1}                                   | 404 | no product vase
                    POST   | api/products/cup/stock  | {"quantity":1000000000}                          | 422 | quantity must leave no more
                    POST   | api/products | {"product":"cup","name":"C","price":1,"quantity":1}         | 409 | product cup is there already
                    POST   | api/products | {"product":"pan","name":"C","price":-1,"quantity":1}        | 422 | price must be from 1
                    GET    | api/orders/nobody | ``                                                     | 404 | no order nobody
                    GET    | api/orders?limit=x | ``                                                    | 400 | limit must be a number
                    POST   | api/dead-letters/77/retry | ``                                             | 404 | no dead letter 77
                    POST   | api/dead-letters/x/retry | ``                                              | 404 | no dead letter x
                    PUT    | api/provider | {"millis":-1,"outage":false,"lost":0}                       | 422 | millis must be from 0
                    DELETE | api/orders | ``                                                            | 405 | /api/orders takes GET, POST
                    POST   | page.js | ``                                                               | 405 | /page.js takes GET
                    GET    | nowhere | ``                                                               | 404 | there is nothing at /nowhere
                    GET    | schema.sql | ``                                                            | 404 | there is nothing at
                    """)
    void refusesWithAMessage(String method, String path, String body, int status, String message) throws Exception {
        List<OrderRow> before = shop.queries().orders(Long.MAX_VALUE, 100);
        HttpResponse<String> answer = send(method, path, body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(JSON.readTree(answer.body()).get("error").asText()).contains(message);
        assertThat(shop.queries().orders(Long.MAX_VALUE, 100)).hasSameSizeAs(before);
    }

    @Test
    void anIdIsNotUsedForTwoThings() throws Exception {
        send("POST", "api/orders", cups("once", 2));

        assertThat(send("POST", "api/orders", cups("once", 3)).statusCode()).isEqualTo(409);
    }

    @Test
    void aBodyThatIsTooLargeIsNotRead() throws Exception {
        byte[] large = " ".repeat(50 * HttpService.LARGEST_BODY).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.address() + "api/orders"));

        assertThat(http.send(request.POST(BodyPublishers.ofByteArray(large)).build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(413);
        // In chunks, so that nobody knows its length before.
        assertThat(http.send(
                                request.POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void aPageFromElsewhereOrdersNothing() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.address() + "api/orders"))
                .header("Origin", "http://elsewhere.example")
                .POST(BodyPublishers.ofString(cups("elsewhere", 1)))
                .build();

        assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }

    @Test
    void aNameThatLeadsHereIsNotOurs() throws Exception {
        for (String host : List.of("elsewhere.example", "elsewhere.example:80", "127.0.0.1.elsewhere.example")) {
            assertThat(raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void pathsThatLeadOutsideLeadNowhere() throws Exception {
        for (String path : List.of(
                "/page.css/../etc/passwd",
                "/..%2f..%2fetc%2fpasswd",
                "//etc/passwd",
                "/api/orders/..%2f..%2fetc%2fpasswd")) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(path).startsWith("HTTP/1.1 404 ").contains("\"error\":");
        }
        // These are no paths at all, and refused before anybody looks where they lead.
        for (String path : List.of("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/page.css/../../../etc/passwd")) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(answer).as(path).startsWith("HTTP/1.1 400 ").contains("leads outside");
        }
    }

    @Test
    void whatIsNotHttpIsRefused() throws Exception {
        assertThat(raw("hello\r\n\r\n")).contains(" 400 ");
        String header = "X: " + "x".repeat(10_000);
        assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ")
                .contains("\"error\":");
    }

    @Test
    void listenersAreToldOfOrdersAndThereIsALimitToThem() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.address() + "api/events"))
                .build();
        List<InputStream> listeners = new ArrayList<>();
        try {
            for (int i = 0; i < Live.MOST_CLIENTS; i++) {
                listeners.add(http.send(request, BodyHandlers.ofInputStream()).body());
            }
            assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(503);

            BufferedReader lines = new BufferedReader(new InputStreamReader(listeners.get(0), StandardCharsets.UTF_8));
            send("POST", "api/orders", cups("told", 1));
            String line = lines.readLine();
            while (!line.contains("\"order\":\"told\",\"status\":\"confirmed\"")) {
                line = lines.readLine();
            }
            assertThat(line).startsWith("data: {");
        } finally {
            for (InputStream each : listeners) {
                each.close();
            }
        }
        // Who has left is found out when there is something to tell.
        await().until(() -> {
            HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
            answer.body().close();
            return answer.statusCode() == 200;
        });
    }

    private static String cups(String id, int quantity) {
        return "{\"id\": \"%s\", \"customer\": \"Ada\", \"product\": \"cup\", \"quantity\": %d}"
                .formatted(id, quantity);
    }

    private HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.address() + path))
                .method(method, BodyPublishers.ofString(body))
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(send("GET", path, "").body());
    }

    private String raw(String request) throws IOException {
        URI address = URI.create(service.address());
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
