package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Commands.Effect;
import dev.sluice.examples.orders.Event.OrderPlaced;
import dev.sluice.examples.orders.Event.ProductListed;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What clients may ask for: checks it, and makes commands of it. */
final class Desk {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int LONGEST_TEXT = 100;
    private static final int MOST_PIECES = 10_000;
    private static final long HIGHEST_PRICE = 10_000_000;
    private static final int MOST_TAGS = 10;

    private final Commands commands;
    private final Queries queries;

    Desk(Commands commands, Queries queries) {
        this.commands = commands;
        this.queries = queries;
    }

    /**
     * An order; its id is the command's and becomes the order's.
     *
     * @param quantity of the product, in pieces
     */
    record PlaceOrder(
            @Nullable String id,
            @Nullable String customer,
            @Nullable String product,
            @Nullable Integer quantity) {}

    /** More pieces of a product. */
    record AddStock(@Nullable String id, @Nullable Integer quantity) {}

    /** A new product. */
    record ListProduct(
            @Nullable String id,
            @Nullable String product,
            @Nullable String name,
            @Nullable Long price,
            @Nullable Integer quantity,
            @Nullable List<@Nullable String> tags) {}

    /** Empty when there is no room for one more command, as from all of these. */
    Optional<Effect> place(PlaceOrder order) throws Refusal, SQLException, InterruptedException {
        String id = name("id", order.id());
        String customer = text("customer", order.customer());
        String product = name("product", order.product());
        int quantity = (int) number("quantity", order.quantity(), 1, MOST_PIECES);
        Optional<Long> price = queries.price(product);
        if (price.isEmpty()) {
            throw Refusal.unknown("no product " + product);
        }
        OrderPlaced placed = new OrderPlaced(id, customer, product, quantity, price.get() * quantity);
        String content = "order " + quantity + " " + product + " for " + customer;
        return commands.tryRun(new Command<>(id, Order.stream(id), content, now -> now.place(placed)));
    }

    Optional<Effect> add(String product, AddStock more) throws Refusal, SQLException, InterruptedException {
        String id = name("id", more.id());
        String known = name("product", product);
        int quantity = (int) number("quantity", more.quantity(), 1, StockItem.MOST);
        String content = "add " + quantity + " " + known;
        return commands.tryRun(new Command<>(id, StockItem.stream(known), content, item -> item.add(known, quantity)));
    }

    Optional<Effect> list(ListProduct request) throws Refusal, SQLException, InterruptedException {
        String id = name("id", request.id());
        String product = name("product", request.product());
        String title = text("name", request.name());
        long price = number("price", request.price(), 1, HIGHEST_PRICE);
        int quantity = (int) number("quantity", request.quantity(), 0, StockItem.MOST);
        List<String> tags = tags(request.tags());
        ProductListed listed = new ProductListed(product, title, price, tags);
        String content = "list " + listed + " " + quantity;
        return commands.tryRun(
                new Command<>(id, StockItem.stream(product), content, item -> item.list(listed, quantity)));
    }

    private static List<String> tags(@Nullable List<@Nullable String> tags) throws Refusal {
        if (tags == null) {
            return List.of();
        }
        if (tags.size() > MOST_TAGS) {
            throw Refusal.invalid("tags must be at most " + MOST_TAGS + " but were " + tags.size());
        }
        for (String tag : tags) {
            name("tag", tag);
        }
        return tags.stream().distinct().toList();
    }

    static String name(String what, @Nullable String value) throws Refusal {
        if (value == null || !NAME.matcher(value).matches()) {
            throw Refusal.invalid(what + " must be 1 to 64 letters, digits, - and _ but was " + shown(value));
        }
        return value;
    }

    private static String text(String what, @Nullable String value) throws Refusal {
        if (value == null || value.isBlank() || value.length() > LONGEST_TEXT || !isStorable(value)) {
            throw Refusal.invalid(
                    what + " must be a text of 1 to " + LONGEST_TEXT + " letters but was " + shown(value));
        }
        return value;
    }

    /** A database would not give back half a pair of surrogates, nor a zero. */
    private static boolean isStorable(String value) {
        return value.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(value);
    }

    private static long number(String what, @Nullable Number value, long least, long most) throws Refusal {
        if (value == null || value.longValue() < least || value.longValue() > most) {
            throw Refusal.invalid(what + " must be from " + least + " to " + most + " but was " + value);
        }
        return value.longValue();
    }

    private static String shown(@Nullable String value) {
        if (value == null) {
            return "missing";
        }
        return value.length() <= LONGEST_TEXT ? "'" + value + "'" : value.length() + " letters long";
    }
}
