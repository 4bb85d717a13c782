package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.OrderRejected;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * read the last one is left out and told so in the next, to ask for the orders as they are; so is everybody when more orders
 * have moved than a message holds. There is a limit to the number of pages; so nothing grows.
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
    /** Where orders have come to since the last message; guarded by itself. */
    private final Map<String, Move> moves = new LinkedHashMap<>();
    /** More orders have moved than are kept; guarded by {@code moves}. */
    private boolean tooMany;

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

        /** This one and the one before it as one. */
        Move after(@Nullable Move before) {
            return before == null || before.placed == null ? this : new Move(order, status, at, before.placed, reason);
        }
    }

    /** A message; with {@code reload} the moves are not all. */
    record News(
            List<Move> moves,
            boolean reload,
            Api.Status status,
            List<Queries.Product> products,
            List<DeadLetters.Letter> letters,
            Picture pipeline) {
        News withReload() {
            return new News(moves, true, status, products, letters, pipeline);
        }
    }

    private final class Client implements Callback {
        private final Response response;
        private final Callback end;
        private final long since = System.nanoTime();
        private final AtomicBoolean writing = new AtomicBoolean();
        private final AtomicBoolean over = new AtomicBoolean();
        /** Has been left out since it was sent something: by the clock, and before by who admits it. */
        private volatile boolean missed;

        Client(Response response, Callback end) {
            this.response = response;
            this.end = end;
        }

        void send(byte[] message) {
            if (!writing.compareAndSet(false, true)) {
                missed = true;
                return;
            }
            missed = false;
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
                if (!View.status(each.event()).isEmpty()) {
                    Move move = Move.of(each);
                    moves.merge(move.order(), move, (before, now) -> now.after(before));
                    tooMany |= moves.size() > MOST_MOVES;
                    if (tooMany) {
                        moves.clear();
                    }
                }
            }
        }
    }

    private void tell() {
        try {
            List<Move> since;
            boolean reload;
            synchronized (moves) {
                since = List.copyOf(moves.values());
                reload = tooMany;
                moves.clear();
                tooMany = false;
            }
            if (!clients.isEmpty()) {
                News news = news(since, reload);
                byte[] message = message(news);
                byte[] again =
                        clients.stream().anyMatch(client -> client.missed) ? message(news.withReload()) : message;
                clients.forEach(client -> client.send(client.missed ? again : message));
            }
        } catch (SQLException | RuntimeException e) {
            // The clock would stop otherwise; the next message may do better.
            LOG.warn("nothing to tell: {}", e.toString());
        }
    }

    private News news(List<Move> since, boolean reload) throws SQLException {
        return new News(
                since,
                reload,
                Api.Status.of(shop),
                shop.queries().products(),
                shop.letters().list(SHOWN_LETTERS),
                shop.picture());
    }

    private static byte[] message(News news) {
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
