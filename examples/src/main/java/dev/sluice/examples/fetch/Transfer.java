package dev.sluice.examples.fetch;

import dev.sluice.examples.fetch.Attempt.Done;
import dev.sluice.examples.fetch.Attempt.Failed;
import dev.sluice.examples.fetch.Attempt.Moved;
import dev.sluice.examples.fetch.Attempt.Retry;
import dev.sluice.examples.fetch.LimitedBody.TooLargeException;
import dev.sluice.examples.io.CommandFailure;
import dev.sluice.examples.io.Unfinished;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One attempt at one download, by the JDK's HTTP client. Thread-safe. */
final class Transfer {
    private final Duration timeout;
    private final long maxBytes;
    private final HttpClient client;

    Transfer(Duration timeout, long maxBytes) {
        this.timeout = timeout;
        this.maxBytes = maxBytes;
        // Redirects are followed by Downloads, because the next host has a limit of its own.
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /** Asks for {@code uri}; {@code file} is there when all of it has come. Blocks no longer than the time-out. */
    Attempt attempt(URI uri, Path file) throws InterruptedException {
        try {
            Unfinished unfinished = Unfinished.beside(file);
            try {
                HttpResponse<?> response = send(uri, unfinished.path());
                if (!isSuccess(response.statusCode())) {
                    return refusal(response);
                }
                long bytes = Files.size(unfinished.path());
                Unfinished.finish(List.of(unfinished));
                return new Done(bytes);
            } finally {
                unfinished.discard();
            }
        } catch (TooLargeException e) {
            return new Failed(e.getMessage());
        } catch (IOException e) {
            return new Retry(reason(e), Duration.ZERO);
        }
    }

    private HttpResponse<?> send(URI uri, Path into) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri).header("User-Agent", "sluice-fetch").build();
        CompletableFuture<? extends HttpResponse<?>> answer = client.sendAsync(request, info -> body(info, into));
        try {
            // The request's own time-out would end with the headers; this one goes to the last byte.
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException("not done within " + timeout.toMillis() / 1000.0 + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException) {
                throw (IOException) e.getCause();
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private BodySubscriber<?> body(ResponseInfo info, Path into) {
        if (!isSuccess(info.statusCode())) {
            return new LimitedBody<>(BodySubscribers.discarding(), maxBytes);
        }
        return new LimitedBody<>(BodySubscribers.ofFile(into, StandardOpenOption.WRITE), maxBytes);
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    private static Attempt refusal(HttpResponse<?> response) {
        int status = response.statusCode();
        return switch (status) {
            case 301, 302, 303, 307, 308 -> moved(response);
            case 429 -> RetryAfter.of(response);
            default -> status >= 500 ? RetryAfter.of(response) : new Failed("status " + status);
        };
    }

    private static Attempt moved(HttpResponse<?> response) {
        String location = response.headers().firstValue("Location").orElse("");
        if (location.isEmpty()) {
            return new Failed("status " + response.statusCode() + " without a location");
        }
        try {
            return new Moved(Urls.redirect(response.uri(), location));
        } catch (BadUrlException e) {
            return new Failed(e.getMessage());
        }
    }

    private static String reason(IOException failure) {
        return failure instanceof ConnectException ? "cannot connect" : CommandFailure.reason(failure);
    }
}
