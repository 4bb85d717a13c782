package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Desk.ListProduct;
import dev.sluice.examples.orders.Desk.PlaceOrder;
import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import dev.sluice.pool.OnFailure;
import dev.sluice.pool.TaskGroup;
import dev.sluice.pool.WorkerPool;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Places orders as fast as they are dealt with, and measures how long each takes: from its customer's call until the views
 * show that it is confirmed or rejected.
 */
final class Load {
    /** Orders under way at a time: some more than the payments that are allowed at a time. */
    private static final int UNDER_WAY = 64;

    private static final int CUSTOMERS = 16;
    private static final int PRODUCTS = 40;

    private final Shop shop;
    private final String name;
    private final Histogram micros = new ConcurrentHistogram(3);
    private final Map<String, Started> started = new ConcurrentHashMap<>();
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();
    private final Gate underWay = Gate.of(UNDER_WAY);

    /** An order under way. */
    private record Started(long nanos, Permit permit) {}

    /**
     * Load for a shop.
     *
     * @param name begins the ids of its products and orders, which are new ones
     */
    Load(Shop shop, String name) throws Exception {
        this.shop = shop;
        this.name = name;
        shop.onShown(this::shown);
        for (int i = 0; i < PRODUCTS; i++) {
            String product = name + "-" + i;
            shop.desk().list(new ListProduct(product, product, "Load " + i, 100L + i, 1_000_000, List.of("load")));
        }
    }

    /** What came of it. */
    record Result(int orders, int confirmed, int rejected, double seconds, Histogram micros) {
        double perSecond() {
            return orders / seconds;
        }

        void print(PrintStream to, String title) {
            to.printf(
                    Locale.ROOT,
                    "%-22s %,7d orders (%,d confirmed, %,d rejected) in %.1f s: %.0f a second;"
                            + " an order takes %.1f ms (median), %.1f ms (99 of 100)%n",
                    title,
                    orders,
                    confirmed,
                    rejected,
                    seconds,
                    perSecond(),
                    micros.getValueAtPercentile(50) / 1e3,
                    micros.getValueAtPercentile(99) / 1e3);
        }
    }

    /** Through the pipeline. */
    Result run(int orders) throws Exception {
        awaitProducts();
        long start = System.nanoTime();
        try (WorkerPool customers = WorkerPool.builder()
                        .name("customers")
                        .workers(CUSTOMERS)
                        .build();
                TaskGroup<Integer> all = customers.group(OnFailure.FAIL_FAST)) {
            for (int i = 0; i < orders; i++) {
                int number = i;
                Permit permit = underWay.acquire();
                all.submit(() -> place(number, permit));
            }
            all.join();
        }
        // All permits are home when the last order has ended.
        underWay.acquire(UNDER_WAY).close();
        return result(orders, start);
    }

    /** One order after the other, one event after the other. */
    Result runAlone(int orders) throws Exception {
        shop.workAlone();
        long start = System.nanoTime();
        for (int i = 0; i < orders; i++) {
            place(i, underWay.acquire());
            shop.workAlone();
        }
        return result(orders, start);
    }

    /** An order refers to a price that the views must show. */
    private void awaitProducts() throws Exception {
        while (shop.undone() > 0) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private int place(int number, Permit permit) throws Exception {
        String id = name + "-order-" + number;
        started.put(id, new Started(System.nanoTime(), permit));
        shop.desk()
                .place(new PlaceOrder(id, "Load", name + "-" + number % PRODUCTS, 1))
                .orElseThrow();
        return number;
    }

    private void shown(List<Recorded> events) {
        for (Recorded each : events) {
            if (each.event() instanceof Event.OrderConfirmed order) {
                ended(order.order(), confirmed);
            } else if (each.event() instanceof Event.OrderRejected order) {
                ended(order.order(), rejected);
            }
        }
    }

    private void ended(String order, AtomicInteger count) {
        Started begun = started.remove(order);
        if (begun != null) {
            micros.recordValue((System.nanoTime() - begun.nanos()) / 1000);
            count.incrementAndGet();
            begun.permit().close();
        }
    }

    private Result result(int orders, long start) {
        return new Result(orders, confirmed.get(), rejected.get(), (System.nanoTime() - start) / 1e9, micros);
    }
}
