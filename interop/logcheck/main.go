// Logcheck judges a tile log with Go's golang.org/x/mod/sumdb/note and tlog, and nothing else.
//
// It exits with 0 and one line that begins with "ok" where all holds, and with 1 and the reason
// where something does not. A KEY is a file with one verifier key. For a witness, "logcheck request"
// makes the body of a C2SP tlog-witness request instead.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const usage = `usage:
  logcheck log KEY DIRECTORY               every tile, every entry, a sample of proofs
  logcheck consistent KEY DIRECTORY FILE   the log extends the checkpoint in FILE, or at its end
  logcheck proof KEY FILE                  the entry that a .tlog-proof carries is in the log
  logcheck cosigned KEY WITNESS_KEY FILE   log and witness signed the checkpoint in FILE
  logcheck request KEY DIRECTORY SIZE      what to send to a witness that knows SIZE entries`

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func run(args []string) (string, error) {
	if len(args) < 3 {
		return "", errors.New(usage)
	}
	command, args := args[0], args[1:]
	key, err := readKey(args[0], note.NewVerifier)
	if err != nil {
		return "", err
	}
	switch {
	case command == "log" && len(args) == 2:
		return checkLog(key, args[1])
	case command == "consistent" && len(args) == 3:
		return checkConsistent(key, args[1], args[2])
	case command == "proof" && len(args) == 2:
		return checkProofFile(key, args[1])
	case command == "cosigned" && len(args) == 3:
		return checkCosigned(key, args[1], args[2])
	case command == "request" && len(args) == 3:
		return witnessRequest(key, args[1], args[2])
	}
	return "", errors.New(usage)
}

func readKey(path string, parse func(string) (note.Verifier, error)) (note.Verifier, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parse(strings.TrimSpace(string(text)))
}

// checkConsistent proves, from the tiles in the directory, that the log there extends the signed
// checkpoint that the file is or, as a .tlog-proof does, ends with.
func checkConsistent(key note.Verifier, directory, path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if bytes.HasPrefix(content, []byte(proofHeader)) {
		_, content, _ = bytes.Cut(content, []byte("\n\n"))
	}
	old, err := openCheckpoint(content, key)
	if err != nil {
		return "", fmt.Errorf("the older checkpoint: %w", err)
	}
	now, err := readCheckpoint(directory, key)
	if err != nil {
		return "", err
	}
	if old.N > now.N {
		return "", fmt.Errorf("the log has shrunk from %d entries to %d", old.N, now.N)
	}
	tiles := tlog.TileHashReader(now, tileFiles(directory))
	proof, err := tlog.ProveTree(now.N, old.N, tiles)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckTree(proof, now.N, now.Hash, old.N, old.Hash); err != nil {
		return "", fmt.Errorf("the log of %d entries does not extend that of %d: %w", now.N, old.N, err)
	}
	return fmt.Sprintf("ok: the log of %d entries extends that of %d", now.N, old.N), nil
}

func checkCosigned(key note.Verifier, witnessPath, path string) (string, error) {
	witness, err := readKey(witnessPath, newCosigner)
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	tree, err := openCheckpoint(content, key, witness)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("ok: %s cosigned the log of %d entries", witness.Name(), tree.N), nil
}

// witnessRequest proves to a witness, from the tiles in the directory, that the log there extends
// the tree of which the witness knows the size.
func witnessRequest(key note.Verifier, directory, oldSize string) (string, error) {
	now, err := readCheckpoint(directory, key)
	if err != nil {
		return "", err
	}
	signed, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return "", err
	}
	old, err := strconv.ParseInt(oldSize, 10, 64)
	if err != nil || old < 0 || old > now.N {
		return "", fmt.Errorf("the log of %d entries does not extend one of %q", now.N, oldSize)
	}
	request := fmt.Sprintf("old %d\n", old)
	if old > 0 {
		proof, err := tlog.ProveTree(now.N, old, tlog.TileHashReader(now, tileFiles(directory)))
		if err != nil {
			return "", err
		}
		for _, hash := range proof {
			request += hash.String() + "\n"
		}
	}
	return request + "\n" + strings.TrimSuffix(string(signed), "\n"), nil
}
