package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Answer.NoAnswerPossible;
import dev.sluice.examples.orders.Commands.Effect;
import dev.sluice.examples.orders.Desk.AddStock;
import dev.sluice.examples.orders.Desk.ListProduct;
import dev.sluice.examples.orders.Desk.PlaceOrder;
import dev.sluice.examples.orders.Queries.OrderRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The paths under {@code /api}: what each takes and answers. */
final class Api {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final int LONGEST_LIST = 500;

    private final Shop shop;
    private final List<Way> ways = new ArrayList<>();

    Api(Shop shop) {
        this.shop = shop;
        on("GET", "/api/orders", this::orders);
        on("POST", "/api/orders", this::place);
        on("GET", "/api/orders/([^/]+)", this::order);
        on("GET", "/api/products", this::products);
        on("POST", "/api/products", this::list);
        on("POST", "/api/products/([^/]+)/stock", this::addStock);
        on("GET", "/api/dead-letters", call -> Answer.of(200, shop.letters().list(LONGEST_LIST)));
        on("POST", "/api/dead-letters/([^/]+)/retry", this::retry);
        on("GET", "/api/status", call -> Answer.of(200, Status.of(shop)));
        on("POST", "/api/views/rebuild", this::rebuild);
        on("GET", "/api/pipeline", call -> Answer.of(200, shop.picture()));
        on(
                "GET",
                "/api/pipeline.mmd",
                call -> Answer.text("text/plain; charset=utf-8", shop.stats().toMermaid()));
        on("GET", "/api/provider", call -> Answer.of(200, shop.provider().mood()));
        on("PUT", "/api/provider", this::provider);
    }

    /**
     * A request.
     *
     * @param part what stands in the path where the way has a group; "" when it has none
     */
    record Call(String part, Map<String, String> query, byte[] body) {}

    @FunctionalInterface
    private interface Action {
        Answer answer(Call call) throws Exception;
    }

    private record Way(String method, Pattern path, Action action) {}

    /** An order with what has happened to it. */
    record OrderPage(OrderRow order, List<Queries.Step> history) {}

    /** What became of a command. */
    record Receipt(String id, boolean repeated) {}

    private void on(String method, String path, Action action) {
        ways.add(new Way(method, Pattern.compile(path), action));
    }

    /** Which methods a path knows; none when there is no such path. */
    List<String> methods(String path) {
        return ways.stream()
                .filter(way -> way.path().matcher(path).matches())
                .map(Way::method)
                .toList();
    }

