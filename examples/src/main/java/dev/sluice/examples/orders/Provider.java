package dev.sluice.examples.orders;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A payment provider, as far as a shop can tell: slow, sometimes gone, sometimes gone after it has taken the money. It keeps
 * books of its own, and takes the money for a payment once, however often it is asked to.
 */
final class Provider implements AutoCloseable {
    /** It takes no more than this at a time. */
    static final long LIMIT = 100_000;
    /** Of so many cards one is refused. */
    private static final int CARDS = 50;

    private final Database database;
    private final Journal journal;
    private volatile Mood mood = new Mood(20, false, 0.02);

    Provider(Database database) throws SQLException {
        this.database = database;
        this.journal = new Journal(database, "provider-journal", false, () -> {});
    }

    /**
     * How it is today.
     *
     * @param millis what a call takes
     * @param outage every call fails
     * @param lost the share of answers that are lost, from 0 to 1
     */
    record Mood(long millis, boolean outage, double lost) {}

    /** What it says about a payment, the same each time. */
    record Answer(boolean taken, String reason) {}

    /** It has not answered: nobody knows what it has done. */
    static final class NoAnswer extends Exception {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message) {
            super(message);
        }
    }

    Mood mood() {
        return mood;
    }

    void mood(Mood next) {
        mood = next;
    }

    /** Takes the money for a payment, or declines to. */
    Answer charge(String payment, long amount) throws NoAnswer, SQLException, InterruptedException {
        long start = System.nanoTime();
        Mood today = mood;
        Optional<Answer> answer = today.outage() ? Optional.empty() : Optional.of(settled(payment, amount));
        long left = TimeUnit.MILLISECONDS.toNanos(today.millis()) - (System.nanoTime() - start);
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
        if (ThreadLocalRandom.current().nextDouble() < today.lost()) {
            throw new NoAnswer("the provider's answer was lost");
        }
        return answer.orElseThrow(() -> new NoAnswer("the provider does not answer"));
    }

    private Answer settled(String payment, long amount) throws SQLException, InterruptedException {
        Optional<Answer> before = known(payment);
        if (before.isPresent()) {
            return before.get();
        }
        String reason = amount > LIMIT ? "over the limit" : refuses(payment) ? "card refused" : "";
        int taken = reason.isEmpty() ? 1 : 0;
        journal.commit(List.of(Sql.CHARGE.with(payment, amount, taken, reason, System.currentTimeMillis())));
        return known(payment).orElseThrow();
    }

    /** Whether the card of this payment is one that is refused, as every so many are. */
    static boolean refuses(String payment) {
        return Math.floorMod(payment.hashCode() * 31, CARDS) == 0;
    }

    private Optional<Answer> known(String payment) throws SQLException {
        String sql = "SELECT taken, reason FROM charges WHERE payment = ?";
        return database.query(row -> new Answer(row.getInt(1) == 1, row.getString(2)), sql, payment).stream()
                .findFirst();
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        journal.close();
        database.close();
    }
}
