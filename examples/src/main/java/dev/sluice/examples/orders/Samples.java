package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Desk.ListProduct;
import java.util.List;

/** The products of a shop that has just been opened. */
final class Samples {
    private static final List<ListProduct> PRODUCTS = List.of(
            product("cup", "A cup", 450, "kitchen", "blue"),
            product("bowl", "A bowl", 790, "kitchen", "green"),
            product("kettle", "A kettle", 3900, "kitchen", "steel"),
            product("lamp", "A lamp", 5900, "light", "steel"),
            product("candle", "Three candles", 600, "light", "green"),
            product("blanket", "A blanket", 4500, "bed", "blue"),
            product("pillow", "A pillow", 2900, "bed", "green"),
            product("clock", "A wall clock", 7900, "wall", "steel"));

    private Samples() {}

    private static ListProduct product(String id, String name, long price, String... tags) {
        return new ListProduct("sample-" + id, id, name, price, 1000, List.of(tags));
    }

    /** Lists them, at the first start and at no other: the ids of the commands are the same each time. */
    static void list(Shop shop) throws Exception {
        for (ListProduct each : PRODUCTS) {
            shop.desk().list(each);
        }
    }
}
