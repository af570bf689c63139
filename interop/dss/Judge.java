import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks EU DSS, offline and by its own policy: java Judge.java FOLDER...; prints a line of JSON for
 * each PDF. Those of a folder are judged by the roots (.pem) and revocation lists (.crl) beside
 * them.
 */
class Judge {
    public static void main(String[] folders) {
        for (String folder : folders) {
            CertificateVerifier verifier = verifier(new File(folder));
            for (File pdf : files(new File(folder), ".pdf")) {
                System.out.println(judged(pdf, verifier));
            }
        }
    }

    private static CertificateVerifier verifier(File folder) {
        CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();
        for (File root : files(folder, ".pem")) {
            roots.addCertificate(DSSUtils.loadCertificate(root));
        }
        DSSDocument[] lists =
                Stream.of(files(folder, ".crl"))
                        .map(FileDocument::new)
                        .toArray(DSSDocument[]::new);
        CertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(roots);
        verifier.setCrlSource(new ExternalResourcesCRLSource(lists));
        verifier.setAIASource(null); // else it would fetch what a file names
        return verifier;
    }

    private static File[] files(File folder, String suffix) {
        File[] files = folder.listFiles((place, name) -> name.endsWith(suffix));
        Arrays.sort(files);
        return files;
    }

    private static String judged(File file, CertificateVerifier verifier) {
        String signatures = "";
        try {
            SignedDocumentValidator validator =
                    SignedDocumentValidator.fromDocument(new FileDocument(file));
            validator.setCertificateVerifier(verifier);
            SimpleReport report = validator.validateDocument().getSimpleReport();
            signatures =
                    report.getSignatureIdList().stream()
                            .map(id -> signature(report, id))
                            .collect(Collectors.joining(","));
        } catch (RuntimeException exception) {
            System.err.println(file.getName() + ": " + exception); // it is no PDF, or a broken one
        }
        return String.format(
                "{\"file\":%s,\"signatures\":[%s]}", quoted(file.getPath()), signatures);
    }

    private static String signature(SimpleReport report, String id) {
        SubIndication subIndication = report.getSubIndication(id);
        return String.format(
                "{\"indication\":\"%s\",\"sub_indication\":\"%s\",\"format\":\"%s\","
                        + "\"errors\":%s,\"warnings\":%s,\"infos\":%s}",
                report.getIndication(id),
                subIndication == null ? "" : subIndication,
                report.getSignatureFormat(id),
                list(report.getAdESValidationErrors(id)),
                list(report.getAdESValidationWarnings(id)),
                list(report.getAdESValidationInfo(id)));
    }

    private static String list(List<Message> messages) {
        return messages.stream()
                .map(message -> quoted(message.getValue()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String quoted(String text) {
        String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"");
        return '"' + escaped.replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
