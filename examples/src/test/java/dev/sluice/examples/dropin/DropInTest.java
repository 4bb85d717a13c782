package dev.sluice.examples.dropin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.pool.OnFull;
import dev.sluice.pool.PoolStats;
import dev.sluice.pool.WorkerPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A pool where the JDK takes an executor: with room, and so narrow that it is always full. */
@Timeout(60)
class DropInTest {
    private static final int TASKS = 200;

    private static WorkerPool pool(int capacity, OnFull onFull) {
        return WorkerPool.builder()
                .workers(2)
                .queueCapacity(capacity)
                .onFull(onFull)
                .build();
    }

    private static void assertNothingIsLost(WorkerPool pool) {
        pool.close();
        PoolStats stats = pool.stats();
        assertThat(stats.submitted())
                .as("%s", stats)
                .isEqualTo(stats.succeeded() + stats.failed() + stats.cancelled() + stats.rejected() + stats.dropped());
        assertThat(stats.failed()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1024})
    void servesCompletableFutures(int capacity) throws Exception {
        WorkerPool pool = pool(capacity, OnFull.BLOCK);
        Executor executor = pool;
        List<CompletableFuture<Integer>> futures = IntStream.range(0, TASKS)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> i, executor)
                        .thenApplyAsync(value -> value + 1, executor)
                        .thenCombineAsync(CompletableFuture.supplyAsync(() -> 1, executor), Integer::sum, executor))
                .toList();
        int sum = 0;
        for (CompletableFuture<Integer> future : futures) {
            sum += future.get(30, TimeUnit.SECONDS);
        }
        assertThat(sum).isEqualTo(TASKS * (TASKS - 1) / 2 + 2 * TASKS);
        assertNothingIsLost(pool);
    }

    @ParameterizedTest
    @ValueSource(ints = 1)
    @DisplayName("supplyAsync says so to its caller when the pool refuses")
    void refusalReachesTheCaller(int capacity) throws Exception {
        WorkerPool pool = pool(capacity, OnFull.REJECT);
        CountDownLatch release = new CountDownLatch(1);
        Executor executor = pool;
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 4; i++) {
                        CompletableFuture.runAsync(() -> awaitQuietly(release), executor);
                    }
                })
                .isInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertNothingIsLost(pool);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1024})
    void servesACompletionService(int capacity) throws Exception {
        WorkerPool pool = pool(capacity, OnFull.BLOCK);
        ExecutorCompletionService<Integer> service = new ExecutorCompletionService<>(pool);
        for (int i = 0; i < TASKS; i++) {
            int number = i;
            service.submit(() -> number);
        }
        int sum = 0;
        for (int i = 0; i < TASKS; i++) {
            sum += service.take().get();
        }
        assertThat(sum).isEqualTo(TASKS * (TASKS - 1) / 2);
        assertNothingIsLost(pool);
    }

    private static HttpServer server(Executor executor) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(executor);
        server.createContext("/", exchange -> {
            byte[] path = exchange.getRequestURI().getPath().getBytes();
            exchange.sendResponseHeaders(200, path.length);
            exchange.getResponseBody().write(path);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static HttpRequest request(HttpServer server, int number) {
        return HttpRequest.newBuilder(
                        URI.create("http://localhost:" + server.getAddress().getPort() + "/" + number))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    @ParameterizedTest
    @EnumSource(names = {"BLOCK", "CALLER_RUNS"})
    @DisplayName("HttpServer: its dispatcher waits for a full BLOCK pool, and every request is answered")
    void servesAnHttpServer(OnFull onFull) throws Exception {
        for (int capacity : new int[] {1, 1024}) {
            WorkerPool pool = pool(capacity, onFull);
            HttpServer server = server(pool);
            ExecutorService browsers = Executors.newFixedThreadPool(8);
            try {
                HttpClient client = HttpClient.newBuilder().executor(browsers).build();
                assertAnswersAll(client, server);
            } finally {
                server.stop(0);
                browsers.shutdown();
            }
            assertNothingIsLost(pool);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BLOCK", "CALLER_RUNS"})
    @DisplayName("HttpClient: its selector waits for a full BLOCK pool of its own, and every response comes")
    void servesAnHttpClient(OnFull onFull) throws Exception {
        for (int capacity : new int[] {1, 1024}) {
            WorkerPool pool = pool(capacity, onFull);
            ExecutorService waiters = Executors.newFixedThreadPool(4);
            HttpServer server = server(waiters);
            try {
                assertAnswersAll(HttpClient.newBuilder().executor(pool).build(), server);
            } finally {
                server.stop(0);
                waiters.shutdown();
            }
            assertNothingIsLost(pool);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "CALLER_RUNS")
    @DisplayName("HttpClient: where all workers wait for responses, CALLER_RUNS keeps the selector going")
    void workersThatWaitForResponsesOfTheirOwnPoolGoOn(OnFull onFull) throws Exception {
        WorkerPool pool = pool(1, onFull);
        ExecutorService waiters = Executors.newFixedThreadPool(4);
        HttpServer server = server(waiters);
        try {
            HttpClient client = HttpClient.newBuilder().executor(pool).build();
            List<Future<String>> bodies = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int number = i;
                bodies.add(pool.submit(() -> client.send(request(server, number), HttpResponse.BodyHandlers.ofString())
                        .body()));
            }
            for (int i = 0; i < bodies.size(); i++) {
                assertThat(bodies.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("/" + i);
            }
        } finally {
            server.stop(0);
            waiters.shutdown();
        }
        assertNothingIsLost(pool);
    }

    private static void assertAnswersAll(HttpClient client, HttpServer server) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> responses = IntStream.range(0, 60)
                .mapToObj(i -> client.sendAsync(request(server, i), HttpResponse.BodyHandlers.ofString()))
                .toList();
        for (int i = 0; i < responses.size(); i++) {
            assertThat(responses.get(i).get(30, TimeUnit.SECONDS).body()).isEqualTo("/" + i);
        }
    }
}
