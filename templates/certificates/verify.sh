#!/usr/bin/env bash
# Verify certificate.pdf without any program of the registrar's: coreutils, openssl, pdfsig, pdfdetach.
# Run it in this folder: bash verify.sh. What each part proves, and what it does not, stands in
# READ-ME. It writes only files of its own beside the certificate.

set -euo pipefail
sed -n 's/^extra //p' certificate.pdf.tlog-proof | base64 --decode > entry.json
grep -qE '"kind":"(certificate|document)[.]issued/1"' entry.json
digest=$(sha256sum certificate.pdf | cut -d ' ' -f 1)
grep -q "\"sha256\":\"$digest\"" entry.json
echo "1. the entry names this file"

hash() { openssl dgst -sha256 -binary; }

climb() { # climb INDEX SIZE: from the hash in `node` over those on standard input to the root
  local index=$1 last=$(($2 - 1)) sibling
  [ "$index" -le "$last" ]
  while read -r sibling; do
    base64 --decode <<< "$sibling" > sibling
    if [ $((index % 2)) = 1 ] || [ "$index" = "$last" ]; then
      { printf '\1'; cat sibling node; } | hash > parent
      until [ $((index % 2)) = 1 ] || [ "$index" = 0 ]; do
        index=$((index / 2)) last=$((last / 2))
      done
    else
      { printf '\1'; cat node sibling; } | hash > parent
    fi
    mv parent node
    index=$((index / 2)) last=$((last / 2))
  done
  [ "$last" = 0 ]
}

check_proof() { # check_proof PROOF: the entry in it leads to the root in it, and that is signed
  sed '1,/^$/d' "$1" > checkpoint
  { printf '\0'; sed -n 's/^extra //p' "$1" | base64 --decode; } | hash > node
  climb "$(sed -n 's/^index //p' "$1")" "$(sed -n 2p checkpoint)" \
    < <(sed -n '/^index /,/^$/p' "$1" | sed '1d;$d')
  [ "$(base64 < node)" = "$(sed -n 3p checkpoint)" ]
  check_checkpoint
}

check_checkpoint() { # the log's key has signed what stands in `checkpoint`
  sed '/^$/,$d' checkpoint > signed_text
  [ "$(head -n 1 signed_text)" = "$(cut -d + -f 1 log_key.txt)" ]
  sed -n "s|^— $(cut -d + -f 1 log_key.txt) ||p" checkpoint | head -n 1 |
    base64 --decode | tail -c 64 > signature
  { printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'
    cut -d + -f 3- log_key.txt | base64 --decode | tail -c 32; } > log_key.der
  openssl pkeyutl -verify -pubin -keyform DER -inkey log_key.der -rawin \
    -in signed_text -sigfile signature > /dev/null
}

check_proof certificate.pdf.tlog-proof
echo "2. the ledger holds the entry"

pdfsig certificate.pdf > pdfsig.txt || true
grep -q 'Total document signed' pdfsig.txt
grep -q 'Signature is Valid' pdfsig.txt
[ "$(grep -c '^Signature #' pdfsig.txt)" = 1 ]
pdfsig -dump certificate.pdf > /dev/null
read -r end start < <(
  sed -nE 's/.*Signed Ranges: \[0 - ([0-9]+)\], \[([0-9]+) - .*/\1 \2/p' pdfsig.txt)
{ head -c "$end" certificate.pdf; tail -c "+$((start + 1))" certificate.pdf; } > signed_bytes
openssl cms -verify -cades -inform DER -in certificate.pdf.sig0 -binary -content signed_bytes \
  -CAfile trust.pem -purpose any -out /dev/null 2> /dev/null
