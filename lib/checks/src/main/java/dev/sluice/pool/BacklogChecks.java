package dev.sluice.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * jcstress tests of a pool's backlog and its workers' runs, without threads of the pool: each entry is begun once, by one, and
 * the accounts are those of one moment.
 */
public final class BacklogChecks {
    private BacklogChecks() {}

    /** A backlog and two workers; the first has claimed an entry, and more lie in the cells. */
    static class Claimed {
        final QueuedPool pool = new QueuedPool("checked", 2, 8, OnFull.REJECT, Thread::new);
        final Backlog backlog = pool.backlog;
        final Worker owner = new Worker(pool);
        final Worker other = new Worker(pool);
        final Runnable entry = () -> {};

        Claimed(int entries) {
            backlog.join(owner);
            backlog.join(other);
            for (int i = 0; i < entries; i++) {
                backlog.offer(entry);
            }
        }

        static int begin(Worker worker) {
            return worker.begin() == null ? 0 : 1;
        }

        int claimAndBegin(Worker worker) {
            return backlog.claim(worker, 1, 2) ? begin(worker) : 0;
        }

        int stealAndBegin(Worker thief) {
            return backlog.steal(thief) ? begin(thief) : 0;
        }
    }

    /** What is claimed is begun by its owner or by a thief. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "begun twice, or by nobody")
    @State
    public static class BeginOrSteal extends Claimed {
        /** One entry, claimed by the owner. */
        public BeginOrSteal() {
            super(1);
            backlog.claim(owner, 1, 2);
        }

        /** Begins it. */
        @Actor
        public void begin(II_Result r) {
            r.r1 = begin(owner);
        }

        /** Steals it. */
        @Actor
        public void steal(II_Result r) {
            r.r2 = stealAndBegin(other);
        }
    }

    /** The owner begins its run and claims another while a thief steals: an old look at the run takes nothing new. */
    @JCStressTest
    @Outcome(id = "2, 0, 0", expect = ACCEPTABLE)
    @Outcome(id = "1, 1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "begun twice, or by nobody")
    @State
    public static class RefillAgainstSteal extends Claimed {
        /** Two entries, one of them claimed. */
        public RefillAgainstSteal() {
            super(2);
            backlog.claim(owner, 1, 2);
        }

        /** Begins what is claimed, and what is left. */
        @Actor
        public void begin(III_Result r) {
            r.r1 = begin(owner);
            r.r1 += claimAndBegin(owner);
        }

        /** Steals once. */
        @Actor
        public void steal(III_Result r) {
            r.r2 = stealAndBegin(other);
        }

        /** Whether anything is left. */
        @Arbiter
        public void look(III_Result r) {
            if (r.r1 + r.r2 == 1) {
                r.r1 += claimAndBegin(owner);
            }
            r.r3 = (int) backlog.snapshot().queued;
        }
    }

    /** A claimed task is begun or cancelled. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class BeginOrWithdraw extends Claimed {
        private final Task<?> task = Task.executed(pool, entry);

        /** One task, claimed by the owner. */
        public BeginOrWithdraw() {
            super(0);
            backlog.offer(task);
            backlog.claim(owner, 1, 2);
        }

        /** Begins it. */
        @Actor
        public void begin(II_Result r) {
            r.r1 = begin(owner);
        }

        /** Takes it out. */
        @Actor
        public void withdraw(II_Result r) {
            r.r2 = backlog.withdraw(task, Phase.CANCELLED) ? 1 : 0;
        }
    }

    /** Two claim at the same time. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class TwoClaims extends Claimed {
        /** Two entries. */
        public TwoClaims() {
            super(2);
        }

        /** Claims one. */
        @Actor
        public void one(II_Result r) {
            r.r1 = claimAndBegin(owner);
        }

        /** Claims the other. */
        @Actor
        public void other(II_Result r) {
            r.r2 = claimAndBegin(other);
        }
    }

    /** Of two that want the last place one gets it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class LastPlace extends Claimed {
        /** One place is left. */
        public LastPlace() {
            super(7);
        }

        /** Wants it. */
        @Actor
        public void one(II_Result r) {
            r.r1 = backlog.offer(entry) == Backlog.Offer.ACCEPTED ? 1 : 0;
        }

        /** Wants it, too. */
        @Actor
        public void other(II_Result r) {
            r.r2 = backlog.offer(entry) == Backlog.Offer.ACCEPTED ? 1 : 0;
        }
    }

    /** The place of an entry that is begun is free. */
    @JCStressTest
    @Outcome(
            id = {"1, 0, 7", "1, 1, 8"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN)
    @State
    public static class RoomMade extends Claimed {
        /** The queue is full, and an entry of it is claimed. */
        public RoomMade() {
            super(8);
            backlog.claim(owner, 1, 2);
        }

        /** Begins it. */
        @Actor
        public void begin(III_Result r) {
            r.r1 = begin(owner);
        }

        /** Wants its place. */
        @Actor
        public void offer(III_Result r) {
            r.r2 = backlog.offer(entry) == Backlog.Offer.ACCEPTED ? 1 : 0;
        }

        /** How many there are. */
        @Arbiter
        public void look(III_Result r) {
            r.r3 = (int) backlog.snapshot().queued;
        }
    }

    /** What is claimed and not begun takes up its place, at each moment. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "more than the capacity")
    @State
    public static class OfferBesideAClaim extends Claimed {
        /** The queue is full. */
        public OfferBesideAClaim() {
            super(8);
        }

        /** Claims. */
        @Actor
        public void claim(II_Result r) {
            r.r1 = backlog.claim(owner, 1, 2) ? 1 : 0;
        }

        /** Wants a place. */
        @Actor
        public void offer(II_Result r) {
            r.r2 = backlog.offer(entry) == Backlog.Offer.ACCEPTED ? 1 : 0;
        }
    }

    /** What is accepted before the end is found by it. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "0, 0"},
            expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "accepted, and forgotten")
    @State
    public static class OfferOrClose extends Claimed {
        /** Nothing there. */
        public OfferOrClose() {
            super(0);
        }

        /** Offers. */
        @Actor
        public void offer(II_Result r) {
            r.r1 = backlog.offer(entry) == Backlog.Offer.ACCEPTED ? 1 : 0;
        }

        /** Closes, and takes out what there is. */
        @Actor
        public void close(II_Result r) {
            backlog.close();
            r.r2 = backlog.clear(Phase.CANCELLED).size();
        }
    }

    /** The accounts add up at every moment. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE)
    @Outcome(expect = FORBIDDEN, desc = "counted twice, or not at all")
    @State
    public static class AccountsOfOneMoment extends Claimed {
        /** One entry. */
        public AccountsOfOneMoment() {
            super(1);
        }

        /** Claims, begins and ends it. */
        @Actor
        public void run(II_Result r) {
            r.r1 = claimAndBegin(owner);
            owner.ended(Ending.SUCCEEDED);
        }

        /** Looks. */
        @Actor
        public void look(II_Result r) {
            Tally seen = backlog.snapshot();
            r.r2 = (int) (seen.queued + seen.running + seen.succeeded);
        }
    }
}
