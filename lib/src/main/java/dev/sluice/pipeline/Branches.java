package dev.sluice.pipeline;

import java.util.List;

/** The branches of a stage that fans out, and the steps that share items out among them. Belong to one worker. */
final class Branches {
    /** What comes of an item that no branch accepts. One for all of a stage's items, and so without a place. */
    static final class NoBranch extends RuntimeException {
        private static final long serialVersionUID = 1;

        NoBranch(String stage) {
            super("no branch of '" + stage + "' accepts the item", null, false, false);
        }
    }

    private final List<StagePredicate<Object>> conditions;
    private final List<Emitter> branches;
    private final Pass pass;
    private final NoBranch noBranch;

    Branches(String stage, List<StagePredicate<Object>> conditions, List<Emitter> branches, Pass pass) {
        this.conditions = conditions;
        this.branches = branches;
        this.pass = pass;
        this.noBranch = new NoBranch(stage);
    }

    private boolean accepts(int branch, Object item) throws Exception {
        return conditions.get(branch).test(item);
    }

    private boolean push(int branch, Object item) throws Exception {
        return Emitter.push(branches.get(branch), item);
    }

    static final class ToAll extends Emitter {
        private final Branches to;

        ToAll(Branches to) {
            this.to = to;
        }

        @Override
        boolean emit(Object item) throws Exception {
            boolean accepted = false;
            for (int i = 0; i < to.branches.size(); i++) {
                if (to.accepts(i, item)) {
                    accepted = true;
                    if (!to.push(i, item)) {
                        return false;
                    }
                }
            }
            if (!accepted) {
                throw to.noBranch;
            }
            return true;
        }
    }

    static final class ToFirst extends Emitter {
        private final Branches to;

        ToFirst(Branches to) {
            this.to = to;
        }

        @Override
        boolean emit(Object item) throws Exception {
            for (int i = 0; i < to.branches.size(); i++) {
                if (to.accepts(i, item)) {
                    return to.push(i, item);
                }
            }
            throw to.noBranch;
        }
    }

    static final class InTurn extends Emitter {
        private final Branches to;
        private int next;

        InTurn(Branches to) {
            this.to = to;
        }

        @Override
        boolean emit(Object item) throws Exception {
            int count = to.branches.size();
            for (int i = 0; i < count; i++) {
                int branch = next;
                next = (next + 1) % count;
                if (to.accepts(branch, item)) {
                    return to.push(branch, item);
                }
            }
            throw to.noBranch;
        }
    }

    static final class ByKey extends Emitter {
        private final Branches to;
        private final StageFunction<Object, Object> keyOf;

        ByKey(Branches to, StageFunction<Object, Object> keyOf) {
            this.to = to;
            this.keyOf = keyOf;
        }

        @Override
        boolean emit(Object item) throws Exception {
            int hash = to.pass.notNull("the key", keyOf.apply(item)).hashCode();
            // Many hash codes differ in their upper bits only.
            int branch = Math.floorMod(hash ^ (hash >>> 16), to.branches.size());
            if (!to.accepts(branch, item)) {
                throw to.noBranch;
            }
            return to.push(branch, item);
        }
    }
}
