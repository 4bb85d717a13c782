package dev.sluice.examples.orders;

import dev.sluice.pool.WorkerPool;

/** The write side by itself: a database, its writer, and commands. */
final class Ledger implements AutoCloseable {
    final Database database;
    final Journal journal;
    final EventStore store;
    final WorkerPool pool;
    final Commands commands;

    Ledger(Database database) throws Exception {
        this.database = database;
        journal = new Journal(database, "journal", false, () -> {});
        store = new EventStore(database, journal);
        pool = WorkerPool.builder().name("commands").workers(16).build();
        commands = new Commands(pool, store);
    }

    @Override
    public void close() throws Exception {
        pool.close();
        journal.close();
        database.close();
    }
}