    Answer answer(String method, String path, Map<String, String> query, byte[] body) {
        try {
            for (Way way : ways) {
                Matcher matcher = way.path().matcher(path);
                if (way.method().equals(method) && matcher.matches()) {
                    return way.action().answer(new Call(matcher.groupCount() > 0 ? matcher.group(1) : "", query, body));
                }
            }
            List<String> allowed = methods(path);
            return allowed.isEmpty()
                    ? Answer.problem(404, "there is nothing at " + path)
                    : Answer.problem(405, path + " takes " + String.join(", ", allowed))
                            .with("Allow", String.join(", ", allowed));
        } catch (NoAnswerPossible e) {
            return Answer.problem(e.status(), e.getMessage());
        } catch (Refusal e) {
            return Answer.problem(status(e.kind()), e.getMessage());
        } catch (SQLException e) {
            LOG.warn("{} {}", method, path, e);
            return busy("the database cannot do it now; the same command with the same id may be sent again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return busy("the service is being stopped");
        } catch (Exception e) {
            LOG.error("{} {}", method, path, e);
            return Answer.problem(500, "that is a mistake of ours, and logged");
        }
    }

    private static int status(Refusal.Kind kind) {
        return kind == Refusal.Kind.INVALID ? 422 : kind == Refusal.Kind.UNKNOWN ? 404 : 409;
    }

    private static Answer busy(String why) {
        return Answer.problem(503, why).with("Retry-After", "1");
    }

    private Answer orders(Call call) throws Exception {
        long before = number(call, "before", Long.MAX_VALUE);
        int limit = (int) Math.min(LONGEST_LIST, Math.max(1, number(call, "limit", 50)));
        return Answer.of(200, shop.queries().orders(before, limit));
    }

    private Answer order(Call call) throws Exception {
        Optional<OrderRow> order = shop.queries().order(call.part());
        return order.isEmpty()
                ? Answer.problem(404, "no order " + call.part())
                : Answer.of(200, new OrderPage(order.get(), shop.queries().history(call.part())));
    }

    private Answer place(Call call) throws Exception {
        PlaceOrder order = Answer.read(call.body(), PlaceOrder.class);
        String id = idOr(order.id());
        PlaceOrder named = new PlaceOrder(id, order.customer(), order.product(), order.quantity());
        return receipt(id, shop.desk().place(named)).with("Location", "/api/orders/" + id);
    }

    private Answer products(Call call) throws Exception {
        String tag = call.query().get("tag");
        return Answer.of(
                200, tag == null ? shop.queries().products() : shop.queries().tagged(Desk.name("tag", tag)));
    }

    private Answer list(Call call) throws Exception {
        ListProduct wanted = Answer.read(call.body(), ListProduct.class);
        String id = idOr(wanted.id());
        ListProduct named =
                new ListProduct(id, wanted.product(), wanted.name(), wanted.price(), wanted.quantity(), wanted.tags());
        return receipt(id, shop.desk().list(named));
    }

    private Answer addStock(Call call) throws Exception {
        AddStock more = Answer.read(call.body(), AddStock.class);
        String id = idOr(more.id());
        return receipt(id, shop.desk().add(call.part(), new AddStock(id, more.quantity())));
    }

    private static String idOr(@Nullable String given) {
        return given != null ? given : UUID.randomUUID().toString();
    }

    private static Answer receipt(String id, Optional<Effect> effect) {
        if (effect.isEmpty()) {
            return busy("too many commands at once");
        }
        boolean repeated = effect.get() == Effect.BEFORE;
        return Answer.of(repeated ? 200 : 201, new Receipt(id, repeated));
    }

    private Answer retry(Call call) throws Exception {
        long id;
        try {
            id = Long.parseLong(call.part());
        } catch (NumberFormatException e) {
            throw Refusal.unknown("no dead letter " + call.part());
        }
        shop.letters().resend(id);
        return Answer.of(202, Map.of("id", id));
    }

    private Answer rebuild(Call call) {
        if (shop.views().isRebuilding()) {
            return Answer.problem(409, "the views are being made anew already");
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        shop.views().rebuild();
                    } catch (SQLException | InterruptedException e) {
                        LOG.warn("the views were not made anew", e);
                    }
                },
                "orders-rebuild");
        thread.setDaemon(true);
        thread.start();
        return Answer.of(202, Map.of("rebuilding", true));
    }

    private Answer provider(Call call) throws Exception {
        Provider.Mood mood = Answer.read(call.body(), Provider.Mood.class);
        if (mood.millis() < 0 || mood.millis() > 5000) {
            throw Refusal.invalid("millis must be from 0 to 5000 but was " + mood.millis());
        }
        if (!(mood.lost() >= 0 && mood.lost() <= 1)) {
            throw Refusal.invalid("lost must be from 0 to 1 but was " + mood.lost());
        }
        shop.provider().mood(mood);
        return Answer.of(200, mood);
    }

    private static long number(Call call, String name, long otherwise) throws NoAnswerPossible {
        String value = call.query().get(name);
        try {
            return value == null ? otherwise : Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new NoAnswerPossible(400, name + " must be a number but was '" + value + "'");
        }
    }

    /** Where the service stands. */
    record Status(
            Map<String, Long> orders,
            long lag,
            long outbox,
            long deadLetters,
            boolean rebuilding,
            Provider.Mood provider) {
        static Status of(Shop shop) throws SQLException {
            return new Status(
                    shop.queries().counts().stream()
                            .collect(Collectors.toMap(Queries.Count::status, Queries.Count::orders)),
                    shop.views().lag(),
                    shop.undone(),
                    shop.letters().count(),
                    shop.views().isRebuilding(),
                    shop.provider().mood());
        }
    }
}
