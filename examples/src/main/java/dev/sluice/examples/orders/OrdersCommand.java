package dev.sluice.examples.orders;

import dev.sluice.examples.io.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of {@code orders}. */
@Command(
        name = "orders",
        header = "A shop with commands and events, for a browser and for programs.",
        description = {
            "",
            "Takes orders over HTTP on the loopback interface. Each leads through inventory, payment and confirmation; what"
                    + " has happened is kept as events, and what is shown is made of them. The page at the address that is"
                    + " printed shows orders move, the stock, what has failed, and where the pipeline waits. The books"
                    + " survive a killed process; each order ends once.",
            ""
        },
        footer = {
            "",
            "Example: ten thousand orders, through the pipeline and one event at a time",
            "  java -jar examples.jar orders --load 10000",
            "",
            "Exit status: 0 measured, 2 not begun. Without --load it runs until it is stopped."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = dev.sluice.examples.Version.class)
public final class OrdersCommand implements Callable<Integer> {
    /** So many orders are placed before the measurement: a virtual machine that has just started is slow. */
    private static final int WARM_UP = 3000;

    private static final double ALLOWED = Processing.PERMITS * 1000.0 / 20;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "where to listen; 0 for any that is free (default: 8080)")
    private int port = 8080;

    @Option(names = "--data", paramLabel = "FOLDER", description = "where the books are (default: target/orders)")
    private Path data = Path.of("target", "orders");

    @Option(
            names = "--jdbc",
            paramLabel = "URL",
            description = "keep the books on a PostgreSQL server: jdbc:postgresql://HOST/DATABASE?user=...")
    private @Nullable String jdbc;

    @Option(
            names = "--load",
            paramLabel = "N",
            description = "place N orders and say how long they took, instead of listening")
    private int load;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    public OrdersCommand() {}

    @Override
    public Integer call() throws Exception {
        if (port < 0 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port must be from 0 to 65535 but was " + port);
        }
        if (load < 0) {
            throw new ParameterException(spec.commandLine(), "--load must not be negative but was " + load);
        }
        if (jdbc != null && !jdbc.startsWith("jdbc:postgresql:")) {
            throw new ParameterException(spec.commandLine(), "--jdbc must begin with jdbc:postgresql: but was " + jdbc);
        }
        if (load > 0) {
            measure();
        } else {
            serve();
        }
        return 0;
    }

    private Shop open() {
        try {
            return jdbc != null ? Shop.onServer(jdbc) : Shop.inFolder(data);
        } catch (SQLException e) {
            throw new CommandFailure("the books cannot be opened", new IOException(e.getMessage(), e));
        } catch (IOException e) {
            throw new CommandFailure("the books in " + data + " cannot be opened", e);
        }
    }

    /** Until the process is told to end. */
    private void serve() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            told.countDown();
            awaitQuietly(done);
        }));
        try (Shop shop = open()) {
            Samples.list(shop);
            // A service that takes orders and handles none must not go on: after the next start they are handled.
            CompletableFuture<?> handled = shop.start().whenComplete((nothing, failure) -> told.countDown());
            try (HttpService service = new HttpService(shop, port)) {
                System.out.println("open " + service.address() + " (end with Ctrl-C)");
                told.await();
            }
            if (handled.isCompletedExceptionally()) {
                throw new CommandFailure("events are not handled any more: start again");
            }
        } finally {
            done.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch done) {
        try {
            // The process ends when this returns; what is not written by then is done at the next start.
            done.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void measure() throws Exception {
        String name = "load-" + Long.toString(System.currentTimeMillis(), 36);
        try (Shop shop = open()) {
            shop.start();
            new Load(shop, name + "-first").run(Math.min(load, WARM_UP));
            Load.Result result = new Load(shop, name).run(load);
            result.print(System.out, "through the pipeline:");
            System.out.printf(
                    Locale.ROOT,
                    "%.0f %% of the %.0f a second that the provider allows%n%n%s%n%n",
                    100 * result.perSecond() / ALLOWED,
                    ALLOWED,
                    shop.stats());
        }
        try (Shop shop = open()) {
            new Load(shop, name + "-alone").runAlone(Math.max(1, load / 50)).print(System.out, "one event at a time:");
        }
    }
}
