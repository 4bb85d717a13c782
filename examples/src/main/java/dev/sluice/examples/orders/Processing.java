package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Payments.Charged;
import dev.sluice.gate.Gate;
import dev.sluice.pipeline.FanOut;
import dev.sluice.pipeline.OnError;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.Retry;
import dev.sluice.pipeline.Route;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens with each event: it goes to every handler that wants it, and is taken out of the outbox when all of them
 * are done. Events of one product, or of one order, are handled in their order; what fails is tried again, and in the end
 * kept as a dead letter.
 */
final class Processing {
    /** How many payments the provider lets the shop make at a time. */
    static final int PERMITS = 16;

    private static final Retry A_WHILE =
            Retry.times(5).backoff(Duration.ofMillis(20), Duration.ofSeconds(1)).jitter(0.5);
    private static final Retry ALWAYS =
            Retry.times(Integer.MAX_VALUE).backoff(Duration.ofMillis(50), Duration.ofSeconds(5));
    private static final int WORKERS = 16;

    private final Inventory inventory;
    private final Payments payments;
    private final Confirmation confirmation;
    private final Views views;
    private final DeadLetters letters;
    private final Gate gate = Gate.builder().name("provider").permits(PERMITS).build();

    Processing(Commands commands, Provider provider, Views views, DeadLetters letters) {
        this.inventory = new Inventory(commands);
        this.payments = new Payments(provider, commands);
        this.confirmation = new Confirmation(commands);
        this.views = views;
        this.letters = letters;
    }

    Pipeline<@Nullable Void> pipeline(Outbox outbox) {
        OnError keep = OnError.deadLetter(letters::add);
        FanOut<Recorded> events = Pipeline.fromSource(outbox).name("orders").fanOut("events", Route.broadcast());
        Pipeline<@Nullable Void> stock = events.branch(Inventory::wants)
                .forEach(
                        "inventory",
                        inventory::handle,
                        s -> s.workers(WORKERS)
                                .orderedBy(Inventory::product)
                                .retry(A_WHILE)
                                .onError(keep));
        Pipeline<@Nullable Void> money = events.branch(Payments::wants)
                .stage(
                        "charge",
                        payments::charge,
                        s -> s.workers(PERMITS + 4)
                                .gate(gate)
                                .timeLimit(Duration.ofSeconds(10))
                                .orderedBy(Payments::order)
                                .retry(A_WHILE)
                                .onError(keep))
                .forEach(
                        "payment",
                        payments::settle,
                        s -> s.workers(WORKERS)
                                .orderedBy(Charged::order)
                                .retry(A_WHILE)
                                .onError(keep));
        Pipeline<@Nullable Void> end = events.branch(Confirmation::wants)
                .forEach(
                        "confirmation",
                        confirmation::handle,
                        s -> s.workers(WORKERS)
                                .orderedBy(Confirmation::order)
                                .retry(A_WHILE)
                                .onError(keep));
        // In the order of all events, so that it is enough to know how far the views have come.
        Pipeline<@Nullable Void> read = events.branch()
                .batch(256, Duration.ofMillis(5))
                .forEach("views", views::show, s -> s.ordered().retry(ALWAYS));
        return stock.with(money).with(end).with(read);
    }

    /** The same for one event, here and now: what the pipeline is measured against. */
    void handleAlone(Recorded event) throws Exception {
        if (Inventory.wants(event)) {
            inventory.handle(event);
        }
        if (Payments.wants(event)) {
            payments.settle(chargeAlone(event));
        }
        if (Confirmation.wants(event)) {
            confirmation.handle(event);
        }
        views.show(List.of(event));
    }

    private Charged chargeAlone(Recorded event) throws Exception {
        while (true) {
            try {
                return payments.charge(event);
            } catch (Provider.NoAnswer e) {
                // Asked again, as often as it takes.
            }
        }
    }
}
