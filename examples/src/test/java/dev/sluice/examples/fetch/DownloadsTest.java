package dev.sluice.examples.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DownloadsTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void savesWhatTheUrlsLeadTo() throws Exception {
        serve("/", exchange -> answer(exchange, 200, exchange.getRequestURI().toString()));

        assertThat(fetch(settings(), "/a.txt", "/b/c?d=e", "/b/", "/x/a.txt", "/A.txt"))
                .isTrue();

        assertThat(files()).containsExactlyInAnyOrder("a.txt", "c", "index", "a-2.txt", "A-3.txt");
        assertThat(folder.resolve("a.txt")).hasContent("/a.txt");
        assertThat(folder.resolve("a-2.txt")).hasContent("/x/a.txt");
        assertThat(folder.resolve("c")).hasContent("/b/c?d=e");
        assertThat(lines(out))
                .contains(folder.resolve("a.txt") + "\t6\t" + url("/a.txt"))
                .hasSize(5);
        assertThat(lines(errors)).containsExactly("fetch: 5 saved, 0 failed");
    }

    @Test
    void neverPassesTheLimitForAllNorTheOneForAHost() throws Exception {
        AtomicInteger all = new AtomicInteger();
        AtomicInteger mostOfAll = new AtomicInteger();
        Map<String, AtomicInteger> hosts = new ConcurrentHashMap<>();
        AtomicInteger mostOfAHost = new AtomicInteger();
        CountDownLatch threeAtATime = new CountDownLatch(3);
        serve("/", exchange -> {
            String host = exchange.getRequestHeaders().getFirst("Host");
            AtomicInteger ofHost = hosts.computeIfAbsent(host, h -> new AtomicInteger());
            mostOfAll.accumulateAndGet(all.incrementAndGet(), Math::max);
            mostOfAHost.accumulateAndGet(ofHost.incrementAndGet(), Math::max);
            threeAtATime.countDown();
            // The first three are answered when they are there together, which only works if they may be.
            assertThat(threeAtATime.await(30, TimeUnit.SECONDS)).isTrue();
            ofHost.decrementAndGet();
            all.decrementAndGet();
            answer(exchange, 200, "x");
        });
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            urls.add("http://" + (i < 30 ? "127.0.0.1" : "localhost") + ":" + port() + "/" + i);
        }

        assertThat(run(settings(3, 2, 0), urls)).isTrue();

        assertThat(mostOfAll).hasValue(3);
        assertThat(mostOfAHost).hasValue(2);
        assertThat(hosts).hasSize(2);
        assertThat(files()).hasSize(60);
    }

    @Test
    void aBusyHostLeavesSlotsToTheOthers() throws Exception {
        CountDownLatch otherHostServed = new CountDownLatch(1);
        serve("/busy", exchange -> {
            assertThat(otherHostServed.await(30, TimeUnit.SECONDS)).isTrue();
            answer(exchange, 200, "x");
        });
        serve("/other", exchange -> {
            otherHostServed.countDown();
            answer(exchange, 200, "x");
        });
        String other = "http://localhost:" + port() + "/other";

        assertThat(run(settings(2, 1, 0), List.of(url("/busy1"), url("/busy2"), url("/busy3"), other)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void triesAgainWhatMayGoBetter(int status) throws Exception {
        serve("/a", exchange -> answer(exchange, requests.size() < 3 ? status : 200, "x"));

        assertThat(fetch(settings(), "/a")).isTrue();

        assertThat(requests).hasSize(3);
        assertThat(folder.resolve("a")).hasContent("x");
    }

    @Test
    void triesAgainWhenTheConnectionBreaks() throws Exception {
        serve("/a", exchange -> {
            if (requests.size() == 1) {
                exchange.sendResponseHeaders(200, 1_000);
                exchange.getResponseBody().write(new byte[500]);
                throw new IOException("broken on purpose");
            }
            answer(exchange, 200, "x");
        });

        assertThat(fetch(settings(), "/a")).isTrue();

        assertThat(requests).hasSize(2);
        assertThat(folder.resolve("a")).hasContent("x");
    }

    @Test
    void givesUpAfterTheLastRetryAndListsIt() throws Exception {
        serve("/a", exchange -> answer(exchange, 503, "no"));
        serve("/b", exchange -> answer(exchange, 200, "x"));

        assertThat(fetch(settings(), "/a", "/b")).isFalse();

        assertThat(requests.stream().filter("/a"::equals)).hasSize(3);
        assertThat(lines(errors))
                .containsExactly("fetch: 1 saved, 1 failed", "  " + url("/a") + ": status 503 (tried 3 times)");
        assertThat(files()).containsExactly("b");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 410})
    void doesNotTryAgainWhatTheServerRefuses(int status) throws Exception {
        serve("/a", exchange -> answer(exchange, status, "no"));

        assertThat(fetch(settings(), "/a")).isFalse();

        assertThat(requests).hasSize(1);
        assertThat(lines(errors)).contains("  " + url("/a") + ": status " + status);
        assertThat(files()).isEmpty();
    }

    @Test
    void aDownloadThatWaitsToBeTriedAgainHoldsNoSlot() throws Exception {
        serve("/a", exchange -> {
            boolean first = requests.size() == 1;
            exchange.getResponseHeaders().set("Retry-After", "2");
            answer(exchange, first ? 503 : 200, "x");
        });
        serve("/b", exchange -> answer(exchange, 200, "x"));
        long start = System.nanoTime();

        assertThat(run(settings(1, 1, 1), List.of(url("/a"), url("/b")))).isTrue();

        assertThat(requests).containsExactly("/a", "/b", "/a");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void doesNotWaitForAServerThatWantsToBeLeftAloneForLong() throws Exception {
        serve("/a", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "86400");
            answer(exchange, 429, "no");
        });

        assertThat(fetch(settings(), "/a")).isFalse();

        assertThat(requests).hasSize(1);
        assertThat(lines(errors)).contains("  " + url("/a") + ": status 429, not to be tried again for 86400 s");
    }

    @Test
    void followsRedirectsUnderTheSameRules() throws Exception {
        redirect("/a", "/b");
        redirect("/b", "http://localhost:" + port() + "/c");
        serve("/c", exchange -> answer(exchange, 200, "x"));
        redirect("/loop", "/loop");
        redirect("/file", "file:///etc/passwd");
        redirect("/nowhere", "http://[");
        serve("/none", exchange -> answer(exchange, 302, ""));

        assertThat(fetch(settings(), "/a", "/loop", "/file", "/nowhere", "/none"))
                .isFalse();

        assertThat(folder.resolve("a")).hasContent("x");
        assertThat(lines(errors))
                .contains(
                        "  " + url("/loop") + ": more than 10 redirects",
                        "  " + url("/file") + ": neither http nor https: file:///etc/passwd",
                        "  " + url("/none") + ": status 302 without a location")
                .anyMatch(line -> line.startsWith("  " + url("/nowhere") + ": a redirect to no URL"));
        assertThat(files()).containsExactly("a");
    }

    @Test
    void givesUpOnAServerThatIsTooSlow() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        serve("/headers", exchange -> end.await());
        serve("/body", exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(new byte[500]);
            exchange.getResponseBody().flush();
            end.await();
        });
        Settings hasty = new Settings(folder, 4, 4, 0, Duration.ofMillis(1), Duration.ofSeconds(1), 1 << 20);

        assertThat(fetch(hasty, "/headers", "/body")).isFalse();
        end.countDown();

        assertThat(lines(errors))
                .contains(
                        "  " + url("/headers") + ": not done within 1.0 s (tried 1 times)",
                        "  " + url("/body") + ": not done within 1.0 s (tried 1 times)");
        assertThat(files()).isEmpty();
    }

    @Test
    void reportsAHostThatIsNotThere() throws Exception {
        int deadPort;
        try (ServerSocket socket = new ServerSocket(0)) {
            deadPort = socket.getLocalPort();
        }
        String dead = "http://127.0.0.1:" + deadPort + "/x";

        assertThat(run(settings(), List.of(dead))).isFalse();

        assertThat(lines(errors)).contains("  " + dead + ": cannot connect (tried 3 times)");
    }

    @Test
    void acceptsNoFileAboveTheLimit() throws Exception {
        serve("/fits", exchange -> answer(exchange, 200, "x".repeat(100_000)));
        serve("/larger", exchange -> answer(exchange, 200, "x".repeat(100_001)));
        Settings limited = new Settings(folder, 2, 2, 2, Duration.ofMillis(1), Duration.ofSeconds(30), 100_000);

        assertThat(fetch(limited, "/fits", "/larger")).isFalse();

        assertThat(lines(errors)).contains("  " + url("/larger") + ": larger than 100000 bytes");
        assertThat(requests).hasSize(2);
        assertThat(files()).containsExactly("fits");
    }

    @Test
    void listsWhatIsNoUrl() throws Exception {
        assertThat(run(settings(), List.of("ftp://host/x", "http:///x", "http://a b/")))
                .isFalse();

        assertThat(lines(errors))
                .contains("  ftp://host/x: neither http nor https: ftp://host/x", "  http:///x: no host: http:///x")
                .hasSize(4);
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws Exception;
    }

    private void serve(String path, Handler handler) {
        server.createContext(path, exchange -> {
            requests.add(exchange.getRequestURI().getPath());
            try (exchange) {
                handler.handle(exchange);
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
    }

    private void redirect(String from, String to) {
        serve(from, exchange -> {
            exchange.getResponseHeaders().set("Location", to);
            answer(exchange, 302, "");
        });
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private Settings settings() {
        return settings(4, 4, 2);
    }

    private Settings settings(int max, int perHost, int retries) {
        return new Settings(folder, max, perHost, retries, Duration.ofMillis(5), Duration.ofSeconds(40), 1 << 20);
    }

    private boolean fetch(Settings settings, String... paths) throws InterruptedException {
        return run(settings, Stream.of(paths).map(this::url).toList());
    }

    private boolean run(Settings settings, List<String> urls) throws InterruptedException {
        Log log = new Log(new PrintStream(out, true, StandardCharsets.UTF_8));
        new Downloads(settings, log).run(urls.iterator());
        return log.finish(new PrintStream(errors, true, StandardCharsets.UTF_8));
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    private static List<String> lines(ByteArrayOutputStream printed) {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
