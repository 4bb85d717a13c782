package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sluice.internal.Check;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the module descriptor promises; the tests themselves run on the class path, where nobody else would ask. */
@Timeout(180)
class ModuleTest {
    private final ModuleDescriptor module = descriptor();

    @Test
    void isCalledDevSluice() {
        assertThat(module.name()).isEqualTo("dev.sluice");
        assertThat(module.isOpen()).isFalse();
    }

    @Test
    void exportsExactlyThePackagesThatHavePublicTypesAndAreNotInternal() {
        Set<String> exported = module.exports().stream().map(Exports::source).collect(Collectors.toSet());

        assertThat(module.exports()).as("exported to everybody").noneMatch(Exports::isQualified);
        assertThat(exported).isEqualTo(packagesWithPublicTypes());
    }

    @Test
    void requiresNothingAtRunTimeButTheJdkAndSlf4j() {
        Set<String> required = module.requires().stream()
                .filter(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
                .map(Requires::name)
                .collect(Collectors.toSet());

        assertThat(required).containsExactlyInAnyOrder("java.base", "org.slf4j");
    }

    private static Set<String> packagesWithPublicTypes() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.sluice").stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getPackageName)
                        .filter(name -> !name.equals("dev.sluice.internal"))
                        .collect(Collectors.toSet());
    }

    private static ModuleDescriptor descriptor() {
        try {
            Path classes = Path.of(Check.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
                return ModuleDescriptor.read(in);
            }
        } catch (IOException | URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
