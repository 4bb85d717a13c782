package dev.sluice.examples.fetch;

import dev.sluice.examples.fetch.Attempt.Done;
import dev.sluice.examples.fetch.Attempt.Failed;
import dev.sluice.examples.fetch.Attempt.Moved;
import dev.sluice.examples.fetch.Attempt.Retry;
import dev.sluice.gate.Gate;
import dev.sluice.gate.KeyedGate;
import dev.sluice.gate.Permit;
import dev.sluice.pool.WorkerPool;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The work itself: URLs in, files out, with a limit for all downloads and one for each host.
 *
 * <p>A download needs a permit, which counts for its host and for all, and then a worker, of which there are as many as
 * there may be permits; so nobody waits for a worker, and downloads that wait for one busy host keep nothing from others.
 * While it waits to be tried again it holds neither, only its place in the window of URLs that have been read and are not
 * settled.
 */
final class Downloads {
    private static final int WINDOW = 1_000;
    private static final int MOST_REDIRECTS = 10;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);

    private final Settings settings;
    private final Log log;
    private final Transfer transfer;
    private final KeyedGate hosts;
    private final SafeNames names = new SafeNames();
    private final Gate window = Gate.of(WINDOW);
    private final WorkerPool downloads;

    Downloads(Settings settings, Log log) {
        this.settings = settings;
        this.log = log;
        this.transfer = new Transfer(settings.timeout(), settings.maxBytes());
        this.hosts = KeyedGate.of(settings.perHost(), settings.max());
        this.downloads = WorkerPool.builder()
                .name("download")
                .workers(settings.max())
                .queueCapacity(settings.max())
                .build();
    }

    /** Downloads them all, once; returns when each is settled. */
    void run(Iterator<String> urls) throws InterruptedException {
        try (downloads) {
            while (urls.hasNext()) {
                begin(urls.next(), window.acquire());
            }
            // All the places are free: nobody is at work, nobody waits to be tried again.
            window.acquire(WINDOW).close();
        }
    }

    private void begin(String url, Permit place) {
        try {
            URI uri = Urls.parse(url);
            queue(Download.of(url, uri, settings.folder().resolve(names.nameFor(uri)), place));
        } catch (BadUrlException e) {
            log.failed(url, e.getMessage());
            place.close();
        }
    }

    private void queue(Download download) {
        hosts.acquireAsync(download.host()).thenAccept(permit -> start(download, permit));
    }

    private void start(Download download, Permit permit) {
        downloads.execute(() -> settle(download, attempt(download, permit)));
    }

    private Attempt attempt(Download download, Permit permit) {
        try {
            return transfer.attempt(download.uri(), download.file());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Failed("interrupted");
        } catch (RuntimeException e) {
            return new Failed(e.toString());
        } finally {
            permit.close();
        }
    }

    private void settle(Download download, Attempt attempt) {
        if (attempt instanceof Done) {
            log.saved(download, ((Done) attempt).bytes());
            download.place().close();
        } else if (attempt instanceof Moved && download.redirects() < MOST_REDIRECTS) {
            queue(download.movedTo(((Moved) attempt).to()));
        } else if (attempt instanceof Retry && download.failures() < settings.retries()) {
            Duration wait = pause(download.failures(), ((Retry) attempt).after());
            CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(() -> queue(download.again()));
        } else {
            log.failed(download.url(), reason(download, attempt));
            download.place().close();
        }
    }

    /** Twice as long after each failure, half of it by chance, so that those who failed together come back apart. */
    private Duration pause(int failures, Duration asked) {
        long doubled = settings.backoff().toNanos() << Math.min(failures, 16);
        long longest = Math.min(LONGEST_BACKOFF.toNanos(), doubled);
        long backoff = longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1);
        return Duration.ofNanos(Math.max(asked.toNanos(), backoff));
    }

    private static String reason(Download download, Attempt attempt) {
        if (attempt instanceof Moved) {
            return "more than " + MOST_REDIRECTS + " redirects";
        }
        if (attempt instanceof Failed) {
            return ((Failed) attempt).reason();
        }
        return ((Retry) attempt).reason() + " (tried " + (download.failures() + 1) + " times)";
    }
}
