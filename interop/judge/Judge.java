import java.io.File;
import java.io.InputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/** Asks veraPDF about a file: java Judge.java PROFILE FILE; prints "ok" or each broken rule. */
class Judge {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        ValidationProfile profile;
        String resource = "org/verapdf/pdfa/validation/" + arguments[0] + ".xml";
        try (InputStream stream = Judge.class.getClassLoader().getResourceAsStream(resource)) {
            profile = Profiles.profileFromXml(stream);
        }
        File file = new File(arguments[1]);
        try (PDFAParser parser =
                        Foundries.defaultInstance().createParser(file, profile.getPDFAFlavour());
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            for (TestAssertion assertion : result.getTestAssertions()) {
                System.out.printf(
                        "%s-%d %s: %s%n",
                        assertion.getRuleId().getClause(),
                        assertion.getRuleId().getTestNumber(),
                        assertion.getMessage(),
                        assertion.getLocation().getContext());
            }
            if (result.isCompliant()) {
                System.out.printf("ok: %d checks%n", result.getTotalAssertions());
            }
        }
    }
}
