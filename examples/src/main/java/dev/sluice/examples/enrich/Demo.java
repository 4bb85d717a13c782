package dev.sluice.examples.enrich;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The demo: which products of a retailer's feed are there to be bought, and who supplies them. */
final class Demo {
    private Demo() {}

    /** Makes the files in a folder of their own, says where they are, and returns what to do with them. */
    static Request prepare(int workers) throws IOException {
        Path folder = Files.createTempDirectory("sluice-demo-");
        Path feed = folder.resolve("feed.csv");
        Path products = folder.resolve("products.csv");
        DemoFeed.write(feed);
        DemoFeed.writeProducts(products);
        String out = folder.resolve("available.csv").toString();
        String rejects = folder.resolve("rejects.csv").toString();
        String diagram = folder.resolve("pipeline.mmd").toString();
        System.out.printf(
                "A demo in %s: a retailer's feed, the product table, and what enrich makes of them. By hand:%n%n"
                        + "  enrich --in %s --lookup %s \\%n"
                        + "    --on sku=sku --take department=department,supplier=supplier --where 'units>0' \\%n"
                        + "    --out %s --rejects %s \\%n"
                        + "    --diagram %s%n%n",
                folder, feed, products, out, rejects, diagram);
        return new Request(
                feed.toString(),
                out,
                products.toString(),
                Join.parse("sku=sku", "department=department,supplier=supplier"),
                List.of(Condition.parse("units>0")),
                rejects,
                diagram,
                workers);
    }
}
