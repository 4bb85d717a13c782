package dev.sluice.examples.enrich;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * A retailer's feed as retailers send it: 200,000 rows of which about one in a hundred cannot be used, for one reason
 * or another. The same at each call.
 */
final class DemoFeed {
    static final int ROWS = 200_000;

    private static final int PRODUCTS = 5_000;
    private static final int BROKEN_IN_A_THOUSAND = 10;
    /*
     * A quote that never closes is one only where no other quote follows for 2^20 characters. So the rows from here on
     * have none but the two that stay open, more than 2^20 characters apart.
     */
    private static final int ROWS_WITH_QUOTES = 150_000;
    private static final int FIRST_OPEN_QUOTE = 152_000;
    private static final int SECOND_OPEN_QUOTE = 199_000;

    private static final String[] THINGS = {"Shirt", "Kettle", "Lamp", "Chair", "Notebook", "Bicycle", "Rucksack"};
    private static final String[] KINDS = {
        "blue", "large", "foldable", "für Kinder", "café", "24\" wide", "second choice"
    };
    private static final String[] DEPARTMENTS = {"Clothing", "Kitchen", "Home, Garden", "Office", "Outdoor"};

    private final Random random = new Random(2);

    private DemoFeed() {}

    /** Writes the product table: the SKU, the department, the supplier. */
    static void writeProducts(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("sku,department,supplier\n");
            for (int i = 0; i < PRODUCTS; i++) {
                String department = DEPARTMENTS[i % DEPARTMENTS.length];
                out.write(sku(i) + ",\"" + department + "\",Supplier " + i % 97 + "\n");
            }
        }
    }

    /** Writes the feed. */
    static void write(Path file) throws IOException {
        DemoFeed feed = new DemoFeed();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write("\uFEFFsku,store,title,price,units,updated\n".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < ROWS; i++) {
                out.write(feed.row(i));
            }
        }
    }

    private byte[] row(int i) {
        String title = title(i < ROWS_WITH_QUOTES);
        if (i == FIRST_OPEN_QUOTE || i == SECOND_OPEN_QUOTE) {
            return text(sku(random.nextInt(PRODUCTS)), "\"" + title, rest());
        }
        if (random.nextInt(1000) < BROKEN_IN_A_THOUSAND) {
            return broken(title);
        }
        return text(sku(random.nextInt(PRODUCTS)), title, rest());
    }

    private byte[] broken(String title) {
        String sku = sku(random.nextInt(PRODUCTS));
        return switch (random.nextInt(5)) {
            case 0 -> (sku + ",store 7," + title + "\n").getBytes(StandardCharsets.UTF_8);
            case 1 -> text(sku, title + ",left over", rest());
            case 2 -> text("SKU-WITHDRAWN", title, rest());
            case 3 -> text("", title, rest());
            default -> (sku + ",store 7,Garçon,1.00,1,2026-01-01\n").getBytes(StandardCharsets.ISO_8859_1);
        };
    }

    private String title(boolean mayQuote) {
        String thing = THINGS[random.nextInt(THINGS.length)];
        String kind = KINDS[random.nextInt(KINDS.length)];
        if (!mayQuote) {
            return thing + " " + kind.replace("\"", " inch");
        }
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> "\"" + thing + ", " + kind.replace("\"", "\"\"") + "\"";
            case 4 -> "\"" + thing + "\n" + kind.replace("\"", "\"\"") + "\"";
            default -> thing + " " + kind;
        };
    }

    private byte[] text(String sku, String title, String rest) {
        return (sku + ",store " + random.nextInt(300) + "," + title + rest).getBytes(StandardCharsets.UTF_8);
    }

    private String rest() {
        int units = Math.max(0, random.nextInt(60) - 20);
        return String.format(
                Locale.ROOT,
                ",%d.%02d,%d,2026-%02d-%02d\n",
                1 + random.nextInt(200),
                random.nextInt(100),
                units,
                1 + random.nextInt(12),
                1 + random.nextInt(28));
    }

    private static String sku(int number) {
        return "SKU-" + (100_000 + number);
    }
}
