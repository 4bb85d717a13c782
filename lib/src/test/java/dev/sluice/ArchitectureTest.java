package dev.sluice;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.core.domain.properties.HasModifiers.Predicates.modifier;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the layout, each with its reason. What the module exports is the matter of {@link ModuleTest}. */
@Timeout(180)
class ArchitectureTest {
    private static final JavaClasses LIBRARY = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sluice");

    static Stream<Arguments> neighbours() {
        return Stream.of(
                Arguments.of("internal", "what is shared stands below everything that shares it", new String[0]),
                Arguments.of("queue", "a queue is of use without the rest", new String[] {"internal"}),
                Arguments.of("gate", "a gate is of use without the rest", new String[] {"internal"}),
                Arguments.of(
                        "pool",
                        "a pool is built of a gate and a queue, and knows nothing of stages",
                        new String[] {"gate", "queue", "internal"}),
                Arguments.of(
                        "pipeline",
                        "a pipeline is built of all the others, and none of them needs it",
                        new String[] {"pool", "gate", "queue", "internal"}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("neighbours")
    void packageKnowsOnlyThoseBelowIt(String name, String reason, String[] below) {
        Stream<String> ours = Stream.concat(Stream.of(name), Stream.of(below)).map(other -> "dev.sluice." + other);
        String[] known = Stream.concat(ours, Stream.of("java..", "jdk.jfr..", "org.slf4j..", "org.jspecify.."))
                .toArray(String[]::new);

        check(classes()
                .that()
                .resideInAPackage("dev.sluice." + name)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(known)
                .because(reason + ", and the library brings its users nothing but slf4j"));
    }

    @Test
    void everyClassIsInOneOfThePackages() {
        check(classes()
                .should()
                .resideInAnyPackage(
                        "dev.sluice.internal",
                        "dev.sluice.queue",
                        "dev.sluice.gate",
                        "dev.sluice.pool",
                        "dev.sluice.pipeline")
                .because("each package is a concept, and these are the concepts"));
    }

    @Test
    void packagesFormNoCircle() {
        check(slices().matching("dev.sluice.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a circle of packages can only be understood, tested and changed as a whole"));
    }

    @Test
    void publicClassesAreNotOpenForSubclasses() {
        check(classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areNotAssignableTo(Throwable.class)
                .should()
                .haveModifier(FINAL)
                .because("a subclass could break an invariant that a lock guards, and would bind us to our internals"));
    }

    @Test
    void noMethodIsSynchronized() {
        check(noMethods()
                .should()
                .haveModifier(SYNCHRONIZED)
                .because("a monitor held while a virtual thread blocks pins its carrier on JDK 21 to 23,"
                        + " and the monitor of a public object can be held by anybody"));
    }

    @Test
    void nobodySleeps() {
        check(noClasses()
                .should()
                .callMethodWhere(target(owner(name("java.lang.Thread"))).and(target(name("sleep"))))
                .because("whoever waits for something is woken by it; a nap is either too long or too short"));
    }

    @Test
    void nobodyUsesTheTimersOfTheJdk() {
        check(noClasses()
                .should()
                .callMethodWhere(target(owner(name("java.util.concurrent.CompletableFuture")))
                        .and(target(name("orTimeout"))
                                .or(target(name("completeOnTimeout")))
                                .or(target(name("delayedExecutor")))))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Timer")
                .because("their thread never ends and keeps the class loader of whoever used it first; Clock's ends"));
    }

    @Test
    void nobodyExecutesOrRevivesWhatHeReads() {
        check(
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .haveNameMatching("java\\.io\\.(ObjectInput|ObjectInputStream|Externalizable)"
                                + "|java\\.beans\\.XML.*|javax\\.script\\..*|javax\\.naming\\..*|java\\.rmi\\..*"
                                + "|java\\.net\\.URLClassLoader|java\\.lang\\.(Process|ProcessBuilder)")
                        .orShould()
                        .callMethodWhere(target(owner(name("java.lang.Runtime")))
                                .and(target(name("exec"))
                                        .or(target(name("load")))
                                        .or(target(name("loadLibrary")))))
                        .orShould()
                        .callMethodWhere(target(name("defineClass")))
                        .because(
                                "an item is the user's own: the library hands it on, and neither runs it nor makes objects of it"));
    }

    @Test
    void nobodyInheritsThreadLocals() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.InheritableThreadLocal")
                .orShould()
                .callConstructor(Thread.class, Runnable.class)
                .orShould()
                .callConstructor(Thread.class, Runnable.class, String.class)
                .orShould()
                .callConstructor(Thread.class, String.class)
                .because("a thread that inherits what its maker's thread had keeps it, and its class loader, alive"));
    }

    @Test
    void nobodyPrints() {
        check(noClasses()
                .should(ACCESS_STANDARD_STREAMS)
                .because("the streams belong to the program; the library speaks through slf4j"));
    }

    @Test
    void namesSayWhatAClassIs() {
        check(noClasses()
                .should()
                .haveNameMatching(".*(Util|Utils|Helper|Manager|Impl)(\\$.*)?")
                .because("such a name says that the class has no one thing to do"));
    }

    @Test
    void noFieldIsPublicAndMutable() {
        check(fields().that().arePublic().should().beFinal().because("a limit that anybody may write is no limit"));
    }

    @Test
    void apiMentionsOnlyTheJdkAndItself() {
        check(codeUnits()
                .that()
                .areDeclaredInClassesThat(arePartOfTheApi())
                .and(modifier(PUBLIC).or(modifier(PROTECTED)))
                .should(mentionOnly(resideInAPackage("java..").or(arePartOfTheApi())))
                .because("a type that its user cannot name is of no use to him"));
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(LIBRARY);
    }

    private static DescribedPredicate<JavaClass> arePartOfTheApi() {
        return DescribedPredicate.describe(
                "are part of the API",
                type -> type.getModifiers().contains(PUBLIC)
                        && type.getPackageName().startsWith("dev.sluice.")
                        && !type.getPackageName().equals("dev.sluice.internal")
                        && type.getEnclosingClass().map(arePartOfTheApi()::test).orElse(true));
    }

    private static ArchCondition<JavaCodeUnit> mentionOnly(DescribedPredicate<? super JavaClass> allowed) {
        return new ArchCondition<>("mention only types that " + allowed.getDescription()) {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream())
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                        .map(JavaClass::getBaseComponentType)
                        .filter(type -> !type.isPrimitive() && !allowed.test(type))
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                unit, unit.getDescription() + " mentions " + type.getName())));
            }
        };
    }
}
