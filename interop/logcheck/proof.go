package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const proofHeader = "c2sp.org/tlog-proof@v1\n"

// checkProofFile checks a C2SP tlog-proof whose extra line is the entry itself.
func checkProofFile(key note.Verifier, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	head, signed, found := strings.Cut(string(content), "\n\n")
	if !found {
		return "", errors.New("the proof has no checkpoint")
	}
	tree, err := openCheckpoint([]byte(signed), key)
	if err != nil {
		return "", err
	}
	entry, index, proof, err := parseProof(head)
	if err != nil {
		return "", err
	}
	leaf := tlog.RecordHash(entry)
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
		return "", err
	}
	return fmt.Sprintf("ok: entry %d is in the log of %d entries", index, tree.N), nil
}

func parseProof(head string) ([]byte, int64, tlog.RecordProof, error) {
	rest, isProof := strings.CutPrefix(head, proofHeader)
	lines := strings.Split(rest, "\n")
	if !isProof || len(lines) < 2 {
		return nil, 0, nil, errors.New("not a proof: a header, an extra line and an index line begin it")
	}
	extra, hasEntry := strings.CutPrefix(lines[0], "extra ")
	number, hasIndex := strings.CutPrefix(lines[1], "index ")
	if !hasEntry || !hasIndex {
		return nil, 0, nil, errors.New("the proof lacks its entry or its index")
	}
	entry, err := base64.StdEncoding.DecodeString(extra)
	if err != nil {
		return nil, 0, nil, err
	}
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, 0, nil, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, 0, nil, err
		}
		proof = append(proof, hash)
	}
	return entry, index, proof, nil
}
