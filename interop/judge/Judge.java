import java.io.BufferedReader;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * Asks veraPDF about files: java Judge.java, then on its input a line "PROFILE FILE" for each. It
 * answers with "ok" or each broken rule, or what stopped it, and then an empty line.
 */
class Judge {
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static final Map<String, ValidationProfile> PROFILES = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader questions =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String question;
        while ((question = questions.readLine()) != null) {
            String[] parts = question.split(" ", 2);
            try {
                judge(profile(parts[0]), new File(parts[1]));
            } catch (Exception error) {
                OUT.println("stopped: " + error.toString().replace('\n', ' '));
            }
            OUT.println();
        }
    }

    private static ValidationProfile profile(String name) throws Exception {
        if (!PROFILES.containsKey(name)) {
            String resource = "org/verapdf/pdfa/validation/" + name + ".xml";
            try (InputStream stream = Judge.class.getClassLoader().getResourceAsStream(resource)) {
                PROFILES.put(name, Profiles.profileFromXml(stream));
            }
        }
        return PROFILES.get(name);
    }

    private static void judge(ValidationProfile profile, File file) throws Exception {
        try (PDFAParser parser =
                        Foundries.defaultInstance().createParser(file, profile.getPDFAFlavour());
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            for (TestAssertion assertion : result.getTestAssertions()) {
                String broken =
                        String.format(
                                "%s-%d %s: %s",
                                assertion.getRuleId().getClause(),
                                assertion.getRuleId().getTestNumber(),
                                assertion.getMessage(),
                                assertion.getLocation().getContext());
                OUT.println(broken.replace('\n', ' '));
            }
            if (result.isCompliant()) {
                OUT.printf("ok: %d checks%n", result.getTotalAssertions());
            }
        }
    }
}
