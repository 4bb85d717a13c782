package dev.sluice.examples.orders;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.examples.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service in a process of its own, so that it can be killed, and a client of it. */
final class Service implements AutoCloseable {
    private static final Pattern OPEN = Pattern.compile("open (http://\\S+)/ ");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final String address;

    private Service(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /** Starts it in a folder, and waits until it can be asked. */
    static Service start(Path folder, String... options) throws Exception {
        Path out = folder.resolve("stdout.txt");
        Files.deleteIfExists(out);
        List<String> arguments = new ArrayList<>(List.of("orders", "--port", "0"));
        arguments.addAll(List.of(options));
        Process process = new Program(folder)
                .with("-XX:TieredStopAtLevel=1")
                .with("-Dorg.sqlite.tmpdir=" + folder)
                .start(arguments.toArray(String[]::new));
        try {
            await().atMost(Duration.ofSeconds(50)).until(() -> !process.isAlive() || isOpen(out));
            Matcher open = OPEN.matcher(Files.readString(out));
            if (!open.find()) {
                throw new AssertionError(Files.readString(folder.resolve("stderr.txt")));
            }
            return new Service(process, open.group(1));
        } catch (Throwable e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static boolean isOpen(Path out) throws IOException {
        return Files.exists(out) && OPEN.matcher(Files.readString(out)).find();
    }

    String address() {
        return address;
    }

    HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(send("GET", path, "").body());
    }

    /** Waits for a moment or for its end. */
    boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** As by {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As by {@code kill}: gives it time to finish. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            kill();
            throw new AssertionError("the service did not end");
        }
    }
}