openssl asn1parse -inform DER -in certificate.pdf.sig0 > asn1.txt
if grep -q ':id-smime-aa-timeStampToken' asn1.txt; then
  read -r signature token < <(
    sed -nE '/aa-timeStampToken/q;s/^ *([0-9]+):.*OCTET STRING.*/\1/p' asn1.txt | tail -n 1 | tr '\n' ' '
    sed -nE '/aa-timeStampToken/,$s/^ *([0-9]+):.*SEQUENCE.*/\1/p' asn1.txt | head -n 1)
  openssl asn1parse -inform DER -in certificate.pdf.sig0 -strparse "$signature" -noout -out stamped
  openssl asn1parse -inform DER -in certificate.pdf.sig0 -strparse "$token" -noout -out token
  openssl ts -verify -token_in -in token -data stamped -CAfile tsa_trust.pem > /dev/null 2>&1
  openssl ts -reply -token_in -token_out -in token -text 2> /dev/null | grep '^Time stamp:'
fi
echo "3. the seal is intact and trusted"

pdfdetach -savefile statement.json -o statement.json certificate.pdf
grep -q "\"statement_sha256\":\"$(sha256sum statement.json | cut -d ' ' -f 1)\"" entry.json
if grep -q '"kind":"certificate.issued/1"' entry.json; then
  pdfdetach -savefile registration.tlog-proof -o registration.tlog-proof certificate.pdf
  check_proof registration.tlog-proof
  sed -n 's/^extra //p' registration.tlog-proof | base64 --decode > registration.json
  grep -q '"kind":"registration.initial/[123]"' registration.json
  leaf=$({ printf '\0'; cat registration.json; } | sha256sum | cut -d ' ' -f 1)
  grep -q "\"leaf_hash\":\"$leaf\"" statement.json
  if grep -q '"kind":"registration.initial/[23]"' registration.json; then
    pdfdetach -savefile openings.json -o openings.json certificate.pdf
    for opening in $(sed 's/"schema".*//' openings.json | tr -d '[]{}"' | cut -d : -f 2 | tr , ' '); do
      grep -q "\"$(printf %s "$opening" | sha256sum | cut -d ' ' -f 1)\"" registration.json
      printf %s "$opening===" | tr -- -_ +/ | base64 --decode 2> /dev/null || true
      echo
    done
  fi
  echo "4. the statement speaks of a registration that the ledger holds"
else
  pdfdetach -savefile register.checkpoint -o checkpoint certificate.pdf
  check_checkpoint
  root=$(sed -n 3p checkpoint | base64 --decode | od -An -v -tx1 | tr -d ' \n')
  grep -q "\"root_hash\":\"$root\",\"tree_size\":$(sed -n 2p checkpoint)[,}]" statement.json
  echo "4. the statement speaks of a register that the ledger's key has signed for"
fi
cat statement.json
echo

if [ -e certificate.pdf.p7s ] && openssl ecparam -list_curves 2> /dev/null | grep SM2 > /dev/null; then
  identity=distid:1234567812345678
  openssl cms -verify -inform DER -in certificate.pdf.p7s -binary -content certificate.pdf \
    -noverify -no_attr_verify -signer sm2_signer.pem -out /dev/null 2> /dev/null
  openssl asn1parse -inform DER -in certificate.pdf.p7s > asn1.txt
  attributes=$(sed -nE 's/^ *([0-9]+):d=5 .*cont \[ 0 \].*/\1/p' asn1.txt)
  signature=$(sed -nE 's/^ *([0-9]+):d=5 .*OCTET STRING.*/\1/p' asn1.txt)
  openssl asn1parse -inform DER -in certificate.pdf.p7s -strparse "$attributes" -noout -out attributes
  openssl asn1parse -inform DER -in certificate.pdf.p7s -strparse "$signature" -noout -out signature
  { printf '\x31'; tail -c +2 attributes; } > signed_attributes
  openssl x509 -in sm2_signer.pem -noout -pubkey > sm2_key.pem
  openssl pkeyutl -verify -pubin -inkey sm2_key.pem -rawin -digest sm3 -pkeyopt "$identity" \
    -in signed_attributes -sigfile signature > /dev/null
  openssl verify -partial_chain -vfyopt "$identity" -trusted sm2_chain.pem sm2_signer.pem > /dev/null
  echo "5. the SM2 signature is over this file and leads to sm2_chain.pem"
fi
