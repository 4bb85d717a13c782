package dev.sluice.examples.orders;

import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.orders.Answer.NoAnswerPossible;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The server: sockets, limits and headers. What is said is said by {@link Api} and {@link Live}. */
final class HttpService implements AutoCloseable {
    private static final int THREADS = 40;
    private static final int CONNECTIONS = 256;
    private static final int HEADERS = 8 * 1024;
    static final int LARGEST_BODY = 16 * 1024;
    /** Of a body that is too large so much is read and forgotten: a client that is cut off while it writes sees no answer. */
    private static final int MOST_READ = 1024 * 1024;

    private static final long IDLE_MILLIS = 30_000;
    private static final long BODY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Map<String, String> FILES = Map.of(
            "/", "text/html; charset=utf-8",
            "/icon.svg", "image/svg+xml",
            "/page.css", "text/css; charset=utf-8",
            "/page.js", "text/javascript; charset=utf-8");

    private final Api api;
    private final Live live;
    private final Server server;
    private final ServerConnector connector;

    HttpService(Shop shop, int port) throws IOException {
        this.api = new Api(shop);
        this.live = new Live(shop);
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 8);
        threads.setName("orders-http");
        this.server = new Server(threads);
        HttpConfiguration config = new HttpConfiguration();
        config.setRequestHeaderSize(HEADERS);
        config.setSendServerVersion(false);
        // No file is looked for by a path, so that no path is dangerous; a strange one is one that is not there.
        config.setUriCompliance(UriCompliance.UNSAFE);
        this.connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(config));
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_MILLIS);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(CONNECTIONS, connector));
        server.setHandler(new Front());
        server.setErrorHandler(new Errors());
        start(port);
    }

    private void start(int port) throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            closeAll();
            throw new CommandFailure("port " + port + " cannot be used", e);
        } catch (Exception e) {
            closeAll();
            throw new IOException(e);
        }
    }

    String address() {
        return "http://127.0.0.1:" + connector.getLocalPort() + "/";
    }

    /** A name that leads here may be anybody's: then a page of his could ask, as if it were ours. */
    private static final Pattern LOOPBACK = Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d+)?");

    private final class Front extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            String path = Request.getPathInContext(request);
            String method = request.getMethod();
            String host = request.getHeaders().get(HttpHeader.HOST);
            if (host != null && !LOOPBACK.matcher(host).matches()) {
                write(response, callback, Answer.problem(403, "requests to " + host + " are not taken"));
            } else if (path.equals("/api/events") && method.equals("GET")) {
                follow(response, callback);
            } else if (FILES.containsKey(path) && method.equals("GET")) {
                String name = path.equals("/") ? "page.html" : path.substring(1);
                write(response, callback, new Answer(200, FILES.get(path), resource(name), Map.of()));
            } else if (FILES.containsKey(path) || path.equals("/api/events")) {
                write(
                        response,
                        callback,
                        Answer.problem(405, path + " takes GET").with("Allow", "GET"));
            } else {
                write(response, callback, ask(request, method, path));
            }
            return true;
        }
    }

    private Answer ask(Request request, String method, String path) throws IOException {
        try {
            byte[] body = method.equals("GET") ? new byte[0] : body(request);
            if (!method.equals("GET")) {
                checkOrigin(request);
            }
            return api.answer(method, path, query(request), body);
        } catch (NoAnswerPossible e) {
            return Answer.problem(e.status(), e.getMessage());
        }
    }

    /** A page from elsewhere that a browser shows must not order things here. */
    private static void checkOrigin(Request request) throws NoAnswerPossible {
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (origin != null && !origin.equals("http://" + request.getHeaders().get(HttpHeader.HOST))) {
            throw new NoAnswerPossible(403, "requests from " + origin + " are not taken");
        }
    }

    private static Map<String, String> query(Request request) throws NoAnswerPossible {
        try {
            Map<String, String> query = new LinkedHashMap<>();
            for (Fields.Field field : Request.extractQueryParameters(request)) {
                query.put(field.getName(), field.getValue());
            }
            return query;
        } catch (IllegalArgumentException e) {
            throw new NoAnswerPossible(400, "the query is not UTF-8");
        }
    }

    private static byte[] body(Request request) throws IOException, NoAnswerPossible {
        long start = System.nanoTime();
        byte[] body = new byte[LARGEST_BODY];
        byte[] beyond = new byte[4096];
        int length = 0;
        try (InputStream in = Content.Source.asInputStream(request)) {
            int more = 0;
            while (more >= 0 && length < MOST_READ) {
                length += more;
                more = length < body.length ? in.read(body, length, body.length - length) : in.read(beyond);
                if (System.nanoTime() - start > BODY_NANOS) {
                    throw new NoAnswerPossible(408, "the body did not come in time");
                }
            }
        }
        if (length > LARGEST_BODY) {
            throw new NoAnswerPossible(413, "a body must be at most " + LARGEST_BODY + " bytes");
        }
        return Arrays.copyOf(body, length);
    }

    private void follow(Response response, Callback callback) {
        headers(response, "text/event-stream; charset=utf-8");
        if (!live.admit(response, callback)) {
            write(response, callback, Answer.problem(503, "there are " + Live.MOST_CLIENTS + " listeners already"));
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = HttpService.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static void headers(Response response, String type) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'");
    }

    private static void write(Response response, Callback callback, Answer answer) {
        response.setStatus(answer.status());
        headers(response, answer.type());
        answer.headers().forEach(response.getHeaders()::put);
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }

    /** What the server itself refuses, such as headers that are too long, is said in the same way. */
    private static final class Errors extends ErrorHandler {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            int status = response.getStatus();
            String what =
                    status == 400 ? "that is not a request, or its path leads outside" : HttpStatus.getMessage(status);
            HttpService.write(response, callback, Answer.problem(status, what));
            return true;
        }
    }

    private void closeAll() throws IOException {
        try {
            live.close();
            server.stop();
        } catch (Exception e) {
            throw new IOException("the server did not stop", e);
        }
    }

    /** Takes no more requests. Those that have been begun may get no answer; whoever asks again with the same id gets one. */
    @Override
    public void close() throws IOException {
        closeAll();
    }
}
