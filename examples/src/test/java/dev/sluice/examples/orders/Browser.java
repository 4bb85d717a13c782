package dev.sluice.examples.orders;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Chromium without a window, by the WebDriver protocol. */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PORT = Pattern.compile("successfully on port (\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private String session = "";

    private Browser(Process driver) {
        this.driver = driver;
    }

    /** Whether there is a Chromium with its driver on this machine. */
    static boolean isThere() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromedriver")
                .map(Path::of)
                .allMatch(Files::isExecutable);
    }

    static Browser start(Path folder) throws Exception {
        Path log = folder.resolve("chromedriver.txt");
        Process driver = new ProcessBuilder("/usr/bin/chromedriver", "--port=0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Browser browser = new Browser(driver);
        try {
            await().atMost(Duration.ofSeconds(50))
                    .until(() -> PORT.matcher(Files.readString(log)).find());
            Matcher port = PORT.matcher(Files.readString(log));
            port.find();
            browser.open("http://127.0.0.1:" + port.group(1), folder.resolve("profile"));
            return browser;
        } catch (Throwable e) {
            browser.close();
            throw e;
        }
    }

    private void open(String address, Path profile) throws IOException, InterruptedException {
        // As root Chromium has no sandbox; and it need not talk to anybody but us.
        List<String> arguments = List.of(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1440,1650",
                "--user-data-dir=" + profile);
        Map<String, Object> wanted = Map.of(
                "goog:chromeOptions", Map.of("binary", "/usr/bin/chromium", "args", arguments),
                "goog:loggingPrefs", Map.of("browser", "ALL"));
        JsonNode opened = call("POST", address + "/session", Map.of("capabilities", Map.of("alwaysMatch", wanted)));
        session = address + "/session/" + opened.get("sessionId").asText();
    }

    void go(String address) throws IOException, InterruptedException {
        call("POST", session + "/url", Map.of("url", address));
    }

    /** What a piece of script returns. */
    JsonNode run(String script) throws IOException, InterruptedException {
        return call("POST", session + "/execute/sync", Map.of("script", script, "args", List.of()));
    }

    /** Waits until a piece of script gives true. */
    void until(String condition) {
        await("in the page: " + condition)
                .atMost(Duration.ofSeconds(30))
                .until(() -> run("return " + condition).asBoolean());
    }

    /** What the page has complained of. */
    JsonNode complaints() throws IOException, InterruptedException {
        return call("POST", session + "/se/log", Map.of("type", "browser"));
    }

    void picture(Path file) throws IOException, InterruptedException {
        String png = call("GET", session + "/screenshot", null).asText();
        Files.write(file, Base64.getDecoder().decode(png));
    }

    private JsonNode call(String method, String path, Object body) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        HttpRequest request = HttpRequest.newBuilder(URI.create(path))
                .timeout(Duration.ofSeconds(50))
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.body());
        }
        return JSON.readTree(answer.body()).get("value");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            if (!session.isEmpty()) {
                call("DELETE", session, null);
            }
        } finally {
            driver.destroy();
            if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                driver.destroyForcibly();
            }
        }
    }
}
