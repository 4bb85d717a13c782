package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.OrderRejected;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells pages what changes, by server-sent events: four times a second one message, the same for all. A page that has not
 * read the last one is left out, and there is a limit to the number of pages; so nothing grows.
 */
final class Live implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Live.class);
    static final int MOST_CLIENTS = 32;
    private static final int MOST_MOVES = 200;
    private static final int SHOWN_LETTERS = 20;
    private static final long PERIOD_MILLIS = 250;
    /** A page asks again by itself when its connection ends. */
    private static final long LONGEST_NANOS = Duration.ofHours(1).toNanos();

    private final Shop shop;
    private final List<Client> clients = new CopyOnWriteArrayList<>();
    private final AtomicInteger places = new AtomicInteger(MOST_CLIENTS);
    /** What has happened to orders since the last message; guarded by itself. */
    private final List<Move> moves = new ArrayList<>();

    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, "orders-live"));

    Live(Shop shop) {
        this.shop = shop;
        shop.onShown(this::shown);
        clock.scheduleWithFixedDelay(this::tell, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** An order has come into another state; {@code placed} says what it is when it is new, {@code reason} why it ended. */
    record Move(
            String order, String status, long at, @Nullable OrderPlaced placed, String reason) {
        static Move of(Recorded recorded) {
            Event event = recorded.event();
            return new Move(
                    View.order(event),
                    View.status(event),
                    recorded.at(),
                    event instanceof OrderPlaced placed ? placed : null,
                    event instanceof OrderRejected rejected ? rejected.reason() : "");
        }
    }

    /** A message. */
    record News(
            List<Move> moves,
            Api.Status status,
            List<Queries.Product> products,
            List<DeadLetters.Letter> letters,
            Picture pipeline) {}

    private final class Client implements Callback {
        private final Response response;
        private final Callback end;
        private final long since = System.nanoTime();
        private final AtomicBoolean writing = new AtomicBoolean();
        private final AtomicBoolean over = new AtomicBoolean();

        Client(Response response, Callback end) {
            this.response = response;
            this.end = end;
        }

        void send(byte[] message) {
            if (!writing.compareAndSet(false, true)) {
                return;
            }
            if (System.nanoTime() - since > LONGEST_NANOS) {
                leave(null);
            } else {
                response.write(false, ByteBuffer.wrap(message), this);
            }
        }

        @Override
        public void succeeded() {
            writing.set(false);
        }

        @Override
        public void failed(Throwable reason) {
            leave(reason);
        }

        void leave(@Nullable Throwable reason) {
            if (over.compareAndSet(false, true)) {
                clients.remove(this);
                places.incrementAndGet();
                if (reason == null) {
                    end.succeeded();
                } else {
                    end.failed(reason);
                }
            }
        }
    }

    /**
     * Takes a client in.
     *
     * @return false when there are too many
     */
    boolean admit(Response response, Callback end) {
        if (places.getAndDecrement() <= 0) {
            places.incrementAndGet();
            return false;
        }
        Client client = new Client(response, end);
        clients.add(client);
        client.send(": welcome\n\n".getBytes(StandardCharsets.UTF_8));
        return true;
    }

    private void shown(List<Recorded> events) {
        if (clients.isEmpty()) {
            return;
        }
        synchronized (moves) {
            for (Recorded each : events) {
                if (!View.status(each.event()).isEmpty() && moves.size() < MOST_MOVES) {
                    moves.add(Move.of(each));
                }
            }
        }
    }

    private void tell() {
        try {
            List<Move> since;
            synchronized (moves) {
                since = List.copyOf(moves);
                moves.clear();
            }
            if (!clients.isEmpty()) {
                byte[] message = message(since);
                clients.forEach(client -> client.send(message));
            }
        } catch (SQLException | RuntimeException e) {
            // The clock would stop otherwise; the next message may do better.
            LOG.warn("nothing to tell: {}", e.toString());
        }
    }

    private byte[] message(List<Move> since) throws SQLException {
        News news = new News(
                since,
                Api.Status.of(shop),
                shop.queries().products(),
                shop.letters().list(SHOWN_LETTERS),
                shop.picture());
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes("data: ".getBytes(StandardCharsets.UTF_8));
        message.writeBytes(Answer.json(news));
        message.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
        return message.toByteArray();
    }

    @Override
    public void close() throws InterruptedException {
        clock.shutdownNow();
        clock.awaitTermination(5, TimeUnit.SECONDS);
        clients.forEach(client -> client.leave(null));
    }
}
