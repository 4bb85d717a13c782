package dev.sluice.examples.orders;

import dev.sluice.pool.WorkerPool;
import java.nio.file.Path;

/** The write side by itself: a file, its writer, and commands. */
final class Ledger implements AutoCloseable {
    final Database database;
    final Journal journal;
    final EventStore store;
    final WorkerPool pool;
    final Commands commands;

    Ledger(Path folder) throws Exception {
        database = Database.file(folder.resolve("shop.db"), "schema.sql");
        journal = new Journal(database, "journal", true, () -> {});
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
