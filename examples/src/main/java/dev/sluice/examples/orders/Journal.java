package dev.sluice.examples.orders;

import dev.sluice.examples.orders.Sql.Change;
import dev.sluice.queue.RingBlockingQueue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of a database. Each transaction is small, and forcing it to the disk is most of its cost; so those that
 * have come while the last group was being committed are committed as the next group. When a group fails, each of its
 * transactions is tried alone: none fails for what another one did.
 */
final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int LARGEST_GROUP = 256;
    /** Longer than a commit ever takes; the writer never stops before those who write, so this is for broken disks. */
    private static final long PATIENCE_SECONDS = 30;

    private final Database database;
    private final boolean alone;
    private final Runnable afterOutbox;
    private final RingBlockingQueue<Transaction> queue = new RingBlockingQueue<>(4096);
    private final Transaction end = new Transaction(List.of());
    private final Map<Sql, PreparedStatement> statements = new EnumMap<>(Sql.class);
    private final Thread thread;
    private Connection connection;

    private record Transaction(List<Change> changes, CompletableFuture<Void> committed) {
        Transaction(List<Change> changes) {
            this(changes, new CompletableFuture<>());
        }

        boolean fillsOutbox() {
            return changes.stream().anyMatch(change -> change.sql() == Sql.OUTBOX);
        }
    }

    /**
     * Starts a writer.
     *
     * @param alone nobody else may write to this database, and this waits for one who still does
     * @param afterOutbox called after each commit that has put something into the outbox
     */
    Journal(Database database, String name, boolean alone, Runnable afterOutbox) throws SQLException {
        this.database = database;
        this.alone = alone;
        this.afterOutbox = afterOutbox;
        this.connection = connected();
        this.thread = new Thread(this::run, name);
        thread.start();
    }

    /**
     * Commits changes, all or none, and waits for it.
     *
     * @throws SQLException when that failed, and when it is not known whether it did
     */
    void commit(List<Change> changes) throws SQLException, InterruptedException {
        Transaction transaction = new Transaction(changes);
        put(transaction);
        try {
            transaction.committed().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new SQLException("the database has not answered for " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SQLException failure ? failure : new SQLException(e.getCause());
        }
    }

    /** Commits changes some time soon; when that fails it is logged, and {@code lost} is called: they may not be written. */
    void later(List<Change> changes, Runnable lost) throws SQLException, InterruptedException {
        Transaction transaction = new Transaction(changes);
        transaction.committed().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("not written: {}", changes, failure);
                lost.run();
            }
        });
        put(transaction);
    }

    private void put(Transaction transaction) throws SQLException, InterruptedException {
        if (!queue.offer(transaction, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new SQLException("the database is busy for " + PATIENCE_SECONDS + " s");
        }
    }

    private void run() {
        Transaction[] taken = new Transaction[LARGEST_GROUP];
        boolean open = true;
        while (open) {
            try {
                int count = queue.takeUpTo(taken, LARGEST_GROUP);
                List<Transaction> group = new ArrayList<>(Arrays.asList(taken).subList(0, count));
                open = !group.remove(end);
                if (!group.isEmpty()) {
                    write(group);
                }
            } catch (InterruptedException e) {
                // Nobody has a reason to; close() says when it is over.
                LOG.warn("interrupted", e);
            }
        }
    }

    private void write(List<Transaction> group) {
        try {
            transact(group);
            group.forEach(transaction -> transaction.committed().complete(null));
            if (group.stream().anyMatch(Transaction::fillsOutbox)) {
                afterOutbox.run();
            }
        } catch (SQLException | RuntimeException e) {
            undo();
            if (group.size() == 1) {
                group.get(0).committed().completeExceptionally(e);
            } else {
                group.forEach(transaction -> write(List.of(transaction)));
            }
        }
    }

    private void transact(List<Transaction> group) throws SQLException {
        Map<Sql, PreparedStatement> used = new EnumMap<>(Sql.class);
        for (Transaction transaction : group) {
            for (Change change : transaction.changes()) {
                PreparedStatement statement = prepared(change.sql());
                Database.bind(statement, change.values());
                statement.addBatch();
                used.put(change.sql(), statement);
            }
        }
        for (PreparedStatement statement : used.values()) {
            statement.executeBatch();
        }
        connection.commit();
    }

    private PreparedStatement prepared(Sql sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql.text());
            statements.put(sql, statement);
        }
        return statement;
    }

    /** Back to a connection on which nothing has been done; to a new one when this one is broken. */
    private void undo() {
        try {
            for (PreparedStatement statement : statements.values()) {
                statement.clearBatch();
            }
            connection.rollback();
        } catch (SQLException e) {
            reconnect(e);
        }
    }

    private void reconnect(SQLException why) {
        LOG.warn("connecting again: {}", why.getMessage());
        statements.clear();
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("a broken connection", e);
        }
        try {
            connection = connected();
        } catch (SQLException e) {
            // The next transaction fails on the closed connection and comes here again.
            LOG.warn("no connection: {}", e.getMessage());
        }
    }

    private Connection connected() throws SQLException {
        Connection opened = database.writer();
        try {
            if (alone) {
                database.claim(opened);
            }
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }

    /** Commits what has been given to it and stops. Nobody may give it anything after that. */
    @Override
    public void close() throws SQLException, InterruptedException {
        queue.put(end);
        thread.join();
        connection.close();
    }
}
